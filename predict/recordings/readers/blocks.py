"""A signal in blocks of some MB, so that of a recording of days only its lead is ever held as a whole."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

BLOCK_BYTES = 1 << 20
BLOCK_SAMPLES = 1 << 18


def read_blocks(path: Path, begin: int, unit: int) -> Iterator[np.ndarray]:
    """A file from byte `begin` on, uint8 (bytes,) each, of whole units of so many bytes; the last may be cut off."""
    size = max(1, BLOCK_BYTES // unit) * unit
    with path.open("rb") as file:
        file.seek(begin)
        while len(block := np.fromfile(file, np.uint8, size)):
            yield block


def slices(values: np.ndarray) -> Iterator[np.ndarray]:
    """An array, (samples,), in blocks."""
    yield from (values[first : first + BLOCK_SAMPLES] for first in range(0, len(values), BLOCK_SAMPLES))


def of_length(blocks: Iterable[np.ndarray], samples: int) -> Iterator[np.ndarray]:
    """The first `samples` of a signal; where it is shorter it is filled up with nan."""
    left = samples
    for block in blocks:
        yield block[:left]
        left -= len(block[:left])
    while left:
        yield np.full(min(left, BLOCK_SAMPLES), np.nan)
        left -= min(left, BLOCK_SAMPLES)


def with_gaps(blocks: Iterable[np.ndarray], gaps: Iterable[tuple[int, int]]) -> Iterator[np.ndarray]:
    """A signal with gaps, in order, each before a sample and of so many nan."""
    left, seen = list(gaps)[::-1], 0
    for block in blocks:
        first = 0
        while left and left[-1][0] < seen + len(block):
            sample, missing = left.pop()
            yield from of_length([block[first : sample - seen]], sample - seen - first + missing)
            first = sample - seen
        yield block[first:]
        seen += len(block)
