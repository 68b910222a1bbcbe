"""CSV, plain or gzipped: with a header that names the features, or without one and in their order."""

import gzip
import itertools
import re
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, cast

import pyarrow as pa
from pyarrow import csv as arrow

from predict.rows.archive import BadArchive, Batch, key_columns, split
from predict.rows.csv_dialect import SAMPLE_LINES, dialect_of

RANGE_BYTES = 32 * 2**20
SAMPLE_CHARACTERS = 2**20
UTF8 = "utf-8-sig"
GZIP = b"\x1f\x8b"


class CsvFile:
    """A line is a row. What is no feature is carried along as text. A gzipped file cannot be cut."""

    def __init__(self, path: Path, features: Sequence[str]) -> None:
        self.path = path
        self._features = list(features)
        self._gzipped = _is_gzipped(path)
        self._dialect = dialect_of(path, first_lines(path), features)
        self.keys = key_columns(path, self._dialect.columns, features)
        self.nested: list[str] = []

    def ranges(self) -> list[tuple[int, int]]:
        """Bytes; a row belongs to the range that its line begins in."""
        size = self.path.stat().st_size
        step = size if self._gzipped else RANGE_BYTES
        return [(first, min(first + step, size)) for first in range(0, size, step)]

    def batches(self, first: int, last: int) -> Iterator[Batch]:
        """The rows of one range; raises BadArchive for a line that is no row."""
        done = 0
        try:
            try:
                for batch in self._parsed(first, last, pa.float32()):
                    yield split(batch, self.keys, self._features)
                    done += 1
            except pa.ArrowInvalid:  # perhaps for a number that float32 cannot hold: such a row has no answer
                for batch in itertools.islice(self._parsed(first, last, pa.float64()), done, None):
                    yield split(batch.cast(self._schema(pa.float32()), safe=False), self.keys, self._features)
        except pa.ArrowInvalid as error:
            raise BadArchive(self._fault(str(error), first)) from error
        except (OSError, EOFError) as error:
            raise BadArchive(f"{self.path}: expected a file that is whole, it cannot be read to its end") from error

    def _parsed(self, first: int, last: int, kind: pa.DataType) -> Iterator[pa.RecordBatch]:
        """The range as Arrow parses it, features as numbers of this kind."""
        lines = self._lines(first, last)
        if lines is not None:
            with lines:
                yield from arrow.open_csv(lines, *self._options(kind, skip=first == 0 and self._dialect.header))

    def _schema(self, kind: pa.DataType) -> pa.Schema:
        return pa.schema([(name, pa.string() if name in self.keys else kind) for name in self._dialect.columns])

    def _lines(self, first: int, last: int) -> pa.NativeFile | None:
        """What lies in the range; None where no line begins in it, for Arrow takes that for an error."""
        if self._gzipped:
            return pa.input_stream(self.path, compression="gzip")
        with self.path.open("rb") as file:
            _to_line(file, first)
            begin = file.tell()
            _to_line(file, last)
            end = file.tell()
            file.seek(begin)
            return pa.BufferReader(file.read(end - begin)) if end > begin else None

    def _options(self, kind: pa.DataType, *, skip: bool) -> tuple[arrow.ReadOptions, arrow.ParseOptions, arrow.ConvertOptions]:
        mark = self._dialect.decimal_mark
        return (
            arrow.ReadOptions(column_names=self._dialect.columns, skip_rows=int(skip), use_threads=False),
            arrow.ParseOptions(delimiter=self._dialect.separator),
            arrow.ConvertOptions(column_types=self._schema(kind), strings_can_be_null=False, decimal_point=mark),
        )

    def _fault(self, said: str, first: int) -> str:
        """Where it is wrong, without what stands there."""
        row, column = re.search(r"Row #(\d+)", said), re.search(r"column #(\d+)", said)
        line = f", line {self._lines_before(first) + int(row[1])}" if row else ""
        columns = self._dialect.columns
        if column:
            return f"{self.path}{line}: expected a number in the column {columns[int(column[1])]}"
        return f"{self.path}{line}: expected {len(columns)} cells, in UTF-8"

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


def first_lines(path: Path) -> list[str]:
    """Up to SAMPLE_LINES whole lines, and the first one in any case; raises BadArchive if they are no text."""
    try:
        with gzip.open(path, "rt", encoding=UTF8) if _is_gzipped(path) else path.open(encoding=UTF8) as opened:
            file = cast(IO[str], opened)
            first, rest = file.readline(), file.read(SAMPLE_CHARACTERS)
    except PermissionError as error:
        raise BadArchive(f"{path}: {error.strerror}") from error
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise BadArchive(f"{path}: expected CSV in UTF-8, it cannot be read") from error
    whole = rest if len(rest) < SAMPLE_CHARACTERS else rest.rpartition("\n")[0]
    return [first, *whole.split("\n")][:SAMPLE_LINES]


def _is_gzipped(path: Path) -> bool:
    if path.suffix.lower() == ".gz":
        return True
    with path.open("rb") as file:
        return file.read(len(GZIP)) == GZIP


def _to_line(file: IO[bytes], position: int) -> None:
    """Go to the first line that begins at `position` or after it."""
    file.seek(max(position - 1, 0))
    if position:
        file.readline()
