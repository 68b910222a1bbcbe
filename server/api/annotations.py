"""The annotation of a recording as JSON: beats, rhythm, unreadable stretches, summary, warnings."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Any

import msgspec
import numpy as np
from msgspec import UNSET, Meta, UnsetType

from server.api.predictions import encode
from server.api.recording import Recording
from server.errors import WrongShape
from server.models import rhythm
from server.models.annotator import Annotation, Beats
from server.models.report.structure import Report
from server.models.rhythm import Episode

SLICE_BEATS = 512
REPORT_FORMAT = "json"
DIGITS = 4  # of seconds and mean probabilities


class Beat(msgspec.Struct, gc=False):
    """One beat of the answer."""

    sample: Annotated[int, Meta(description="index of the R peak into the signal")]
    time_s: float
    predicted_class: int
    class_: str = msgspec.field(name="class")
    probability: float


class RhythmEpisode(msgspec.Struct, gc=False):
    """A stretch of one rhythm."""

    start_s: float
    end_s: float
    rhythm: str
    probability: Annotated[float, Meta(description="mean over the episode")]


class Unreadable(msgspec.Struct, gc=False):
    """A stretch in which beats cannot be found and named."""

    start_s: float
    end_s: float


class Summary(msgspec.Struct):
    """The recording as a whole; what a model of schema 1 does not say is absent."""

    heart_rate_bpm: Annotated[float | None, Meta(description="by the median RR interval of what is readable, or null")]
    counts: dict[str, int]
    duration_s: float
    readable_s: float | UnsetType = UNSET
    af_s: Annotated[float | UnsetType, Meta(description="in episodes of atrial fibrillation or flutter")] = UNSET


class Annotations(msgspec.Struct, omit_defaults=True):
    """The whole answer; `rhythm` and `unreadable` are absent of a model of schema 1."""

    beats: list[Beat]
    summary: Summary
    rhythm: list[RhythmEpisode] | UnsetType = UNSET
    unreadable: list[Unreadable] | UnsetType = UNSET
    report: Annotated[Report | UnsetType, Meta(description="where the query is `report=json`")] = UNSET
    warnings: Annotated[list[str], Meta(description="what is unusual about the recording; absent if nothing is")] = []


def wants_report(query: str | None) -> bool:
    """Whether the value of the query's `report` asks for it; raises WrongShape for any but REPORT_FORMAT."""
    if query not in (None, REPORT_FORMAT):
        raise WrongShape(f"expected the query report={REPORT_FORMAT}, or none")
    return query is not None


def encode_annotations(beats: Beats, sampling_rate: float, classes: tuple[str, ...], rest: bytes) -> Iterator[bytes]:
    """The JSON of `Annotations` in pieces, up to SLICE_BEATS beats at a time; `rest` is what stands behind them."""
    yield b'{"beats":['
    yield from _items(_beats(beats, first, sampling_rate, classes) for first in range(0, len(beats.sample), SLICE_BEATS))
    yield rest


def encode_rest(
    found: Annotation,
    episodes: Sequence[Episode],
    recording: Recording,
    classes: tuple[str, ...],
    warnings: Sequence[str],
    report: Report | None = None,
) -> bytes:
    """The JSON behind the beats: rhythm, unreadable stretches, summary, report, warnings."""
    parts = []
    if found.readable is not None:
        unreadable = rhythm.unreadable(found.readable, recording.duration_s)
        parts += [b'],"rhythm":[', *_items([_episode(one) for one in some] for some in _slices(episodes))]
        stretches = ([Unreadable(start, round(end, DIGITS)) for start, end in some] for some in _slices(unreadable))
        parts += [b'],"unreadable":[', *_items(stretches)]
    parts += [b'],"summary":', encode(_summarise(found, episodes, recording, classes))]
    parts += [b',"report":', encode(report)] if report else []
    parts += [b',"warnings":', encode(warnings)] if warnings else []
    return b"".join([*parts, b"}"])


def _items(slices: Iterator[list[Any]]) -> Iterator[bytes]:
    """The items of a JSON list, a slice at a time."""
    for number, items in enumerate(slices):
        yield (b"," if number else b"") + encode(items)[1:-1]


def _slices(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (items[first : first + SLICE_BEATS] for first in range(0, len(items), SLICE_BEATS))


def _beats(beats: Beats, first: int, sampling_rate: float, classes: tuple[str, ...]) -> list[Beat]:
    rows = zip(*(values[first : first + SLICE_BEATS].tolist() for values in beats[:3]), strict=True)
    return [Beat(s, round(s / sampling_rate, DIGITS), c, classes[c], p) for s, c, p in rows]


def _episode(one: Episode) -> RhythmEpisode:
    return RhythmEpisode(one.start_s, round(one.end_s, DIGITS), one.rhythm, round(one.probability, DIGITS))


def _summarise(found: Annotation, episodes: Sequence[Episode], recording: Recording, classes: tuple[str, ...]) -> Summary:
    rate = rhythm.median_heart_rate(found.beats, recording.sampling_rate, found.readable)
    counts = np.bincount(found.beats.predicted_class, minlength=len(classes)).tolist()
    summary = Summary(
        heart_rate_bpm=None if rate is None else round(rate, 1),
        counts=dict(zip(classes, counts, strict=True)),
        duration_s=round(recording.duration_s, DIGITS),
    )
    if found.readable is not None:
        summary.readable_s = round(rhythm.readable_s(found.readable, recording.duration_s), DIGITS)
        summary.af_s = round(rhythm.af_s(episodes), DIGITS)
    return summary
