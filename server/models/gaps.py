"""Where nothing was recorded: short gaps are bridged, long ones part the recording."""

from typing import NamedTuple

import numpy as np

BRIDGED_S = 0.2
LEAST_S = 2.0  # a shorter stretch between two gaps is not annotated


class Stretch(NamedTuple):
    """A part of a recording without gaps: from `start` on, float32 (samples,) in mV."""

    start: int
    millivolts: np.ndarray


def stretches(millivolts: np.ndarray, sampling_rate_hz: float) -> tuple[list[Stretch], int]:
    """The parts of a signal that can be annotated, and how many of its samples were bridged by a straight line."""
    known = np.flatnonzero(np.isfinite(millivolts))
    if not len(known):
        return [], 0
    filled = np.interp(np.arange(len(millivolts)), known, millivolts[known]).astype(np.float32)
    cuts = np.flatnonzero(np.diff(known) > BRIDGED_S * sampling_rate_hz + 1)
    starts, ends = known[np.r_[0, cuts + 1]], known[np.r_[cuts, len(known) - 1]] + 1
    whole = len(starts) == 1
    parts = [(s, e) for s, e in zip(starts, ends, strict=True) if whole or e - s >= LEAST_S * sampling_rate_hz]
    bridged = sum(int(np.isnan(millivolts[s:e]).sum()) for s, e in parts)
    return [Stretch(int(s), filled[s:e]) for s, e in parts], bridged
