"""A long recording in overlapping pieces, which are annotated one at a time and then joined at whole seconds."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

PIECE_S = 900


class Piece(NamedTuple):
    """A part of a recording, as sample indices: of a run over `first` to `last`, what lies from `start` to `end` is kept.

    All but the ends of a recording lie at whole seconds, to the nearest sample.
    """

    start: int
    end: int
    first: int
    last: int


def overlapping_pieces(samples: int, sampling_rate: float, context_s: float) -> Iterator[Piece]:
    """Pieces of about PIECE_S, each of which is seen with at least `context_s` before it and behind it."""
    count = max(1, int(samples / sampling_rate / PIECE_S + 0.5))
    starts = [round(PIECE_S * i * sampling_rate) for i in range(count)] + [samples]
    for i in range(count):
        first = 0 if i == 0 else whole_second(PIECE_S * i - context_s, sampling_rate)
        last = samples if i == count - 1 else round(starts[i + 1] + context_s * sampling_rate)
        yield Piece(starts[i], starts[i + 1], first, min(samples, last))


def whole_second(latest_s: float, sampling_rate: float) -> int:
    """The whole second up to ten before `latest_s` that lies nearest to a sample, to a float32 rate; as that sample.

    Of those that lie as near it is the latest.
    """
    places = np.arange(int(latest_s), max(0, int(latest_s) - 10) - 1, -1) * float(np.float32(sampling_rate))
    return round(places[np.abs(places - np.round(places)).argmin()])
