"""How a CSV file of rows is laid out, told from its first lines: separator, decimal mark, header, names of the columns.

A file of which this is not certain is refused: an answer to a row that is shifted by a column would look like any other.
"""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from predict.rows.archive import BadArchive

SEPARATORS = (";", "\t", ",")
LABEL = "Label"
SAMPLE_LINES = 100
NAMING = "name the features in a header line"

Lines = Sequence[list[str]]


class Dialect(NamedTuple):
    """What a parser has to know.

    separator     between the cells of a line
    decimal_mark  "." or ","
    header        whether the first line holds the names of the columns
    columns       these names; without a header the features in their order, and perhaps LABEL
    """

    separator: str
    decimal_mark: str
    header: bool
    columns: list[str]


def dialect_of(path: Path, lines: Sequence[str], features: Sequence[str]) -> Dialect:
    """The dialect of a file that begins with these lines; raises BadArchive where it is not certain."""
    try:
        separator, rows = _separated(lines, features)
    except csv.Error as error:
        raise BadArchive(f"{path}: expected CSV, its first lines cannot be read") from error
    first, n = rows[0], len(features)
    named = set(features) <= set(first)
    if not named and _starts_with_numbers(first, n):
        _require_no_numbered_header(path, rows, n)
        if len(first) not in (n, n + 1):
            raise BadArchive(f"{path}: expected {n} numbers a line, or {n + 1} with a label last, line 1 has {len(first)}")
        if len(first) > n:
            _require_label_last(path, rows, n)
        return Dialect(separator, _decimal_mark(rows), False, [*features, LABEL][: len(first)])
    if not named and len(first) == n + 1 and _starts_with_numbers(first[1:], n):
        raise BadArchive(f"{path}: line 1 is a word and {n} numbers, expected the label last: {NAMING}")
    features_at = {first.index(name) for name in features} if named else set()
    numbers = [[cell for i, cell in enumerate(row) if i in features_at] for row in rows[1:]]
    return Dialect(separator, _decimal_mark(numbers), True, first)


def are_rows(lines: Sequence[str], features: Sequence[str]) -> bool:
    """Whether a file that begins with these lines names the features, or has as many numbers a line."""
    try:
        _, rows = _separated(lines, features)
    except csv.Error:
        return False
    return bool(features) and _fits(rows[0], features)


def _separated(lines: Sequence[str], features: Sequence[str]) -> tuple[str, Lines]:
    """The separator that parts the first line as these features want it, and the cells of the lines; at least one line."""
    found = next((separator for separator in SEPARATORS if _fits(_cells(lines[:1], separator)[0], features)), None)
    found = found or next((separator for separator in SEPARATORS if lines and separator in lines[0]), ",")
    return found, _cells(lines, found)


def _cells(lines: Sequence[str], separator: str) -> Lines:
    return [[cell.strip() for cell in cells] for cells in csv.reader(lines, delimiter=separator) if cells] or [[]]


def _fits(first: Sequence[str], features: Sequence[str]) -> bool:
    n = len(features)
    return set(features) <= set(first) or (len(first) in (n, n + 1) and _starts_with_numbers(first[1:], n - 1))


def _decimal_mark(rows: Lines) -> str:
    return "," if any("," in cell and _is_number(cell) for row in rows for cell in row) else "."


def _require_no_numbered_header(path: Path, rows: Lines, n: int) -> None:
    """Raises BadArchive if the first line merely counts the columns, from 0 or 1, as spreadsheets and pandas write it."""
    first, rest = rows[0], rows[1:]
    counts = any(_counts(cells[:n]) for cells in (first, first[1:]) if len(cells) >= n)
    whole = all(_is_whole(cell) for row in rest for cell in row)
    if counts and (n > 2 or (n == 2 and not whole)):
        raise BadArchive(f"{path}: line 1 counts the columns and may be a header or a row: {NAMING}, or leave it out")


def _counts(cells: Sequence[str]) -> bool:
    return any(list(cells) == [str(start + i) for i in range(len(cells))] for start in (0, 1))


def _require_label_last(path: Path, rows: Lines, n: int) -> None:
    """Raises BadArchive unless the last of n + 1 columns can be a label, and the first cannot or has more values than a label."""
    whole = [row for row in rows if len(row) == n + 1]
    first, last = [row[0] for row in whole], [row[-1] for row in whole]
    if _may_be_label(last) and (not _may_be_label(first) or (_repeats(last) and not _repeats(first))):
        return
    found = "the first column may be one as well" if _may_be_label(first) else "no column looks like one"
    if _may_be_label(first) and not _may_be_label(last):
        found = "the first column looks like one, the last does not"
    raise BadArchive(f"{path}: expected {n} features and the label last, {found}: {NAMING}")


def _may_be_label(column: Sequence[str]) -> bool:
    """Words, or whole numbers."""
    return all(not cell or not _is_number(cell) or _is_whole(cell) for cell in column)


def _is_whole(cell: str) -> bool:
    return _is_number(cell) and float(cell.replace(",", ".") or "nan").is_integer()


def _repeats(column: Sequence[str]) -> bool:
    return 2 * len(set(column)) <= len(column)


def _starts_with_numbers(cells: Sequence[str], n: int) -> bool:
    return bool(cells) and all(map(_is_number, cells[:n]))


def _is_number(cell: str) -> bool:
    """A missing value stands in the place of a number; a single comma may be its decimal mark."""
    try:
        float(cell.replace(",", ".") or "nan")
    except ValueError:
        return False
    return True
