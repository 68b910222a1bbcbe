"""Gaps (NaN) in a recording: short ones are interpolated, long ones split it into segments."""

from typing import NamedTuple

import numpy as np

LONGEST_INTERPOLATED_S = 0.2
SHORTEST_SEGMENT_S = 2.0  # A shorter one between two gaps is not annotated.


class Segment(NamedTuple):
    """A part of a recording without gaps: from `start` on, float32 (samples,) in mV."""

    start: int
    millivolts: np.ndarray


def split_at_gaps(millivolts: np.ndarray, sampling_rate_hz: float) -> tuple[list[Segment], int]:
    """Split a signal at its long gaps, interpolate the short ones linearly.

    millivolts  float (samples,), NaN where nothing was recorded
    returns     the segments that can be annotated, and how many of their samples were interpolated
    """
    known = np.flatnonzero(np.isfinite(millivolts))
    if not len(known):
        return [], 0
    filled = np.interp(np.arange(len(millivolts)), known, millivolts[known]).astype(np.float32)
    gaps = np.flatnonzero(np.diff(known) > LONGEST_INTERPOLATED_S * sampling_rate_hz + 1)
    starts, ends = known[np.r_[0, gaps + 1]], known[np.r_[gaps, len(known) - 1]] + 1
    whole = len(starts) == 1
    parts = [(s, e) for s, e in zip(starts, ends, strict=True) if whole or e - s >= SHORTEST_SEGMENT_S * sampling_rate_hz]
    interpolated = sum(int(np.isnan(millivolts[s:e]).sum()) for s, e in parts)
    return [Segment(int(s), filled[s:e]) for s, e in parts], interpolated
