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
    missing = np.flatnonzero(~np.isfinite(millivolts))
    if len(millivolts) and not len(missing):
        return [Segment(0, millivolts)], 0
    starts, ends = _recorded_runs(millivolts)
    if not len(starts):
        return [], 0
    borders = np.unique(np.r_[starts, ends - 1])
    filled = millivolts.astype(np.float32)
    filled[missing] = np.interp(missing, borders, millivolts[borders])
    gaps = np.flatnonzero(starts[1:] - ends[:-1] > LONGEST_INTERPOLATED_S * sampling_rate_hz)
    starts, ends = starts[np.r_[0, gaps + 1]], ends[np.r_[gaps, len(ends) - 1]]
    whole = len(starts) == 1
    parts = [(s, e) for s, e in zip(starts, ends, strict=True) if whole or e - s >= SHORTEST_SEGMENT_S * sampling_rate_hz]
    interpolated = sum(int(np.isnan(millivolts[s:e]).sum()) for s, e in parts)
    return [Segment(int(s), filled[s:e]) for s, e in parts], interpolated


def _recorded_runs(millivolts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where each run of samples without a gap begins, and where it ends (exclusive)."""
    is_known = np.r_[False, np.isfinite(millivolts), False]
    edges = np.flatnonzero(is_known[1:] != is_known[:-1])
    return edges[::2], edges[1::2]
