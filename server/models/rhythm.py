"""The rhythm of a recording: episodes and unreadable stretches from what is said of its seconds, and numbers that sum them up."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from server.models.annotator import READABLE, Annotation, Beats

AF = "AF"
SHORTEST_S, SHORTEST_AF_S = 2.0, 10.0
SMOOTHED_S = 5  # Probabilities are averaged over so many seconds, half of them before and half after.
LEAD = 0.2  # Hysteresis: a rhythm goes on until another is more probable by so much.


class Episode(NamedTuple):
    """A stretch of one rhythm; `probability` is the rhythm's mean over it."""

    start_s: float
    end_s: float
    rhythm: str
    probability: float


class Run(NamedTuple):
    """Consecutive seconds, from row `start` to row `end`, of the rhythm with this index."""

    start: int
    end: int
    rhythm: int


def episodes(annotation: Annotation, rhythms: Sequence[str], duration_s: float) -> list[Episode]:
    """The rhythms of a recording in order, none where it is unreadable, and none of a file of schema 1.

    An episode that would be shorter than SHORTEST_S (of AF: SHORTEST_AF_S) is given to the more probable of its
    neighbours; if it has none, since both its ends are unreadable or the recording's, nothing is said there.
    """
    if annotation.readable is None or annotation.rhythm_probabilities is None:
        return []
    probabilities = annotation.rhythm_probabilities
    found = []
    for start, end in _runs(annotation.readable >= READABLE):
        for run in _lengthened(_with_hysteresis(probabilities, start, end), probabilities, rhythms, duration_s):
            mean = float(probabilities[run.start : run.end, run.rhythm].mean(dtype=float))
            found.append(Episode(float(run.start), min(float(run.end), duration_s), rhythms[run.rhythm], mean))
    return found


def unreadable(readable: np.ndarray | None, duration_s: float) -> list[tuple[float, float]]:
    """Where each unreadable stretch begins and ends, s; `readable` is float32 (seconds,), None of a file of schema 1."""
    if readable is None:
        return []
    return [(float(start), min(float(end), duration_s)) for start, end in _runs(readable < READABLE)]


def readable_s(readable: np.ndarray, duration_s: float) -> float:
    """How many seconds of a recording are readable; `readable` is float32 (seconds,)."""
    return duration_s - sum(end - start for start, end in unreadable(readable, duration_s))


def af_s(found: Sequence[Episode]) -> float:
    """How many seconds the episodes of atrial fibrillation and flutter last."""
    return sum((episode.end_s - episode.start_s for episode in found if episode.rhythm == AF), 0.0)


def median_heart_rate(beats: Beats, sampling_rate: float, readable: np.ndarray | None) -> float | None:
    """Beats a minute by the median RR interval, of those intervals that lie in readable seconds; None if there is none.

    sampling_rate  Hz
    readable       float32 (seconds,), None of a file of schema 1: all are
    """
    interval_s = (np.diff(beats.sample) / sampling_rate)[readable_between(beats, sampling_rate, readable)]
    return 60 / float(np.median(interval_s)) if len(interval_s) else None


def readable_between(beats: Beats, sampling_rate: float, readable: np.ndarray | None) -> np.ndarray:
    """Whether a beat, the next one and all between them lie in readable seconds, bool (beats - 1,), none of no beat.

    sampling_rate  Hz
    readable       float32 (seconds,), None of a file of schema 1: all are
    """
    if readable is None or not len(beats.sample):
        return np.ones(max(0, len(beats.sample) - 1), bool)
    second = np.minimum(beats.sample / sampling_rate, len(readable) - 1).astype(int)
    before = np.concatenate([[0], np.cumsum(readable < READABLE)])  # unreadable seconds before each second
    between: np.ndarray = before[second[1:] + 1] == before[second[:-1]]
    return between


def _runs(is_so: np.ndarray) -> list[tuple[int, int]]:
    """Where each run of true values, bool (seconds,), begins and ends (exclusive)."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], is_so, [False]]).astype(np.int8)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def _with_hysteresis(probabilities: np.ndarray, start: int, end: int) -> list[Run]:
    """The rhythms of the readable seconds from `start` to `end`."""
    smoothed = _smoothed(probabilities[start:end])
    found, since, now = [], start, int(np.argmax(smoothed[0]))
    for second, values in enumerate(smoothed, start):
        row = values.tolist()
        best = max(range(len(row)), key=row.__getitem__)
        if row[best] > row[now] + LEAD:
            found.append(Run(since, second, now))
            since, now = second, best
    return [*(run for run in found if run.end > run.start), Run(since, end, now)]


def _smoothed(rows: np.ndarray) -> np.ndarray:
    """The mean of each row and those up to SMOOTHED_S // 2 before and after it, of as many as there are."""
    half = SMOOTHED_S // 2
    total = np.concatenate([np.zeros((1, rows.shape[1])), np.cumsum(rows, axis=0, dtype=float)])
    first = np.maximum(np.arange(len(rows)) - half, 0)
    last = np.minimum(np.arange(len(rows)) + half + 1, len(rows))
    return (total[last] - total[first]) / (last - first)[:, None]


def _lengthened(runs: list[Run], probabilities: np.ndarray, rhythms: Sequence[str], duration_s: float) -> list[Run]:
    """The runs of one readable stretch without those that are too short, the shortest of which are given away first."""
    least_s = [SHORTEST_AF_S if name == AF else SHORTEST_S for name in rhythms]
    for limit_s in range(1, 1 + int(SHORTEST_AF_S)):
        longer: list[Run] = []
        for run, following in zip(runs, [*runs[1:], None], strict=True):
            run = _joined(longer, run)
            neighbours = {one.rhythm for one in (*longer[-1:], following) if one} - {run.rhythm}
            if neighbours and min(run.end, duration_s) - run.start < min(least_s[run.rhythm], limit_s + 0.5):
                mean = probabilities[run.start : run.end].mean(axis=0)
                run = _joined(longer, run._replace(rhythm=max(neighbours, key=mean.__getitem__)))
            longer.append(run)
        runs = longer
    return [run for run in runs if min(run.end, duration_s) - run.start >= least_s[run.rhythm]]


def _joined(runs: list[Run], run: Run) -> Run:
    """The run, together with the last of `runs`, which is taken away, if that has the same rhythm."""
    return run._replace(start=runs.pop().start) if runs and runs[-1].rhythm == run.rhythm else run
