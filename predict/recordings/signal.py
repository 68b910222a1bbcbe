"""One lead of a recording, whatever file it comes from."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

# Millivolts in one of each; what else a file may call a unit is refused, for a guess would be off by a thousand.
MILLIVOLTS = {"V": 1e3, "mV": 1.0, "uV": 1e-3, "µV": 1e-3, "μV": 1e-3, "nV": 1e-6}
KINDS = (".hea", ".edf", ".bdf", ".dcm")


class BadRecording(Exception):
    """The file cannot be annotated; the message names it and says what was expected, and nothing of what is in it."""


@dataclass(frozen=True)
class Signal:
    """One lead.

    name              of the recording: its file's without the ending
    lead              its name
    millivolts        float32 (samples,); nan where nothing was recorded
    sampling_rate_hz  as the file says
    """

    name: str
    lead: str
    millivolts: np.ndarray
    sampling_rate_hz: float


def is_recording(path: Path) -> bool:
    """Whether a file can be nothing else."""
    return path.suffix.lower() in KINDS


def chosen(path: Path, leads: Sequence[str], wanted: str | None) -> str:
    """The lead to read: the one wanted, or the only one there is; raises BadRecording where it is not clear."""
    named = f"{path}: expected --lead NAME, one of {', '.join(leads)}"
    if not leads:
        raise BadRecording(f"{path}: expected a lead in V, mV, µV or nV, found none")
    if wanted is None and len(leads) > 1:
        raise BadRecording(named)
    if wanted is not None and wanted not in leads:
        raise BadRecording(f"{named}; there is no {wanted}")
    return wanted or leads[0]


def millivolts(values: np.ndarray, unit: str, path: Path) -> np.ndarray:
    """The values in mV, float32; raises BadRecording for a unit that is none of voltage."""
    if unit not in MILLIVOLTS:
        raise BadRecording(f"{path}: expected a lead in V, mV, µV or nV, not in {unit or 'a unit that is not said'}")
    return (np.asarray(values, np.float64) * MILLIVOLTS[unit]).astype(np.float32)
