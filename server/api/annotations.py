"""The beats of a recording as JSON."""

from collections.abc import Iterator, Sequence
from typing import Annotated

import msgspec
import numpy as np
from msgspec import Meta

from server.api.predictions import encode
from server.api.recording import Recording
from server.models.annotator import Beats

SLICE_BEATS = 512


class Beat(msgspec.Struct, gc=False):
    """One beat of the answer."""

    sample: Annotated[int, Meta(description="index of the R peak into the signal")]
    time_s: float
    predicted_class: int
    class_: str = msgspec.field(name="class")
    probability: float


class Summary(msgspec.Struct):
    """The recording as a whole; the heart rate follows from the median RR interval, and is null below two beats."""

    heart_rate_bpm: float | None
    counts: dict[str, int]
    duration_s: float


class Annotations(msgspec.Struct, omit_defaults=True):
    """The whole answer."""

    beats: list[Beat]
    summary: Summary
    warnings: Annotated[list[str], Meta(description="what is unusual about the recording; absent if nothing is")] = []


def encode_annotations(beats: Beats, recording: Recording, classes: tuple[str, ...], warnings: Sequence[str]) -> Iterator[bytes]:
    """The JSON of `Annotations` in pieces, SLICE_BEATS beats at a time."""
    yield b'{"beats":['
    for first in range(0, len(beats.sample), SLICE_BEATS):
        part = slice(first, first + SLICE_BEATS)
        rows = zip(*(values[part].tolist() for values in beats[:3]), strict=True)
        some = [Beat(s, round(s / recording.sampling_rate, 4), c, classes[c], p) for s, c, p in rows]
        yield (b"," if first else b"") + encode(some)[1:-1]
    yield b'],"summary":' + encode(_summarise(beats, recording, classes))
    yield b',"warnings":%b}' % encode(warnings) if warnings else b"}"


def _summarise(beats: Beats, recording: Recording, classes: tuple[str, ...]) -> Summary:
    interval_s = np.diff(beats.sample) / recording.sampling_rate
    counts = np.bincount(beats.predicted_class, minlength=len(classes)).tolist()
    return Summary(
        heart_rate_bpm=round(60 / float(np.median(interval_s)), 1) if len(interval_s) else None,
        counts=dict(zip(classes, counts, strict=True)),
        duration_s=round(len(recording.signal) / recording.sampling_rate, 4),
    )
