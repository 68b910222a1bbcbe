"""Beats beside the recording: WFDB annotations, CSV and a picture, put into place once all three are written."""

import os
import re
import shutil
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import wfdb

from predict.recordings.signal import Signal
from predict.recordings.strip_plot import drawn
from server.models.annotator import Beats
from server.models.contract import AnnotationContract

ANNOTATOR = "ecg"  # the ending of a WFDB annotation file: wfdb.rdann(NAME, "ecg")
ENDINGS = (ANNOTATOR, "csv", "png")
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_-]+")  # of WFDB records


def name_of(path: Path) -> str:
    """The name of a recording's answers, which WFDB would take for a record's."""
    return _NOT_IN_NAMES.sub("-", path.name.removesuffix(".gz").rpartition(".")[0]) or "recording"


def is_done(path: Path, lead: str | None, version: str, folder: Path) -> bool:
    """Whether all answers are there, younger than the recording, and of this lead and model."""
    answers = [folder / f"{name_of(path)}.{ending}" for ending in ENDINGS]
    if not all(answer.exists() and answer.stat().st_mtime_ns > path.stat().st_mtime_ns for answer in answers):
        return False
    told = wfdb.rdann(str(answers[0].with_suffix("")), ANNOTATOR).aux_note[0].rstrip("\0")
    return told == _origin(lead, version) if lead else told.endswith(_origin("", version))


def _origin(lead: str, version: str) -> str:
    """What the first annotation says of all."""
    return f"{lead}, ecg {version}"


def write(signal: Signal, beats: Beats, contract: AnnotationContract, path: Path, folder: Path) -> None:
    """The answers for the recording in the file `path`, into `folder`."""
    classes, name = contract.classes, name_of(path)
    draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=folder))
    try:
        names = np.array(classes)[beats.predicted_class]
        # A WFDB annotation file holds at least one annotation: where there is no beat, a note.
        samples, symbols = (beats.sample.astype(int), list(names)) if len(names) else (np.array([0]), ['"'])
        notes = [_origin(signal.lead, contract.version), *[""] * (len(samples) - 1)]
        told = {"aux_note": notes, "fs": signal.sampling_rate_hz, "write_dir": str(draft)}
        wfdb.wrann(name, ANNOTATOR, samples, symbols, **told)
        table(signal, beats, classes).to_csv(draft / f"{name}.csv", index=False, float_format="%.6g")
        drawn(signal, beats, classes).savefig(draft / f"{name}.png", dpi=100)
        for ending in ENDINGS:
            os.replace(draft / f"{name}.{ending}", folder / f"{name}.{ending}")
    finally:
        shutil.rmtree(draft)


def table(signal: Signal, beats: Beats, classes: tuple[str, ...]) -> pd.DataFrame:
    """A row a beat."""
    columns = {
        "sample": beats.sample,
        "time_s": np.round(beats.sample / signal.sampling_rate_hz, 4),
        "predicted_class": beats.predicted_class,
        "class": np.array(classes)[beats.predicted_class],
        "probability": beats.probability,
    }
    return pd.DataFrame(columns | {f"probability_{name}": beats.probabilities[:, i] for i, name in enumerate(classes)})
