"""Recordings drawn as letters, and their reports."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from server.models import rhythm
from server.models.annotator import Annotation, Beats
from server.models.report.report import report
from server.models.report.structure import Report

RATE_HZ = 250
CLASSES = ("N", "S", "V", "F")
RHYTHMS = {"N": "N", "A": "AF", "O": "O", "V": "VF"}


@pytest.fixture(scope="session")
def reported() -> Callable[..., Report]:
    """The report of beats, a letter each, so many seconds apart, and of seconds, a letter each: `~` is unreadable.

    Beats in unreadable seconds are left out, as the annotator leaves them out. Without seconds, all are in rhythm N.
    """

    def made(beats: str, rr_s: float | Sequence[float] = 0.8, seconds: str = "", probability: float = 0.9) -> Report:
        time_s = 0.5 + np.cumsum([0, *np.broadcast_to(rr_s, len(beats) - 1)]) if beats else np.zeros(0)
        seconds = seconds or "N" * int(np.ceil(max(time_s, default=9) + 1))
        readable = np.array([letter != "~" for letter in seconds], np.float32)
        rows = np.array([[0.91 if letter == one else 0.03 for one in RHYTHMS] for letter in seconds], np.float32)
        kept = readable[time_s.astype(int)] > 0
        sample = np.round(time_s * RATE_HZ).astype(np.int32)[kept]
        named = np.array([CLASSES.index(letter) for letter in beats], np.int32)[kept]
        sure = np.full(len(sample), probability, np.float32)
        annotation = Annotation(Beats(sample, named, sure, np.eye(4, dtype=np.float32)[named]), readable, rows)
        episodes = rhythm.episodes(annotation, tuple(RHYTHMS.values()), len(seconds))
        return report(annotation, episodes, RATE_HZ, CLASSES, float(len(seconds)))

    return made
