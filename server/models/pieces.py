"""A long recording, a part of which is read at a time: overlapping pieces to annotate, which are then joined at whole seconds."""

from collections.abc import Iterator
from typing import NamedTuple, Protocol

import numpy as np

PIECE_S = 900
BLOCK_SAMPLES = 65_536  # Less than a millisecond's work, so that a thread holds Python's lock (GIL) for no longer.
NOT_RECORDED = -32768  # WFDB's value of an invalid sample in 16 bits: https://physionet.org/physiotools/wag/signal-5.htm


class Signal(Protocol):
    """A signal of which slices are read: float32 (samples,) in mV, NaN where nothing was recorded. An array is one."""

    def __len__(self) -> int:
        """How many samples it has."""

    def __getitem__(self, part: slice, /) -> np.ndarray:
        """Some of them, of a step of 1."""


class DigitalSignal:
    """A signal as a recorder stores it, converted to mV where it is read: a day is never held as float32."""

    def __init__(self, samples: np.ndarray, gain: float) -> None:
        """`samples` is int16 (samples,), NOT_RECORDED where nothing was recorded; `gain` is how many steps are one mV."""
        self._samples, self._gain = samples, gain

    def __len__(self) -> int:
        """How many samples it has."""
        return len(self._samples)

    def __getitem__(self, part: slice, /) -> np.ndarray:
        """Some of them, float32 in mV."""
        samples = self._samples[part]
        millivolts = (samples / self._gain).astype(np.float32)
        millivolts[samples == NOT_RECORDED] = np.nan
        return millivolts


def blocks(signal: Signal, start: int = 0, stop: int | None = None) -> Iterator[tuple[int, np.ndarray]]:
    """What lies from `start` to `stop`, up to BLOCK_SAMPLES at a time, each with the index of its first sample."""
    stop = len(signal) if stop is None else stop
    return ((first, signal[first : min(stop, first + BLOCK_SAMPLES)]) for first in range(start, stop, BLOCK_SAMPLES))


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
