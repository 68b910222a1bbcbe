"""What each hour of a recording holds."""

import math
from collections.abc import Sequence

import numpy as np

from server.models.report.heart_rate import Eights, heart_rate
from server.models.report.intervals import Intervals
from server.models.report.structure import AtrialFibrillation, Hour, Stretch

HOUR_S = 3600


def hours_of(duration_s: float) -> list[Stretch]:
    """From the beginning of a recording; the last one may be shorter."""
    starts = (float(HOUR_S * number) for number in range(math.ceil(duration_s / HOUR_S)))
    return [Stretch(start_s, round(min(start_s + HOUR_S, duration_s), 4)) for start_s in starts]


def count_by_hour(time_s: np.ndarray, hours: Sequence[Stretch]) -> list[int]:
    """How many of the times lie in each."""
    counts: list[int] = np.bincount((time_s // HOUR_S).astype(int), minlength=len(hours)).tolist()
    return counts


def by_hour(
    hours: Sequence[Stretch],
    intervals: Intervals,
    averaged: Eights,
    ectopic: Sequence[np.ndarray | None],
    unreadable: Sequence[Stretch] | None,
    af: AtrialFibrillation | None,
) -> list[Hour]:
    """Each hour with its numbers; `ectopic` marks the beats, bool (beats,), of class S and of class V."""
    s_beats, v_beats = (None if marked is None else count_by_hour(intervals.time_s[marked], hours) for marked in ectopic)
    beats = count_by_hour(intervals.time_s, hours)
    pauses = count_by_hour(intervals.time_s[:-1][intervals.is_pause], hours)
    return [
        Hour(
            *(hour.start_s, hour.end_s),
            readable_s=None if unreadable is None else round(hour.end_s - hour.start_s - _within(unreadable, hour), 4),
            beats=beats[i],
            heart_rate=heart_rate(intervals, averaged, hour.start_s, hour.end_s),
            s_beats=None if s_beats is None else s_beats[i],
            v_beats=None if v_beats is None else v_beats[i],
            pauses=pauses[i],
            af_s=None if af is None else round(_within(af.episodes, hour), 4),
        )
        for i, hour in enumerate(hours)
    ]


def _within(stretches: Sequence[Stretch], hour: Stretch) -> float:
    """How much of the hour the stretches cover, s."""
    return sum(max(0.0, min(one.end_s, hour.end_s) - max(one.start_s, hour.start_s)) for one in stretches)
