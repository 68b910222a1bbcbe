"""Gaps (NaN) in a recording: short ones are interpolated, long ones split it into segments, which are unreadable between."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from server.models.annotator import READABLE, Annotation, Beats, concatenate_beats, rows_at, seconds_of

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
    is_known = np.isfinite(millivolts)
    if len(millivolts) and is_known.all():
        return [Segment(0, millivolts)], 0
    starts, ends = _recorded_runs(is_known)
    if not len(starts):
        return [], 0
    gaps = np.flatnonzero(starts[1:] - ends[:-1] > LONGEST_INTERPOLATED_S * sampling_rate_hz)
    starts, ends = starts[np.r_[0, gaps + 1]], ends[np.r_[gaps, len(ends) - 1]]
    whole = len(starts) == 1
    parts = [(s, e) for s, e in zip(starts, ends, strict=True) if whole or e - s >= SHORTEST_SEGMENT_S * sampling_rate_hz]
    interpolated = sum(int((~is_known[s:e]).sum()) for s, e in parts)
    return [Segment(int(s), _interpolated(millivolts[s:e], is_known[s:e])) for s, e in parts], interpolated


def _interpolated(millivolts: np.ndarray, is_known: np.ndarray) -> np.ndarray:
    """A segment without its short gaps, float32 (samples,); the same array where it has none."""
    missing = np.flatnonzero(~is_known)
    if not len(missing):
        return millivolts.astype(np.float32, copy=False)
    starts, ends = _recorded_runs(is_known)
    borders = np.unique(np.r_[starts, ends - 1])
    filled = millivolts.astype(np.float32)
    filled[missing] = np.interp(missing, borders, millivolts[borders])
    return filled


def _recorded_runs(is_known: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where each run of samples without a gap, bool (samples,), begins, and where it ends (exclusive)."""
    edges = np.flatnonzero(np.diff(is_known, prepend=False, append=False))
    return edges[::2], edges[1::2]


def join_segments(
    segments: Sequence[Segment], annotations: Sequence[Annotation], samples: int, sampling_rate_hz: float
) -> Annotation:
    """What is said of a whole recording, from what is said of each of its segments, counted from the segment's beginning.

    A second of which less than half lies in a segment is unreadable: readable is 0 there, as is every rhythm's
    probability, and there are no beats. A segment's own seconds count as those of the recording that are nearest.
    """
    beats = concatenate_beats([_later(one.beats, segment.start) for segment, one in zip(segments, annotations, strict=True)])
    if annotations[0].readable is None or annotations[0].rhythm_probabilities is None:
        return Annotation(beats, None, None)
    seconds = seconds_of(samples, sampling_rate_hz)
    readable = np.zeros(seconds, np.float32)
    rhythms = np.zeros((seconds, annotations[0].rhythm_probabilities.shape[1]), np.float32)
    for segment, one in zip(segments, annotations, strict=True):
        stop = segment.start + len(segment.millivolts)
        begin = math.floor(segment.start / sampling_rate_hz + 0.5)
        end = seconds if stop == samples else math.floor(stop / sampling_rate_hz + 0.5)
        for rows, own in ((readable, one.readable), (rhythms, one.rhythm_probabilities)):
            assert own is not None
            rows[begin:end] = rows_at(own, 0, end - begin)
    second = np.minimum(beats.sample / sampling_rate_hz, seconds - 1).astype(int)
    kept = readable[second] >= READABLE
    return Annotation(Beats(*(values[kept] for values in beats)), readable, rhythms)


def _later(beats: Beats, samples: int) -> Beats:
    return beats._replace(sample=beats.sample + np.int32(samples))
