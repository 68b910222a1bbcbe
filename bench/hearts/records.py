"""Real recordings as they lie in ../shared/data, with everything that is measured against: beats, rhythm, noise, labels."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import wfdb

from train.aami import AAMI
from train.recordings.reading import ALL_BEATS_N, LABELS, PACED, SYMBOLS, Recording
from train.recordings.rhythm import annotated_rhythm, flutter

DEVICE_FORMAT = "16+24 1000/mV"  # of cinc2017: a header of 24 bytes, then int16


@dataclass(frozen=True)
class Record(Recording):
    """A recording, and what only measuring needs.

    paced    whether there is a paced beat
    noisy    bool (seconds, leads), marked as noisy or unreadable
    missing  bool (seconds, leads), more than a tenth of the samples are (NaN)
    """

    paced: bool = False
    noisy: np.ndarray = field(default_factory=lambda: np.zeros((0, 0), bool))
    missing: np.ndarray = field(default_factory=lambda: np.zeros((0, 0), bool))


def read(folder: Path, names: Iterable[str] | None = None) -> Iterator[Record]:
    """The records of a folder one after another, those of `names` only; cinc2017 by its labels, others by their annotations."""
    chosen = None if names is None else set(names)
    labels = dict(line.split(",") for path in folder.glob("REFERENCE*.csv") for line in path.read_text().split())
    for header in sorted(folder.glob("*.hea")):
        if chosen is None or header.stem in chosen:
            yield _device_record(header, labels[header.stem]) if labels else _annotated_record(header.with_suffix(""))


def _device_record(header: Path, label: str) -> Record:
    """One of cinc2017; read without wfdb, which takes a minute for all."""
    first, second = header.read_text().splitlines()[:2]
    if DEVICE_FORMAT not in second:
        raise ValueError(f"{header}: expected the format {DEVICE_FORMAT}")
    signal = np.fromfile(header.with_suffix(".mat"), "<i2", offset=24).astype(np.float32) / 1000
    return _record(header.with_suffix(""), float(first.split()[2]), {"ECG": signal}, label=LABELS[label], has_beats=False)


def _annotated_record(path: Path) -> Record:
    record = wfdb.rdrecord(str(path))
    rate, missing = float(record.fs), ~np.isfinite(record.p_signal)
    gaps = np.stack([_per_second(column, rate) for column in missing.T], axis=1) > 0.1
    leads = {name: _filled(record.p_signal[:, i]) for i, name in enumerate(record.sig_name)}
    if not path.with_suffix(".atr").exists():
        return _record(path, rate, leads, noisy=gaps, missing=gaps, has_beats=False)
    annotation = wfdb.rdann(str(path), "atr")
    samples, symbols = np.asarray(annotation.sample), np.asarray(annotation.symbol)
    is_beat = np.isin(symbols, list(SYMBOLS)) & (samples < record.sig_len)
    marked = np.stack([_per_second(column, rate) for column in _noise(annotation, record.sig_len, len(leads)).T], axis=1) > 0
    classes = np.array([AAMI.index(SYMBOLS[one]) for one in symbols[is_beat]], np.int32)
    return _record(
        path,
        rate,
        leads,
        beats=samples[is_beat].astype(np.int64),
        classes=np.full_like(classes, -1) if path.parent.name == ALL_BEATS_N else classes,
        excluded=flutter(samples, symbols, record.sig_len),
        rhythm=annotated_rhythm(samples, symbols, annotation.aux_note, record.sig_len, record.fs),
        noisy=marked,
        missing=gaps,
        paced=PACED in annotation.symbol,
    )


def _record(path: Path, rate: float, leads: dict[str, np.ndarray], **more: object) -> Record:
    nothing = {"beats": np.zeros(0, np.int64), "classes": np.zeros(0, np.int32), "excluded": np.zeros((0, 2), np.int64)}
    told = {**nothing, **more}
    return Record(path.name, path.parent.name, path.name, rate, leads, digest="", **told)  # type: ignore[arg-type]  # of several types


def _per_second(values: np.ndarray, rate: float) -> np.ndarray:
    """The mean of every second, float (seconds,); the last may be shorter."""
    starts = (np.arange(int(np.ceil(len(values) / rate))) * rate).astype(int)
    return np.add.reduceat(values.astype(float), starts) / np.diff(np.r_[starts, len(values)])


def _filled(signal: np.ndarray) -> np.ndarray:
    known = np.flatnonzero(np.isfinite(signal))
    return np.interp(np.arange(len(signal)), known, signal[known]).astype(np.float32)


def _noise(annotation: wfdb.Annotation, samples: int, leads: int) -> np.ndarray:
    """Where each lead is marked noisy, bool (samples, leads): bits 0 to 3 noisy, 4 to 7 unreadable, all bits for -1."""
    noisy = np.zeros((samples, leads), bool)
    for at, mark, kind in zip(annotation.sample, annotation.symbol, annotation.subtype, strict=True):
        if mark == "~":
            bits = int(kind) & 0xFF
            noisy[at:] = [bool((bits | bits >> 4) >> lead & 1) for lead in range(leads)]
    return noisy
