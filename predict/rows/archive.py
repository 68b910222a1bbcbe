"""What every file of rows offers, whatever its format: columns that are features or keys, ranges to read, batches of rows."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
import pyarrow as pa

RUN_ROWS = 512
NAMED = 3


class BadArchive(Exception):
    """The file cannot be answered; the message says where and what was expected."""


class Batch(NamedTuple):
    """Some rows.

    keys      the columns that are no features, as they stand in the file, by name
    features  float32, shape (RUN_ROWS or fewer, n) each, NaN where a value is missing; made when asked for, and run while
              the processor's cache still holds them
    """

    keys: dict[str, pa.Array]
    features: Iterator[np.ndarray]


class Archive(Protocol):
    """A file of rows, of whatever format.

    keys    names of the columns that are no features
    nested  those of them that hold more than one value a row, which CSV cannot
    """

    path: Path
    keys: list[str]
    nested: list[str]

    def ranges(self) -> list[tuple[int, int]]:
        """Where the file can be cut: every row is in one of the ranges, and none takes much memory."""

    def batches(self, first: int, last: int) -> Iterator[Batch]:
        """The rows of one of these ranges, in order; raises BadArchive for what is no row."""


def key_columns(path: Path, columns: Sequence[str], features: Sequence[str]) -> list[str]:
    """The columns that are no features; raises BadArchive if a feature is missing or a name stands twice."""
    missing = [name for name in features if name not in set(columns)]
    if missing:
        some = ", ".join(missing[:NAMED]) + (f" and {len(missing) - NAMED} more" if len(missing) > NAMED else "")
        raise BadArchive(f"{path}: expected a column for each of the {len(features)} features of the artifact, {some} is missing")
    twice = [name for name, count in Counter(columns).items() if count > 1]
    if twice:
        raise BadArchive(f"{path}: expected every column once, {twice[0]} stands twice")
    return [name for name in columns if name not in set(features)]


def split(batch: pa.RecordBatch, keys: Sequence[str], features: Sequence[str]) -> Batch:
    """Keys and features, the latter columns of float32."""
    rows = batch.select(list(features))
    slices = (rows.slice(first, RUN_ROWS) for first in range(0, len(rows), RUN_ROWS))
    return Batch({name: batch.column(name) for name in keys}, (rows.to_tensor(null_to_nan=True).to_numpy() for rows in slices))
