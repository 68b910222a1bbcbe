"""What is said of drawn recordings, without a network."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from drawing import BEATS_PER_MINUTE, FIRST_R_S, ecg

from predict.recordings.outputs.stretches import stretches
from predict.recordings.report.findings import Findings
from predict.recordings.signal import Signal
from server.models.annotator import Annotation, Annotator, Beats
from server.models.contract import AnnotationContract

RATE_HZ = 100.0


@pytest.fixture(scope="session")
def contract(beats: Path) -> AnnotationContract:
    """Of the committed file: classes N, S, V, F and rhythms N, AF, O, VF."""
    return Annotator.load(beats).contract


@pytest.fixture
def findings(contract) -> Callable[..., Findings]:
    """What is said of a drawn ECG of so many seconds: each fifth beat V, in atrial fibrillation from a third to two thirds."""

    def say(seconds: float = 60.0, name: str = "ecg", lead: str = "II", warnings: tuple[str, ...] = ()) -> Findings:
        sample = np.round(np.arange(FIRST_R_S, seconds - 0.1, 60 / BEATS_PER_MINUTE) * RATE_HZ).astype(np.int32)
        predicted = np.where(np.arange(len(sample)) % 5 == 4, 2, 0).astype(np.int32)
        probabilities = np.eye(4, dtype=np.float32)[predicted]
        fibrillates = np.abs(np.arange(np.ceil(seconds)) / seconds - 0.5) < 1 / 6
        rhythm = np.eye(4, dtype=np.float32)[fibrillates.astype(int)]
        beats = Beats(sample, predicted, probabilities.max(axis=1), probabilities)
        annotation = Annotation(beats, np.ones(len(rhythm), np.float32), rhythm)
        signal = Signal(name, lead, np.resize(ecg(RATE_HZ, 40.0).astype(np.float32), round(seconds * RATE_HZ)), RATE_HZ)
        return Findings(signal, annotation, stretches(annotation, contract.rhythms, seconds), contract, warnings)

    return say


@pytest.fixture
def unreadable(contract) -> Findings:
    """What is said of a minute of nothing but noise."""
    none = Beats(np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0, np.float32), np.zeros((0, 4), np.float32))
    annotation = Annotation(none, np.zeros(60, np.float32), np.full((60, 4), 0.25, np.float32))
    noise = np.random.default_rng(0).normal(size=6000).astype(np.float32)
    found = stretches(annotation, contract.rhythms, 60.0)
    return Findings(Signal("ecg", "II", noise, RATE_HZ), annotation, found, contract, ("no beat was found in 60 s",))
