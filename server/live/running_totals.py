"""The summary of a signal that comes bit by bit, in memory that does not grow with its length."""

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np

from server.api.annotations import DIGITS, Summary
from server.models import rhythm
from server.models.annotator import READABLE, Annotation, Beats

LONGEST_INTERVAL_S = 10.0  # Longer RR intervals count as this one: a median does not mind.
KEPT_S = 1200  # Where an episode of rhythm begins and ends depends on the seconds around it: so many are kept.
NONE = np.zeros(0, np.int32)
NO_BEATS = Beats(NONE, NONE, NONE.astype(np.float32), np.zeros((0, 0), np.float32))


class RunningTotals:
    """What `/annotate` sums up of a recording, from what becomes final of a stream, part by part in its order.

    Where more than KEPT_S are kept, they are counted up to the middle of their longest episode, and forgotten.
    """

    def __init__(self, classes: Sequence[str], rhythms: Sequence[str], sampling_rate: float) -> None:
        self._classes, self._rhythms, self._sampling_rate = classes, rhythms, sampling_rate
        self._counts = np.zeros(len(classes), np.int64)
        self._intervals = Counter[int]()  # RR intervals in samples
        self._last_sample, self._last_unreadable = -math.inf, 0
        self._unreadable = 0  # seconds so far
        self._readable = np.zeros(0, np.float32)
        self._probabilities = np.zeros((0, len(rhythms)), np.float32)
        self._readable_s = self._af_s = self._counted_s = 0.0

    def add(self, second: int, final: Annotation) -> None:
        """Count the beats and the seconds of the next part, which begins at this second."""
        self._counts += np.bincount(final.beats.predicted_class, minlength=len(self._counts))
        self._add_intervals(second, final)
        if final.readable is not None and final.rhythm_probabilities is not None:
            self._readable = np.concatenate([self._readable, final.readable])
            self._probabilities = np.concatenate([self._probabilities, final.rhythm_probabilities])
        if len(self._readable) > KEPT_S:
            self._count_seconds(self._longest_episode_middle())

    def summary(self, duration_s: float) -> Summary:
        """The summary of all that was added, of a signal that has lasted so long."""
        median = self._median_interval()
        summary = Summary(
            heart_rate_bpm=None if median is None else round(60 * self._sampling_rate / median, 1),
            counts=dict(zip(self._classes, self._counts.tolist(), strict=True)),
            duration_s=round(duration_s, DIGITS),
        )
        if self._rhythms:
            self._count_seconds(len(self._readable), duration_s - self._counted_s)
            summary.readable_s, summary.af_s = round(self._readable_s, DIGITS), round(self._af_s, DIGITS)
        return summary

    def _add_intervals(self, second: int, final: Annotation) -> None:
        """Count the RR intervals between which no second is unreadable."""
        is_unreadable = np.zeros(1, bool) if final.readable is None else final.readable < READABLE
        before = self._unreadable + np.concatenate([[0], np.cumsum(is_unreadable)])
        self._unreadable = int(before[-1])
        sample = final.beats.sample
        if not len(sample):
            return
        row = np.clip((sample / self._sampling_rate).astype(int) - second, 0, len(is_unreadable) - 1)
        interval = np.diff(sample, prepend=self._last_sample)
        known = before[row + 1] == np.concatenate([[self._last_unreadable], before[row[:-1]]])
        longest = LONGEST_INTERVAL_S * self._sampling_rate
        self._intervals.update(np.minimum(interval[known & np.isfinite(interval)], longest).astype(int).tolist())
        self._last_sample, self._last_unreadable = float(sample[-1]), int(before[row[-1]])

    def _median_interval(self) -> float | None:
        count = self._intervals.total()
        if not count:
            return None
        lengths = sorted(self._intervals)
        until = np.cumsum([self._intervals[length] for length in lengths])
        middle = np.searchsorted(until, [(count - 1) // 2, count // 2], side="right")
        return float(np.mean([lengths[at] for at in middle]))

    def _longest_episode_middle(self) -> int:
        found = rhythm.episodes(self._kept(len(self._readable)), self._rhythms, len(self._readable))
        longest = max(found, key=lambda one: one.end_s - one.start_s, default=None)
        return int(longest.start_s + longest.end_s) // 2 if longest else len(self._readable)

    def _kept(self, rows: int) -> Annotation:
        return Annotation(NO_BEATS, self._readable[:rows], self._probabilities[:rows])

    def _count_seconds(self, rows: int, duration_s: float | None = None) -> None:
        """Count what is readable and what is AF of the first rows, and forget them."""
        lasted_s = float(rows) if duration_s is None else duration_s
        self._readable_s += rhythm.readable_s(self._readable[:rows], min(lasted_s, rows))
        self._af_s += rhythm.af_s(rhythm.episodes(self._kept(rows), self._rhythms, lasted_s))
        self._counted_s += rows
        self._readable, self._probabilities = self._readable[rows:], self._probabilities[rows:]
