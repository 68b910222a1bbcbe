"""Recordings with annotated beats or rhythm, read from WFDB records as the databases of PhysioNet lie in their folders."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import wfdb

from train.aami import AAMI
from train.errors import BadRecords
from train.recordings.rhythm import RHYTHMS, UNKNOWN, annotated_rhythm, flutter

SYMBOLS = {
    **dict.fromkeys("NLRej", "N"),
    **dict.fromkeys("AaJS", "S"),
    **dict.fromkeys("VE", "V"),
    "F": "F",
    **dict.fromkeys("/fQ", "Q"),
}
PACED = "/"
ONE_PATIENT = {"202": "201"}  # of the MIT-BIH Arrhythmia Database, by its own documentation
ALL_IN_AF = "aftdb"  # the AF Termination Challenge Database: its beats were found by a program, and all of it is in AF
ALL_BEATS_N = "cudb"  # the CU Ventricular Tachyarrhythmia Database: its beats are all annotated N, whatever they are
USUAL_LEAD = "MLII"
NOISE = "noise"  # how the names of channels begin that hold nothing else
LABELS = {"N": "N", "A": "AF", "O": "O", "~": "~"}  # of the PhysioNet/CinC Challenge 2017
NO_BEATS = np.zeros(0, np.int64)


@dataclass(frozen=True)
class Recording:
    """One recording of one patient.

    name              of the record
    origin            the folder or generator it comes from
    patient           whose it is
    sampling_rate_hz  of every lead
    leads             float32 (samples,) in mV, by name; the first is the one that is evaluated
    beats             int64 (beats,), index of the sample at which each beat is annotated
    classes           int32 (beats,), index into AAMI; -1 where a beat is annotated without a class
    excluded          int64 (stretches, 2), first and last sample of ventricular flutter, in which no beats are annotated
    digest            SHA-256 of signals and annotations
    rhythm            int8 (seconds,), of each second as annotated, index into RHYTHMS; -1, or none at all, where it is not said
    label             "N", "AF", "O" or "~" (too noisy to tell) of a recording of which only that is known; else None
    has_beats         whether its beats are annotated; without it `beats` and `classes` are empty and mean nothing
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
    rhythm: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int8))
    label: str | None = None
    has_beats: bool = True

    @property
    def seconds(self) -> float:
        """How long it is."""
        return len(next(iter(self.leads.values()))) / self.sampling_rate_hz


def read(folders: Sequence[Path], lead: str | None = None) -> list[Recording]:
    """Every annotated WFDB record of the folders that has no paced beat (AAMI EC57 leaves those out).

    A folder holds records with beats and rhythm in files .atr, or recordings of which one rhythm is known each: labelled in a
    REFERENCE*.csv as those of the PhysioNet/CinC Challenge 2017 are, or all in AF as those of aftdb.

    lead  the name of the lead to evaluate; where a record has it not, and without a name, MLII, else the first

    Raises BadRecords if there is none, or one cannot be read.
    """
    found = [recording for folder in folders for recording in _of_folder(folder, lead)]
    if not found:
        raise BadRecords(f"{', '.join(map(str, folders))}: expected WFDB records with annotations (.hea, .dat, .atr), found none")
    return found


def _of_folder(folder: Path, lead: str | None) -> Iterator[Recording]:
    labels = _labels(folder)
    for header in sorted(folder.glob("*.hea")):
        label = "AF" if folder.name == ALL_IN_AF else labels.get(header.stem)
        if label:
            yield _labelled(header.with_suffix(""), label, lead)
        elif header.with_suffix(".atr").exists() and (recording := _annotated(header.with_suffix(""), lead)):
            yield recording


