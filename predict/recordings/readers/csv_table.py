"""The table of numbers in a CSV file: its lines, and whether they are those of one table."""

import gzip
import io
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import compress
from pathlib import Path
from typing import NamedTuple, TextIO

import numpy as np

from predict.recordings.readers.csv_columns import Columns
from predict.recordings.readers.csv_layout import Layout
from predict.recordings.signal import BadRecording

BLOCK_CHARACTERS = 1 << 22


class Table(NamedTuple):
    """A file with a table of numbers in it."""

    path: Path
    encoding: str
    layout: Layout
    columns: Columns


@contextmanager
def open_table(table: Table) -> Iterator[TextIO]:
    """The text from the first line of numbers on."""
    with table.path.open("rb") as file:
        unpacked = gzip.GzipFile(fileobj=file) if file.peek(2)[:2] == b"\x1f\x8b" else file
        with io.TextIOWrapper(unpacked, table.encoding, "replace") as text:
            for _ in range(table.layout.first):
                text.readline()
            yield text


def has_even_lines(table: Table) -> bool:
    """Whether there are as many separators as the lines want: pandas drops cells that are too many, of lines run together."""
    separator, lines, found = table.layout.separator, 0, 0
    if len(separator) != 1:
        return True
    with open_table(table) as text:
        while block := text.read(BLOCK_CHARACTERS):
            lines += block.count("\n") + (not block.endswith("\n") and len(block) < BLOCK_CHARACTERS)
            found += block.count(separator)
    return found == lines * (len(table.layout.numeric) - 1)


def check_lines(table: Table, suspects: np.ndarray | None) -> None:
    """Raises BadRecording with the number of the first line that is not one of the table.

    suspects  which lines are to be looked at, bool (lines,), blank ones not counted; all where None
    """
    if suspects is not None and not suspects.any():
        return
    with open_table(table) as text:
        written = ((number, line) for number, line in enumerate(text, table.layout.first + 1) if not line.isspace())
        for number, line in written if suspects is None else compress(written, suspects.tolist()):
            if not table.layout.is_row(table.layout.cells(line)):
                raise BadRecording(f"{table.path}: line {number}: expected {sum(table.layout.numeric)} numbers")
