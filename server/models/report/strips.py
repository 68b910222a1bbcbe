"""Which parts of a recording to look at: where its report's extremes are, and where the model is least sure."""

from collections.abc import Iterator

import numpy as np

from server.models.annotator import Beats
from server.models.report.structure import AtrialFibrillation, EctopicRun, Ectopy, HeartRate, Report, Strip, StripKind

STRIP_S = 10
MOST_ONSETS = 100  # of AF: those of the longest episodes
MOST_LEAST_SURE = 4

Places = Iterator[tuple[StripKind, float]]


def strips(numbers: Report, beats: Beats, sampling_rate: float) -> list[Strip]:
    """Of STRIP_S each, with what they show in their middle unless an end of the recording is too near."""
    latest_s = max(0.0, numbers.duration_s - STRIP_S)
    found = []
    for kind, at_s in _places(numbers, beats, sampling_rate):
        start_s = min(max(0.0, at_s - STRIP_S / 2), latest_s)
        end_s = min(start_s + STRIP_S, numbers.duration_s)
        found.append(Strip(kind, round(start_s, 4), round(end_s, 4), at_s))
    return found


def _places(numbers: Report, beats: Beats, sampling_rate: float) -> Places:
    """What to look at, and where it is or begins, s."""
    yield from _of_heart_rate(numbers.heart_rate)
    for pause in numbers.pauses.longest[:1] if numbers.pauses else ():
        yield "longest pause", round((pause.start_s + pause.end_s) / 2, 4)
    for run in _longest(numbers.supraventricular):
        yield "longest S run", run.start_s
    for run in _longest(numbers.ventricular):
        yield "longest V run", run.start_s
    yield from (("AF onset", at_s) for at_s in _onsets(numbers.af))
    yield from (("least sure", at_s) for at_s in _least_sure(beats, sampling_rate))


def _of_heart_rate(rate: HeartRate | None) -> Places:
    """The eight intervals of the highest and of the lowest rate."""
    if rate and rate.highest_at_s is not None and rate.lowest_at_s is not None:
        yield "fastest", rate.highest_at_s
        yield "slowest", rate.lowest_at_s


def _longest(ectopy: Ectopy | None) -> list[EctopicRun]:
    """The longest run, where there is one."""
    return [ectopy.longest_run] if ectopy and ectopy.longest_run else []


def _onsets(af: AtrialFibrillation | None) -> list[float]:
    """Where episodes begin, of at most MOST_ONSETS."""
    longest = sorted(af.episodes if af else (), key=lambda one: one.start_s - one.end_s)[:MOST_ONSETS]
    return sorted(one.start_s for one in longest)


def _least_sure(beats: Beats, sampling_rate: float) -> list[float]:
    """Where the beats of the lowest probability are, at most MOST_LEAST_SURE, each STRIP_S or more from the others."""
    chosen: list[float] = []
    for at_s in (beats.sample[np.argsort(beats.probability, kind="stable")] / sampling_rate).tolist():
        if all(abs(at_s - other_s) >= STRIP_S for other_s in chosen):
            chosen.append(round(at_s, 4))
        if len(chosen) == MOST_LEAST_SURE:
            break
    return sorted(chosen)
