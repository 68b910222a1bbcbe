"""Ectopic beats of one class: how many, and their couplets, runs, bigeminy and trigeminy."""

from collections.abc import Sequence

import numpy as np

from server.models.report.hours import count_by_hour
from server.models.report.intervals import Intervals
from server.models.report.structure import EctopicRun, Ectopy, Pattern, Stretch

COUPLET, SHORTEST_RUN = 2, 3  # beats
LEAST_CYCLES = 3  # of bigeminy and trigeminy


def ectopy(is_ectopic: np.ndarray | None, intervals: Intervals, hours: Sequence[Stretch], readable_s: float) -> Ectopy | None:
    """Of the class whose beats `is_ectopic`, bool (beats,), marks; None without it, or without a beat.

    hours       of the recording
    readable_s  how much of it is readable
    """
    if is_ectopic is None or not len(is_ectopic):
        return None
    beats, of_hour = int(is_ectopic.sum()), count_by_hour(intervals.time_s[is_ectopic], hours)
    fullest = of_hour.index(max(of_hour))
    first, last = _sequences(is_ectopic, intervals.measurable)
    length = last - first + 1
    runs = _runs(first[length >= SHORTEST_RUN], last[length >= SHORTEST_RUN], intervals.time_s)
    return Ectopy(
        beats=beats,
        share=round(beats / len(is_ectopic), 6),
        per_hour=round(3600 * beats / readable_s, 2) if readable_s else None,
        highest_hour=hours[fullest] if beats else None,
        highest_hour_beats=of_hour[fullest] if beats else None,
        isolated=int((length == 1).sum()),
        couplets=int((length == COUPLET).sum()),
        runs=len(runs),
        run_beats=sum(run.beats for run in runs),
        longest_run=max(runs, key=lambda run: run.beats, default=None),
        fastest_run=max(runs, key=lambda run: run.rate_bpm, default=None),
        bigeminy=_pattern(is_ectopic, intervals, 2),
        trigeminy=_pattern(is_ectopic, intervals, 3),
    )


def _sequences(is_ectopic: np.ndarray, measurable: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Index of the first and of the last beat of each sequence of consecutive ectopic beats."""
    joined = is_ectopic[:-1] & is_ectopic[1:] & measurable
    first = is_ectopic & ~np.concatenate([[False], joined])
    last = is_ectopic & ~np.concatenate([joined, [False]])
    return np.flatnonzero(first), np.flatnonzero(last)


def _runs(first: np.ndarray, last: np.ndarray, time_s: np.ndarray) -> list[EctopicRun]:
    bounds = zip(time_s[first].tolist(), time_s[last].tolist(), (last - first + 1).tolist(), strict=True)
    return [EctopicRun(round(a, 4), round(b, 4), beats, round(60 * (beats - 1) / (b - a), 1)) for a, b, beats in bounds]


def _pattern(is_ectopic: np.ndarray, intervals: Intervals, period: int) -> Pattern:
    """LEAST_CYCLES cycles or more on end, each of them `period` consecutive beats of which the last alone is of the class."""
    linked = np.concatenate([[False], intervals.measurable])  # to the beat before
    ends_cycle = is_ectopic.copy()
    for before in range(1, period):
        ends_cycle &= _earlier(~is_ectopic, before) & _earlier(linked, before - 1)
    [end] = np.nonzero(ends_cycle)
    [begun] = np.nonzero(~(_earlier(ends_cycle, period) & _earlier(linked, period - 1))[end])
    cycles = np.diff(begun, append=len(end))
    begun, cycles = begun[cycles >= LEAST_CYCLES], cycles[cycles >= LEAST_CYCLES]
    start_s = intervals.time_s[end[begun] - period + 1]
    end_s = intervals.time_s[end[begun + cycles - 1]]
    bounds = [Stretch(round(start, 4), round(end, 4)) for start, end in zip(start_s.tolist(), end_s.tolist(), strict=True)]
    longest = bounds[cycles.argmax()] if bounds else None
    return Pattern(len(cycles), period * int(cycles.sum()), round(float((end_s - start_s).sum()), 4), longest)


def _earlier(values: np.ndarray, beats: int) -> np.ndarray:
    """What is so of the beat so many before each, bool (beats,); false of none."""
    return np.concatenate([np.zeros(beats, bool), values])[: len(values)]
