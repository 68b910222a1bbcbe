"""What is said of the seconds of a recording: episodes of rhythm and unreadable stretches, one after the other."""

from collections.abc import Sequence
from operator import attrgetter
from typing import NamedTuple

from server.models.annotator import Annotation
from server.models.rhythm import episodes, unreadable

UNREADABLE = "unreadable"
LONG_S = 120.0  # from here on lengths are told in minutes


class Stretch(NamedTuple):
    """An episode of a rhythm, or what is UNREADABLE; that has no probability."""

    start_s: float
    end_s: float
    rhythm: str
    probability: float | None


def stretches(annotation: Annotation, rhythms: Sequence[str], duration_s: float) -> list[Stretch]:
    """Those of a recording, in their order; none of a file of schema 1."""
    rhythm = [Stretch(*episode) for episode in episodes(annotation, rhythms, duration_s)]
    noise = [Stretch(start, end, UNREADABLE, None) for start, end in unreadable(annotation.readable, duration_s)]
    return sorted(rhythm + noise, key=attrgetter("start_s"))


def lengths(found: Sequence[Stretch]) -> str:
    """How long each rhythm lasts in all, and how much is unreadable: `4.5 min N, 25 s AF, 3 s unreadable`."""
    seconds = total_s(found)
    seconds |= {UNREADABLE: seconds.pop(UNREADABLE)} if UNREADABLE in seconds else {}  # it comes last
    return ", ".join(f"{_length(length_s)} {name}" for name, length_s in seconds.items())


def total_s(found: Sequence[Stretch]) -> dict[str, float]:
    """How many seconds of each rhythm there are, and of what is unreadable."""
    seconds: dict[str, float] = {}
    for one in found:
        seconds[one.rhythm] = seconds.get(one.rhythm, 0.0) + one.end_s - one.start_s
    return seconds


def _length(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < LONG_S else f"{seconds / 60:.1f} min"
