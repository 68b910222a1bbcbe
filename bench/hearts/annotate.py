"""Whatever annotates a recording, behind one function: signal in mV and sampling rate in, the outputs of the graph out."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from server.models.onnx_session import create_session
from train.recordings.ec57_scoring.confusion import CLASSES
from train.recordings.ec57_scoring.durations import named_rhythm
from train.recordings.rhythm import RHYTHMS

Annotate = Callable[[np.ndarray, float], Mapping[str, np.ndarray]]


class Found(NamedTuple):
    """What is said of a recording.

    sample         int (beats,), index of each R peak
    probabilities  float32 (beats, classes)
    named          int (beats,), index into CLASSES
    rhythm         float32 (seconds, rhythms); nan where nothing is said of the rhythm
    readable       float32 (seconds,)
    """

    sample: np.ndarray
    probabilities: np.ndarray
    named: np.ndarray
    rhythm: np.ndarray
    readable: np.ndarray

    @property
    def second(self) -> np.ndarray:
        """The rhythm of every second, int (seconds,), see `named_rhythm`."""
        return named_rhythm(self.rhythm, self.readable)


def found_by(annotate: Annotate, signal: np.ndarray, rate: float) -> Found:
    """What `annotate` says; of a file of schema 1 that everything is readable, and nothing of the rhythm."""
    outputs = {name: np.asarray(value) for name, value in annotate(np.ascontiguousarray(signal, np.float32), float(rate)).items()}
    seconds = int(np.ceil(len(signal) / rate))
    return Found(
        outputs["sample"].astype(int),
        outputs["probabilities"].reshape(-1, len(CLASSES)),
        outputs["predicted_class"].astype(int),
        outputs.get("rhythm_probabilities", np.full((seconds, len(RHYTHMS)), np.nan, np.float32)),
        outputs.get("readable", np.ones(seconds, np.float32)),
    )


def onnx_annotator(path: Path) -> Annotate:
    """The artifact in a file, on one thread, each recording in one run."""
    session = create_session(path.read_bytes())
    names = [output.name for output in session.get_outputs()]

    def annotate(signal: np.ndarray, rate: float) -> dict[str, np.ndarray]:
        fed = {"signal": signal, "sampling_rate": np.array([rate], np.float32)}
        return dict(zip(names, session.run(names, fed), strict=True))

    return annotate
