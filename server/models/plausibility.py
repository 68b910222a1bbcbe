"""Plausibility of a recording and its annotation: warnings about a wrong gain, unit or class, and about what is unreadable."""

import math
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from server.models.annotator import Annotation, Beats
from server.models.pieces import Signal, blocks
from server.models.rhythm import readable_s

LOWEST_MV, HIGHEST_MV = 0.05, 20.0
SPREAD_PERCENT = (0.5, 99.5)  # artefacts of a few samples do not count as amplitude
WITHOUT_BEATS_S = 10.0
UNREADABLE_SHARE = 0.2  # of the seconds that were recorded
PREMATURE = "S"
BLOCK_WINDOWS = 4096
REGULAR_BEATS, REGULAR_SPREAD = 10, 0.1  # so many beats whose RR intervals differ by no more than this share of their median


def warnings(signal: Signal, sampling_rate_hz: float, annotation: Annotation, classes: Sequence[str]) -> list[str]:
    """One sentence for each thing that is unusual.

    That is an amplitude, no beat in ten seconds, a fifth or more that is unreadable, a regular rhythm called premature.

    signal      float32 (samples,), mV, NaN where nothing was recorded
    annotation  what was said of it
    classes     the names of its beats' classes
    """
    beats = annotation.beats
    known, spread_mv = _spread(signal)
    if not known:
        return []
    recorded_s, found = known / sampling_rate_hz, []
    if not LOWEST_MV <= spread_mv <= HIGHEST_MV:
        found.append(f"an amplitude of {_format_amplitude(spread_mv)} is unusual for an ECG: are gain and unit right?")
    if not len(beats.sample) and known >= WITHOUT_BEATS_S * sampling_rate_hz:
        found.append(f"no beat was found in {recorded_s:.0f} s")
    if annotation.readable is not None:
        unreadable_s = recorded_s - readable_s(annotation.readable, len(signal) / sampling_rate_hz)
        if unreadable_s >= UNREADABLE_SHARE * recorded_s:
            found.append(f"{unreadable_s:.0f} of {recorded_s:.0f} s cannot be read: noise, or no contact of an electrode?")
    return found + _regular_but_premature(beats, sampling_rate_hz, classes)


def _spread(signal: Signal) -> tuple[int, float]:
    """How many samples were recorded, and the distance in mV of their percentiles SPREAD_PERCENT, by linear interpolation.

    The samples are neither copied nor sorted, but counted: by the upper half of their bits, then by the lower.
    """
    upper = _counts(bits >> 16 for bits in _ordered_bits(signal))
    known = int(upper.sum())
    ranked = [percent / 100 * (known - 1) for percent in SPREAD_PERCENT]
    if not known:
        return 0, 0.0
    ranks = sorted({rank for at in ranked for rank in (math.floor(at), math.ceil(at))})
    low, high = np.interp(ranked, ranks, _at_ranks(signal, upper, ranks))
    return known, float(high - low)


def _at_ranks(signal: Signal, upper: np.ndarray, ranks: Sequence[int]) -> list[float]:
    """The samples of these ranks in ascending order, mV; `upper` counts all by the upper half of their bits."""
    up_to = np.cumsum(upper)
    halves = np.searchsorted(up_to, ranks, side="right").tolist()
    lower = {half: _counts(bits[bits >> 16 == half] & 65_535 for bits in _ordered_bits(signal)) for half in set(halves)}
    before = [rank - int(up_to[half] - upper[half]) for rank, half in zip(ranks, halves, strict=True)]
    found = [int(np.searchsorted(np.cumsum(lower[half]), rank, side="right")) for rank, half in zip(before, halves, strict=True)]
    bits = np.array([half << 16 | rest for half, rest in zip(halves, found, strict=True)], np.uint32)
    return np.where(bits >> 31, bits & np.uint32(0x7FFFFFFF), ~bits).view(np.float32).tolist()


def _counts(halves: Iterable[np.ndarray]) -> np.ndarray:
    """How often each number of 16 bits is there, int (65536,)."""
    return sum((np.bincount(numbers, minlength=65_536) for numbers in halves), np.zeros(65_536, int))


def _ordered_bits(signal: Signal) -> Iterator[np.ndarray]:
    """The bits of what was recorded, uint32 in the order of the numbers they stand for, a block at a time."""
    for _, values in blocks(signal):
        bits = values[np.isfinite(values)].astype(np.float32, copy=False).view(np.uint32)
        yield np.where(bits >> 31, ~bits, bits | np.uint32(1 << 31))


def _regular_but_premature(beats: Beats, sampling_rate_hz: float, classes: Sequence[str]) -> list[str]:
    """S means premature, which no beat of a regular rhythm is: there the model cannot tell N and S apart."""
    if PREMATURE not in classes or len(beats.sample) < REGULAR_BEATS:
        return []
    intervals = sliding_window_view(np.diff(beats.sample), REGULAR_BEATS - 1)
    starts = range(0, len(intervals), BLOCK_WINDOWS)  # A median copies all that it is of, several times.
    medians = np.concatenate([np.median(intervals[start : start + BLOCK_WINDOWS], axis=1) for start in starts])
    premature = sliding_window_view(beats.predicted_class == classes.index(PREMATURE), REGULAR_BEATS).all(axis=1)
    regular = premature & (np.ptp(intervals, axis=1) <= REGULAR_SPREAD * medians)
    if not regular.any():
        return []
    rate = 60 * sampling_rate_hz / float(np.median(medians[regular]))
    return [f"beats in a regular rhythm of {rate:.0f} a minute are called S: N and S cannot be told apart there"]


def _format_amplitude(mv: float) -> str:
    return f"{mv:.3g} mV" if mv >= 1 else f"{1000 * mv:.3g} µV"
