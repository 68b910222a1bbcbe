"""Recordings with annotated beats, read from WFDB records."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import wfdb

from train.aami import AAMI
from train.errors import BadRecords

SYMBOLS = {
    **dict.fromkeys("NLRej", "N"),
    **dict.fromkeys("AaJS", "S"),
    **dict.fromkeys("VE", "V"),
    "F": "F",
    **dict.fromkeys("/fQ", "Q"),
}
PACED = "/"
FLUTTER = "[]"
ONE_PATIENT = {"202": "201"}  # of the MIT-BIH Arrhythmia Database, by its own documentation
USUAL_LEAD = "MLII"


@dataclass(frozen=True)
class Recording:
    """One recording of one patient.

    name              of the record
    origin            the folder or generator it comes from
    patient           whose it is
    sampling_rate_hz  of every lead
    leads             float32 (samples,) in mV, by name; the first is the one that is evaluated
    beats             int64 (beats,), index of the sample at which each beat is annotated
    classes           int32 (beats,), index into AAMI
    excluded          int64 (stretches, 2), first and last sample of ventricular flutter, in which no beats are annotated
    digest            SHA-256 of signals and annotations
    """

    name: str
    origin: str
    patient: str
    sampling_rate_hz: float
    leads: dict[str, np.ndarray]
    beats: np.ndarray
    classes: np.ndarray
    excluded: np.ndarray
    digest: str

    @property
    def seconds(self) -> float:
        """How long it is."""
        return len(next(iter(self.leads.values()))) / self.sampling_rate_hz


def read(folders: Sequence[Path], lead: str | None = None) -> list[Recording]:
    """Every WFDB record of the folders that has beats annotated, in a file .atr, and no paced beat (AAMI EC57 leaves those out).

    lead  the name of the lead to evaluate; where a record has it not, and without a name, MLII, else the first

    Raises BadRecords if there is none, or one cannot be read.
    """
    headers = [header for folder in folders for header in sorted(folder.glob("*.hea")) if header.with_suffix(".atr").exists()]
    if not headers:
        raise BadRecords(f"{', '.join(map(str, folders))}: expected WFDB records with annotations (.hea, .dat, .atr), found none")
    found = [_recording(header.with_suffix(""), lead) for header in headers]
    return [recording for recording in found if recording is not None]


def _recording(path: Path, lead: str | None) -> Recording | None:
    try:
        record, annotation = wfdb.rdrecord(str(path)), wfdb.rdann(str(path), "atr")
    except Exception as error:  # wfdb lets through whatever its parsing meets.
        raise BadRecords(f"{path}: expected a WFDB record with its signals and annotations ({error})") from error
    if PACED in annotation.symbol:
        return None
    leads = {name: _interpolated(record.p_signal[:, i], path, name) for i, name in _in_order(record.sig_name, lead)}
    samples, symbols = np.asarray(annotation.sample), np.asarray(annotation.symbol)
    is_beat = np.isin(symbols, list(SYMBOLS)) & (samples < record.sig_len)
    classes = np.array([AAMI.index(SYMBOLS[symbol]) for symbol in symbols[is_beat]], np.int32)
    beats = samples[is_beat].astype(np.int64)
    digest = hashlib.sha256(b"".join(x.tobytes() for x in (*leads.values(), beats, classes))).hexdigest()
    excluded = _flutter(samples, symbols, record.sig_len)
    return Recording(
        path.name,
        path.parent.name,
        ONE_PATIENT.get(path.name, path.name),
        float(record.fs),
        leads,
        beats,
        classes,
        excluded,
        digest,
    )


def _in_order(names: list[str], lead: str | None) -> list[tuple[int, str]]:
    """The leads of a record with their numbers, the one to evaluate first."""
    first = next((name for name in (lead, USUAL_LEAD) if name in names), names[0])
    return sorted(enumerate(names), key=lambda numbered: numbered[1] != first)


def _interpolated(signal: np.ndarray, path: Path, lead: str) -> np.ndarray:
    """Missing samples (NaN) interpolated linearly, float32; raises BadRecords if all are missing."""
    known = np.flatnonzero(np.isfinite(signal))
    if not len(known):
        raise BadRecords(f"{path}: expected numbers in the lead {lead}, found none")
    return np.interp(np.arange(len(signal)), known, signal[known]).astype(np.float32)


def _flutter(samples: np.ndarray, symbols: np.ndarray, end: int) -> np.ndarray:
    begins, ends = (samples[symbols == mark] for mark in FLUTTER)
    return np.array([(begin, min([*ends[ends >= begin], end])) for begin in begins], np.int64).reshape(-1, 2)
