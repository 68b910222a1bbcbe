"""CSV, plain or gzipped: with a header that names the features, or without one and in their order."""

import gzip
import io
import re
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, cast

import pyarrow as pa
from pyarrow import csv as arrow

from predict.rows.archive import BadArchive, Batch, key_columns, split
from predict.rows.csv_dialect import SAMPLE_LINES, dialect_of

RANGE_BYTES = 32 * 2**20
MISSING = arrow.ConvertOptions().null_values
LIKELY_MISSING = [word for word in MISSING if not word.startswith(("-", "1"))]  # no number begins as one of these
SAMPLE_CHARACTERS = 2**20
UTF8 = "utf-8-sig"
GZIP = b"\x1f\x8b"


class CsvFile:
    """A line is a row. What is no feature is carried along as text. A gzipped file cannot be cut, but is read piece by piece."""

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
        begin = 0
        try:
            for begin, lines in self._pieces(first, last):
                rows = self._parsed(lines, skip=begin == 0 and self._dialect.header)
                yield from (split(batch, self.keys, self._features) for batch in rows.combine_chunks().to_batches())
        except pa.ArrowInvalid as error:
            raise BadArchive(self._fault(str(error), begin)) from error
        except (OSError, EOFError) as error:
            raise BadArchive(f"{self.path}: expected a file that is whole, it cannot be read to its end") from error

    def _pieces(self, first: int, last: int) -> Iterator[tuple[int, bytes]]:
        """Whole lines, and where in the text they begin: all of a range, or RANGE_BYTES or little more of a gzipped file."""
        begin = 0
        with self._open() as file:
            if not self._gzipped:
                begin, end = _line_at(file, first), _line_at(file, last)
                file.seek(begin)
            while lines := file.read(RANGE_BYTES if self._gzipped else end - begin):
                if not lines.endswith(b"\n"):
                    lines += file.readline()
                yield begin, lines
                begin += len(lines)

    def _parsed(self, lines: bytes, *, skip: bool) -> pa.Table:
        """The lines as Arrow parses them, features as float32: first without what takes time and is seldom there."""
        for missing in (LIKELY_MISSING, MISSING):
            with suppress(pa.ArrowInvalid):
                return arrow.read_csv(pa.BufferReader(lines), *self._options(pa.float32(), missing, skip=skip))
        # Perhaps for a number that float32 cannot hold: such a row has no answer.
        rows = arrow.read_csv(pa.BufferReader(lines), *self._options(pa.float64(), MISSING, skip=skip))
        return rows.cast(self._schema(pa.float32()), safe=False)

    def _schema(self, kind: pa.DataType) -> pa.Schema:
        return pa.schema([(name, pa.string() if name in self.keys else kind) for name in self._dialect.columns])

    def _open(self) -> IO[bytes]:
        return io.BufferedReader(pa.input_stream(self.path, compression="gzip")) if self._gzipped else self.path.open("rb")

    def _options(
        self, kind: pa.DataType, missing: Sequence[str], *, skip: bool
    ) -> tuple[arrow.ReadOptions, arrow.ParseOptions, arrow.ConvertOptions]:
        types, mark = self._schema(kind), self._dialect.decimal_mark
        return (
            arrow.ReadOptions(column_names=self._dialect.columns, skip_rows=int(skip), use_threads=False),
            arrow.ParseOptions(delimiter=self._dialect.separator),
            arrow.ConvertOptions(column_types=types, null_values=missing, strings_can_be_null=False, decimal_point=mark),
        )

    def _fault(self, said: str, begin: int) -> str:
        """Where it is wrong, without what stands there."""
        row, column = re.search(r"Row #(\d+)", said), re.search(r"column #(\d+)", said)
        line = f", line {self._lines_before(begin) + int(row[1])}" if row else ""
        columns = self._dialect.columns
        if column:
            return f"{self.path}{line}: expected a number in the column {columns[int(column[1])]}"
        return f"{self.path}{line}: expected {len(columns)} cells, in UTF-8"

    def _lines_before(self, begin: int) -> int:
        with self._open() as file:
            return sum(file.read(min(RANGE_BYTES, begin - at)).count(b"\n") for at in range(0, begin, RANGE_BYTES))


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


def _line_at(file: IO[bytes], position: int) -> int:
    """Where the first line begins that begins at `position` or after it."""
    file.seek(max(position - 1, 0))
    if position:
        file.readline()
    return file.tell()
