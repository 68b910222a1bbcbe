"""One lead of a recording, whatever file it comes from, in millivolts."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import NamedTuple

import numpy as np

# Millivolts in one of each.
MILLIVOLTS = {"V": 1e3, "mV": 1.0, "µV": 1e-3, "nV": 1e-6}
_SPELLINGS = {
    **dict.fromkeys(("v", "volt", "volts"), "V"),
    **dict.fromkeys(("mv", "millivolt", "millivolts"), "mV"),
    **dict.fromkeys(("uv", "μv", "mcv", "microvolt", "microvolts"), "µV"),
    **dict.fromkeys(("nv", "nanovolt", "nanovolts"), "nV"),
}
_NOT_SAID = {"", "nu", "adu", "au", "none", "unknown", "unit", "units", "count", "counts", "lsb", "na", "n/a"}
LARGEST_MV = 1e6
LONGEST_S = 31 * 86400.0  # a gap that makes a recording longer is a mistaken time


class BadRecording(Exception):
    """The file cannot be annotated; the message names it and says what was expected, and nothing of what is in it."""


@dataclass(frozen=True)
class Signal:
    """One lead.

    name              of the recording: its file's without the ending
    lead              its name
    millivolts        float32 (samples,); nan where nothing was recorded
    sampling_rate_hz  as the file says, or as was told
    notes             what was unusual about the file, a few words each
    """

    name: str
    lead: str
    millivolts: np.ndarray
    sampling_rate_hz: float
    notes: tuple[str, ...] = ()


class Channel(NamedTuple):
    """A signal in a file: its name, empty where it has none, and its unit as it is spelled there."""

    name: str
    unit: str


class Samples(NamedTuple):
    """One signal in its own unit, as blocks one after the other, which are read as they are asked for.

    blocks            float64 (samples,) each, nan where nothing was recorded
    sampling_rate_hz  where the file says it
    notes             what was unusual
    """

    blocks: Iterable[np.ndarray]
    sampling_rate_hz: float | None
    notes: tuple[str, ...] = ()


class OpenRecording(NamedTuple):
    """A file whose header is read: the signals in it, and what reads one of them by its index."""

    channels: Sequence[Channel]
    read: Callable[[int], Samples]


def unit_of(text: str) -> str:
    """V, mV, µV or nV, however it is spelled; raises ValueError for anything else."""
    try:
        return _SPELLINGS[_plain(text)]
    except KeyError:
        raise ValueError("expected a unit of voltage: mV, uV, V or nV") from None


def is_voltage(unit: str) -> bool:
    """Whether it is V, mV, µV or nV, however it is spelled."""
    return _plain(unit) in _SPELLINGS


def is_unknown(unit: str) -> bool:
    """Whether it says nothing of what the numbers are: none, adu, nu …."""
    return _plain(unit) in _NOT_SAID


def _plain(unit: str) -> str:
    return unit.strip(" \t[](){}.\0\"'").replace(".", "").replace(" ", "").casefold()


def resolve_unit(path: Path, lead: str, unit: str, wanted: str | None) -> str:
    """V, mV, µV or nV: the file's own, or the one wanted where it says none; raises BadRecording."""
    told = unit_of(wanted) if wanted else None
    if is_voltage(unit):
        if told not in (None, unit_of(unit)):
            raise BadRecording(f"{path}: the lead {lead} is in {unit_of(unit)}, expected no --unit, or the same")
        return unit_of(unit)
    if told is None:
        found = f"has the unit {unit}, which is none of voltage" if _plain(unit) else "has no unit"
        raise BadRecording(f"{path}: the lead {lead} {found}: say --unit mV, uV, V or nV")
    return told


def resolve_sampling_rate(path: Path, own_hz: float | None, wanted_hz: float | None) -> float:
    """The file's own rate, or the one wanted where it says none; raises BadRecording."""
    if own_hz is None and wanted_hz is None:
        raise BadRecording(f"{path}: expected --sampling-rate HZ, for the file does not say it (a CSV may: a column time_s)")
    if own_hz is not None and not 0 < own_hz < inf:
        raise BadRecording(f"{path}: expected a sampling rate over 0 Hz, the file says another")
    if own_hz and wanted_hz and abs(own_hz - wanted_hz) > 0.01 * own_hz:
        raise BadRecording(f"{path}: has {own_hz:g} Hz, expected no --sampling-rate, or the same")
    return own_hz or wanted_hz or 0.0


def to_millivolts(path: Path, blocks: Iterable[np.ndarray], unit: str) -> np.ndarray:
    """The blocks in mV, float32 (samples,); raises BadRecording for what no ECG can be."""
    whole = bytearray()  # grows in place, where arrays would be held twice to be joined
    for block in blocks:
        millivolts = np.asarray(block, np.float64) * MILLIVOLTS[unit]
        if (np.abs(millivolts) > LARGEST_MV).any():  # NaN, a gap, is not
            raise BadRecording(f"{path}: expected numbers under 1e6 mV in size: are gain and unit right?")
        whole += millivolts.astype(np.float32).data
    return np.frombuffer(whole, np.float32)
