"""The report of a recording, from its annotation."""

from collections.abc import Sequence

import numpy as np

from server.models import rhythm
from server.models.annotator import Annotation
from server.models.report.ectopy import ectopy
from server.models.report.heart_rate import eights, heart_rate, trend
from server.models.report.heart_rate_variability import variability
from server.models.report.hours import by_hour, hours_of
from server.models.report.intervals import Intervals, beats_of_class, intervals
from server.models.report.strips import strips
from server.models.report.structure import AtrialFibrillation, Pause, Pauses, Report, Stretch
from server.models.rhythm import AF, Episode

MOST_PAUSES = 10


def report(
    annotation: Annotation, episodes: Sequence[Episode], sampling_rate: float, classes: Sequence[str], duration_s: float
) -> Report:
    """The numbers of a recording and the strips to look at.

    episodes       its rhythms, as `rhythm.episodes` gives them
    sampling_rate  Hz
    classes        names of the classes, in the order of the annotation's
    """
    beats, found = annotation.beats, intervals(annotation, episodes, sampling_rate, classes)
    averaged, hours = eights(found), hours_of(duration_s)
    readable_s, unreadable = _readable(annotation, duration_s)
    af = None if readable_s is None else _atrial_fibrillation(episodes, readable_s)
    ectopic = [beats_of_class(annotation, classes, name) for name in ("S", "V")]
    counts = np.bincount(beats.predicted_class, minlength=len(classes)).tolist()
    numbers = Report(
        duration_s=round(duration_s, 4),
        readable_s=readable_s,
        readable_share=None if readable_s is None else round(readable_s / duration_s, 6),
        unreadable=unreadable,
        beats=dict(zip(classes, counts, strict=True)),
        heart_rate=heart_rate(found, averaged, 0, duration_s),
        trend=trend(averaged, duration_s),
        hours=by_hour(hours, found, averaged, ectopic, unreadable, af),
        supraventricular=ectopy(ectopic[0], found, hours, duration_s if readable_s is None else readable_s),
        ventricular=ectopy(ectopic[1], found, hours, duration_s if readable_s is None else readable_s),
        pauses=_pauses(found),
        af=af,
        variability=variability(found),
        rr_ms=_milliseconds(found.rr_s, found.measurable),
        nn_ms=_milliseconds(found.rr_s, found.nn),
        strips=[],
    )
    numbers.strips = strips(numbers, beats, sampling_rate)
    return numbers


def _readable(annotation: Annotation, duration_s: float) -> tuple[float | None, list[Stretch] | None]:
    """How many seconds are readable, and which are not; not known of a file of schema 1."""
    if annotation.readable is None:
        return None, None
    unreadable = [Stretch(start, round(end, 4)) for start, end in rhythm.unreadable(annotation.readable, duration_s)]
    return round(rhythm.readable_s(annotation.readable, duration_s), 4), unreadable


def _atrial_fibrillation(episodes: Sequence[Episode], readable_s: float) -> AtrialFibrillation:
    duration_s = round(rhythm.af_s(episodes), 4)
    found = [Stretch(one.start_s, round(one.end_s, 4)) for one in episodes if one.rhythm == AF]
    share = round(duration_s / readable_s, 6) if readable_s else None
    return AtrialFibrillation(duration_s, share, found, max(found, key=lambda one: one.end_s - one.start_s, default=None))


def _pauses(found: Intervals) -> Pauses | None:
    """None without an interval that can be measured."""
    if not found.measurable.any():
        return None
    [first] = np.nonzero(found.is_pause)
    longest = first[np.argsort(-found.rr_s[first], kind="stable")[:MOST_PAUSES]]
    bounds = zip(*(values[longest].tolist() for values in (found.time_s[:-1], found.time_s[1:], found.rr_s)), strict=True)
    return Pauses(len(first), [Pause(*(round(seconds, 4) for seconds in one)) for one in bounds])


def _milliseconds(rr_s: np.ndarray, counted: np.ndarray) -> list[int | None]:
    milliseconds = np.rint(1000 * rr_s).astype(int).tolist()
    return [rr if known else None for rr, known in zip(milliseconds, counted.tolist(), strict=True)]