def read_noise(folders: Sequence[Path]) -> list[tuple[float, np.ndarray]]:
    """The records of the folders that hold noise alone, as those of the MIT-BIH Noise Stress Test Database: rate and signal.

    float32 (samples,) in mV, one for every channel, without the second half, on which it is measured what noise does; empty
    where there are none. Raises BadRecords if one cannot be read.
    """
    records = [header.with_suffix("") for folder in folders for header in sorted(folder.glob("*.hea"))]
    found = [_record(path) for path in records if not path.with_suffix(".atr").exists() and _is_noise(path)]
    return [
        (float(record.fs), channel[: len(channel) // 2].astype(np.float32)) for record in found for channel in record.p_signal.T
    ]


def _is_noise(path: Path) -> bool:
    lines = path.with_suffix(".hea").read_text(errors="replace").splitlines()
    signals = [line for line in lines[1:] if not line.startswith("#")]
    return bool(signals) and all(line.split()[-1].startswith(NOISE) for line in signals if line.strip())


def _labels(folder: Path) -> dict[str, str]:
    """The labels of a folder's recordings by name; of several tables the last in order of their names, which is the newest."""
    tables = sorted(folder.glob("REFERENCE*.csv"))
    if not tables:
        return {}
    table = pd.read_csv(tables[-1], header=None, names=["name", "label"], dtype=str, keep_default_na=False)
    unknown = set(table.label) - set(LABELS)
    if unknown:
        raise BadRecords(f"{tables[-1]}: expected the labels {', '.join(LABELS)}, found {', '.join(sorted(unknown))}")
    return {name: LABELS[label] for name, label in zip(table.name, table.label, strict=True)}


def _labelled(path: Path, label: str, lead: str | None) -> Recording:
    """A recording of which only the rhythm is known."""
    record = _record(path)
    seconds = int(-(-record.sig_len // record.fs))
    rhythm = np.full(seconds, RHYTHMS.index(label) if label in RHYTHMS else UNKNOWN, np.int8)
    return _recording(path, record, lead, NO_BEATS, NO_BEATS.astype(np.int32), NO_BEATS.reshape(0, 2), rhythm, label)


def _record(path: Path) -> wfdb.Record:
    try:
        return wfdb.rdrecord(str(path))
    except Exception as error:  # wfdb lets through whatever its parsing meets.
        raise BadRecords(f"{path}: expected a WFDB record with its signals ({error})") from error


def _annotated(path: Path, lead: str | None) -> Recording | None:
    try:
        record, annotation = wfdb.rdrecord(str(path)), wfdb.rdann(str(path), "atr")
    except Exception as error:
        raise BadRecords(f"{path}: expected a WFDB record with its signals and annotations ({error})") from error
    if PACED in annotation.symbol:
        return None
    samples, symbols = np.asarray(annotation.sample), np.asarray(annotation.symbol)
    is_beat = np.isin(symbols, list(SYMBOLS)) & (samples < record.sig_len)
    classes = np.array([AAMI.index(SYMBOLS[symbol]) for symbol in symbols[is_beat]], np.int32)
    if path.parent.name == ALL_BEATS_N:
        classes[:] = -1
    rhythm = annotated_rhythm(samples, symbols, annotation.aux_note, record.sig_len, record.fs)
    beats, excluded = samples[is_beat].astype(np.int64), flutter(samples, symbols, record.sig_len)
    return _recording(path, record, lead, beats, classes, excluded, rhythm, None)


def _recording(
    path: Path,
    record: wfdb.Record,
    lead: str | None,
    beats: np.ndarray,
    classes: np.ndarray,
    excluded: np.ndarray,
    rhythm: np.ndarray,
    label: str | None,
) -> Recording:
    leads = {name: _interpolated(record.p_signal[:, i], path, name) for i, name in _in_order(record.sig_name, lead)}
    said = (beats, classes, rhythm) if label is None else (rhythm,)
    return Recording(
        name=path.name,
        origin=path.parent.name,
        patient=ONE_PATIENT.get(path.name, path.name),
        sampling_rate_hz=float(record.fs),
        leads=leads,
        beats=beats,
        classes=classes,
        excluded=excluded,
        digest=hashlib.sha256(b"".join(x.tobytes() for x in (*leads.values(), *said))).hexdigest(),
        rhythm=rhythm,
        label=label,
        has_beats=label is None,
    )


def _in_order(names: list[str], lead: str | None) -> list[tuple[int, str]]:
    """The leads of a record with their numbers, the one to evaluate first; of leads with one name the others are numbered."""
    names = [name if name not in names[:i] else f"{name} {i + 1}" for i, name in enumerate(names)]
    first = next((name for name in (lead, USUAL_LEAD) if name in names), names[0])
    return sorted(enumerate(names), key=lambda numbered: numbered[1] != first)


def _interpolated(signal: np.ndarray, path: Path, lead: str) -> np.ndarray:
    """Missing samples (NaN) interpolated linearly, float32; raises BadRecords if all are missing."""
    known = np.flatnonzero(np.isfinite(signal))
    if not len(known):
        raise BadRecords(f"{path}: expected numbers in the lead {lead}, found none")
    return np.interp(np.arange(len(signal)), known, signal[known]).astype(np.float32)
