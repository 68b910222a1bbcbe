"""The rhythm of each second of a recording, from PhysioNet's annotations of rhythm changes and of ventricular flutter.

N is sinus rhythm or otherwise regular, AF atrial fibrillation or flutter, VF ventricular fibrillation or flutter, O any other.
"""

from collections.abc import Sequence

import numpy as np

RHYTHMS = ("N", "AF", "O", "VF")
N, AF, OTHER, VF = range(len(RHYTHMS))
UNKNOWN = -1
CODES = {"(N": N, "(SBR": N, "(AFIB": AF, "(AFL": AF, "(AF": AF, "(VFL": VF, "(VF": VF}  # every other one is OTHER
FLUTTER = "[]"


def annotated_rhythm(
    samples: np.ndarray, symbols: np.ndarray, notes: Sequence[str], length: int, sampling_rate: float
) -> np.ndarray:
    """The rhythm in the middle of each second, int8 (seconds,), index into RHYTHMS; UNKNOWN before the first change.

    samples, symbols, notes  the annotations, in order; `notes` are those of rhythm changes, symbol `+`
    length                   of the recording, in samples
    """
    middle = (np.arange(-(-length // sampling_rate)) + 0.5) * sampling_rate
    rhythm = np.full(len(middle), UNKNOWN, np.int8)
    changes = [(at, note.strip("\x00")) for at, symbol, note in zip(samples, symbols, notes, strict=True) if symbol == "+"]
    for at, code in changes:
        if code.startswith("("):
            rhythm[middle >= at] = CODES.get(code, OTHER)
    for begin, end in flutter(samples, symbols, length):
        rhythm[(middle >= begin) & (middle <= end)] = VF
    return rhythm


def flutter(samples: np.ndarray, symbols: np.ndarray, end: int) -> np.ndarray:
    """First and last sample of each stretch of ventricular flutter or fibrillation, int64 (stretches, 2)."""
    begins, ends = (samples[symbols == mark] for mark in FLUTTER)
    return np.array([(begin, min([*ends[ends >= begin], end])) for begin in begins], np.int64).reshape(-1, 2)
