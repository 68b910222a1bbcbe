"""Gaps (NaN) in a recording: short ones are interpolated, long ones split it into segments, which are unreadable between."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from server.models.annotator import READABLE, Annotation, Beats, concatenate_beats, rows_at, seconds_of
from server.models.pieces import Signal, blocks

LONGEST_INTERPOLATED_S = 0.2
SHORTEST_SEGMENT_S = 2.0  # A shorter one between two gaps is not annotated.


class Segment(NamedTuple):
    """A part of a recording without gaps: from `start` on, float32 (samples,) in mV."""

    start: int
    millivolts: Signal


class Interpolated:
    """What lies from `start` to `stop` in a signal; its gaps are interpolated linearly where it is read."""

    def __init__(self, signal: Signal, start: int, stop: int, longest_gap: int) -> None:
        """`longest_gap` is how many samples a gap has at most; the first and the last sample are in none."""
        self._signal, self._start, self._stop, self._longest_gap = signal, start, stop, longest_gap

    def __len__(self) -> int:
        """How many samples it has."""
        return self._stop - self._start

    def __getitem__(self, part: slice, /) -> np.ndarray:
        """Some of them, float32 in mV."""
        first, last, _ = part.indices(len(self))
        begin, end = max(0, first - self._longest_gap), min(len(self), last + self._longest_gap)
        values = self._signal[self._start + begin : self._start + end].astype(np.float32, copy=False)
        missing = np.isnan(values)
        if missing.any():
            known, values = np.flatnonzero(~missing), values.copy()
            values[missing] = np.interp(np.flatnonzero(missing), known, values[known])
        return values[first - begin : max(first, last) - begin]


def split_at_gaps(signal: Signal, sampling_rate_hz: float) -> tuple[list[Segment], int]:
    """Split a signal at its long gaps, interpolate the short ones linearly; no copy is made of it.

    signal   float (samples,), mV, NaN where nothing was recorded
    returns  the segments that can be annotated, and how many of their samples are interpolated
    """
    longest = LONGEST_INTERPOLATED_S * sampling_rate_hz
    parts = _recorded_parts(signal, longest)
    if len(parts) > 1:
        parts = [(start, stop) for start, stop in parts if stop - start >= SHORTEST_SEGMENT_S * sampling_rate_hz]
    interpolated = sum(int(np.isnan(values).sum()) for part in parts for _, values in blocks(signal, *part))
    return [Segment(start, Interpolated(signal, start, stop, math.ceil(longest))) for start, stop in parts], interpolated


def _recorded_parts(signal: Signal, longest_gap: float) -> list[tuple[int, int]]:
    """Where each part begins and ends (exclusive) that has no gap of more samples than `longest_gap`."""
    parts: list[tuple[int, int]] = []
    for first, values in blocks(signal):
        edges = first + np.flatnonzero(np.diff(np.isfinite(values), prepend=False, append=False))
        if len(edges):
            start, stop = parts.pop() if parts else (edges[0], edges[1])
            starts, stops = np.r_[start, edges[::2]], np.r_[stop, edges[1::2]]
            long = np.flatnonzero(starts[1:] - stops[:-1] > longest_gap)
            parts += zip(starts[np.r_[0, long + 1]].tolist(), stops[np.r_[long, len(stops) - 1]].tolist(), strict=True)
    return parts


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
