"""CSV, plain or gzipped: with a header that names the features, or without one and in their order."""

import csv
import gzip
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, cast

import pyarrow as pa
from pyarrow import csv as arrow

from predict.rows.archive import BadArchive, Batch, keys, split

RANGE_BYTES = 32 * 2**20
LABEL = "Label"
UTF8 = "utf-8-sig"


class CsvFile:
    """A line is a row. What is no feature is carried along as text. A gzipped file cannot be cut."""

    def __init__(self, path: Path, features: Sequence[str]) -> None:
        self.path = path
        self._features = list(features)
        self._gzipped = path.suffix.lower() == ".gz"
        self._header, self._columns = self._layout()
        self.keys = keys(path, self._columns, features)
        self.nested: list[str] = []

    def ranges(self) -> list[tuple[int, int]]:
        """Bytes; a row belongs to the range that its line begins in."""
        size = self.path.stat().st_size
        step = size if self._gzipped else RANGE_BYTES
        return [(first, min(first + step, size)) for first in range(0, size, step)]

    def batches(self, first: int, last: int) -> Iterator[Batch]:
        """The rows of one range; raises BadArchive for a line that is no row."""
        with self._lines(first, last) as lines:
            try:
                for batch in arrow.open_csv(lines, *self._options(skip=first == 0 and self._header)):
                    yield split(batch, self.keys, self._features)
            except pa.ArrowInvalid as error:
                raise BadArchive(self._fault(str(error), first)) from error
            except (OSError, EOFError) as error:
                raise BadArchive(f"{self.path}: expected a file that is whole, it cannot be read to its end") from error

    def _lines(self, first: int, last: int) -> pa.NativeFile:
        if self._gzipped:
            return pa.input_stream(self.path, compression="gzip")
        with self.path.open("rb") as file:
            _to_line(file, first)
            begin = file.tell()
            _to_line(file, last)
            end = file.tell()
            file.seek(begin)
            return pa.BufferReader(file.read(end - begin))

    def _options(self, *, skip: bool) -> tuple[arrow.ReadOptions, arrow.ParseOptions, arrow.ConvertOptions]:
        types = {name: pa.string() for name in self.keys} | {name: pa.float32() for name in self._features}
        return (
            arrow.ReadOptions(column_names=self._columns, skip_rows=int(skip), use_threads=False),
            arrow.ParseOptions(),
            arrow.ConvertOptions(column_types=types, strings_can_be_null=False),
        )

    def _layout(self) -> tuple[bool, list[str]]:
        """Whether there is a header, and the columns."""
        try:
            with gzip.open(self.path, "rt", encoding=UTF8) if self._gzipped else self.path.open(encoding=UTF8) as file:
                cells = [cell.strip() for cell in next(csv.reader(cast(IO[str], file)), [])]
        except (OSError, EOFError, UnicodeDecodeError, csv.Error) as error:
            raise BadArchive(f"{self.path}: expected CSV in UTF-8, it cannot be read") from error
        n = len(self._features)
        if set(self._features) <= set(cells) or not cells or not all(map(_is_number, cells[:n])):
            return True, cells
        if len(cells) - n not in (0, 1):
            raise BadArchive(f"{self.path}: expected {n} numbers a line, or {n + 1} with a label last, line 1 has {len(cells)}")
        return False, [*self._features, LABEL][: len(cells)]

    def _fault(self, said: str, first: int) -> str:
        """Where it is wrong, without what stands there."""
        row, column = re.search(r"Row #(\d+)", said), re.search(r"column #(\d+)", said)
        line = f", line {self._lines_before(first) + int(row[1])}" if row else ""
        if column:
            return f"{self.path}{line}: expected a number in the column {self._columns[int(column[1])]}"
        return f"{self.path}{line}: expected {len(self._columns)} cells, in UTF-8"

    def _lines_before(self, first: int) -> int:
        if first == 0:
            return 0
        with self.path.open("rb") as file:
            _to_line(file, first)
            left, count = file.tell(), 0
            file.seek(0)
            while left and (piece := file.read(min(left, 2**20))):
                left -= len(piece)
                count += piece.count(b"\n")
        return count


def _to_line(file: IO[bytes], position: int) -> None:
    """Go to the first line that begins at `position` or after it."""
    file.seek(max(position - 1, 0))
    if position:
        file.readline()


def _is_number(cell: str) -> bool:
    """A missing value stands in the place of one."""
    try:
        float(cell or "nan")
    except ValueError:
        return False
    return True
