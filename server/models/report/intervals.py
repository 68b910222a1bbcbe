"""RR intervals: which of them can be measured, and which are NN intervals."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from server.models.annotator import Annotation
from server.models.rhythm import AF, Episode, readable_between

NORMAL = "N"
FIBRILLATION = "VF"  # Its waves are no beats: what lies between beats on its two sides is no interval.
SHORTEST_PAUSE_S = 2.0


class Intervals(NamedTuple):
    """The beats of a recording and the intervals between each and the next.

    time_s      float64 (beats,), of each R peak
    rr_s        float64 (beats - 1,)
    measurable  bool (beats - 1,), whether nothing unreadable and no ventricular fibrillation lies between the two
    nn          bool (beats - 1,), whether it is measurable, between two beats of class N, and not in atrial fibrillation
    """

    time_s: np.ndarray
    rr_s: np.ndarray
    measurable: np.ndarray
    nn: np.ndarray

    @property
    def is_pause(self) -> np.ndarray:
        """Whether each interval is measurable and of SHORTEST_PAUSE_S or more."""
        long: np.ndarray = self.measurable & (self.rr_s >= SHORTEST_PAUSE_S)
        return long


def intervals(annotation: Annotation, episodes: Sequence[Episode], sampling_rate: float, classes: Sequence[str]) -> Intervals:
    """The intervals of a recording at so many Hz; `classes` are the names of its beats' classes, in order."""
    time_s = annotation.beats.sample / sampling_rate
    measurable = readable_between(annotation.beats, sampling_rate, annotation.readable)
    measurable &= ~_touch(time_s, (one for one in episodes if one.rhythm == FIBRILLATION))
    normal = beats_of_class(annotation, classes, NORMAL)
    if normal is None:
        normal = np.zeros(len(time_s), bool)
    nn = measurable & normal[1:] & normal[:-1] & ~_touch(time_s, (one for one in episodes if one.rhythm == AF))
    return Intervals(time_s, np.diff(annotation.beats.sample) / sampling_rate, measurable, nn)


def beats_of_class(annotation: Annotation, classes: Sequence[str], name: str) -> np.ndarray | None:
    """Whether each beat is of the class of that name, bool (beats,); None if the model knows none."""
    if name not in classes:
        return None
    of_class: np.ndarray = annotation.beats.predicted_class == classes.index(name)
    return of_class


def _touch(time_s: np.ndarray, episodes: Iterable[Episode]) -> np.ndarray:
    """Whether each interval between consecutive times has a part in one of the episodes, bool (times - 1,)."""
    bounds = np.array([(one.start_s, one.end_s) for one in episodes], float).reshape(-1, 2)
    begun = np.searchsorted(bounds[:, 0], time_s[1:], "left")
    touched: np.ndarray = begun > np.searchsorted(bounds[:, 1], time_s[:-1], "right")
    return touched
