"""Heart rate over eight intervals: its mean and extremes, and its trend."""

import math
from typing import NamedTuple

import numpy as np

from server.models.report.intervals import Intervals
from server.models.report.structure import HeartRate, Trend

AVERAGED = 8  # intervals
MOST_STEPS = 1440  # of a trend: a minute each in a day
SHORTEST_STEP_S = 5


class Eights(NamedTuple):
    """Each AVERAGED consecutive measurable intervals, in order.

    start_s   float64 (eights,), their first R peak
    length_s  float64 (eights,), from it to the last
    """

    start_s: np.ndarray
    length_s: np.ndarray

    @property
    def bpm(self) -> np.ndarray:
        """Their rates, beats a minute."""
        return 60 * AVERAGED / self.length_s


def eights(intervals: Intervals) -> Eights:
    """Those of a recording."""
    measurable = np.concatenate([[0], np.cumsum(intervals.measurable)])
    [first] = np.nonzero(measurable[AVERAGED:] - measurable[:-AVERAGED] == AVERAGED)
    return Eights(intervals.time_s[first], intervals.time_s[first + AVERAGED] - intervals.time_s[first])


def heart_rate(intervals: Intervals, averaged: Eights, start_s: float, end_s: float) -> HeartRate | None:
    """Of what begins from `start_s` up to `end_s`; None without a measurable interval."""
    own = (intervals.time_s[:-1] >= start_s) & (intervals.time_s[:-1] < end_s) & intervals.measurable
    if not own.any():
        return None
    mean = round(60 / float(intervals.rr_s[own].mean()), 1)
    within = (averaged.start_s >= start_s) & (averaged.start_s < end_s)
    some = Eights(averaged.start_s[within], averaged.length_s[within])
    if not len(some.start_s):
        return HeartRate(mean, None, None, None, None)
    extremes = int(some.bpm.argmin()), int(some.bpm.argmax())
    rates = (round(float(some.bpm[i]), 1) for i in extremes)
    return HeartRate(mean, *rates, *(round(float(some.start_s[i] + some.length_s[i] / 2), 4) for i in extremes))


def trend(averaged: Eights, duration_s: float) -> Trend:
    """The rates step by step."""
    step_s = SHORTEST_STEP_S * max(1, math.ceil(duration_s / MOST_STEPS / SHORTEST_STEP_S))
    steps = math.ceil(duration_s / step_s)
    step = np.minimum(averaged.start_s // step_s, steps - 1).astype(int)
    lowest, highest, mean = np.full(steps, np.inf), np.full(steps, -np.inf), np.full(steps, np.inf)
    np.minimum.at(lowest, step, averaged.bpm)
    np.maximum.at(highest, step, averaged.bpm)
    count, length_s = np.bincount(step, minlength=steps), np.bincount(step, averaged.length_s, steps)
    np.divide(60 * AVERAGED * count, length_s, out=mean, where=count > 0)
    return Trend(float(step_s), *(_or_none(values) for values in (mean, lowest, highest)))


def _or_none(values: np.ndarray) -> list[float | None]:
    return [round(value, 1) if math.isfinite(value) else None for value in values.tolist()]
