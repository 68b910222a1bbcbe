"""Where the table of numbers begins in a text, and how its cells are parted."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

MISSING = frozenset(("", "nan", "na", "n/a", "null", "none", "?", "-", "--"))
SEPARATORS = (";", "\t", ",", r"\s+", "")  # as pandas takes them; the last is for a single column
COMMENTS = ("#", "%", "//")
LEAST_SHARE = 0.9  # of the cells of a column of numbers are numbers or missing
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?|[-+]?inf", re.IGNORECASE)
_PADDED = re.compile(r"0\d+")  # 0012 is what follows a decimal comma


class Layout(NamedTuple):
    """A table in a text.

    separator, decimal, quote  the characters; no separator for a single column
    first     which line of the text is the first of numbers, from 0 on
    rows      the first lines of numbers, each as its cells, those left out that are none
    numeric   whether a column holds numbers, a bool a column
    before    the lines before the table, comments among them
    """

    separator: str
    decimal: str
    quote: str
    first: int
    rows: list[list[str]]
    numeric: tuple[bool, ...]
    before: list[str]

    def cells(self, line: str) -> list[str]:
        """The cells of a line."""
        return cells_of(line, self.separator, self.quote)

    def is_row(self, cells: Sequence[str]) -> bool:
        """Whether these are the cells of a line of the table: numbers, or missing ones, where there should be some."""
        expected = [cell for cell, number in zip(cells, self.numeric, strict=False) if number and cell.casefold() not in MISSING]
        return len(cells) == len(self.numeric) and all(is_number(cell, self.decimal) for cell in expected)


def lines_of(text: str) -> list[str]:
    """The lines, whichever of the three line ends they have."""
    return re.split(r"\r\n|\n|\r", text)


def detect_layout(text: str) -> Layout | None:
    """The table in the beginning of a text, which ends after a whole line; None where there is none."""
    lines = lines_of(text)
    written = [i for i, line in enumerate(lines) if line.strip() and not line.lstrip().startswith(COMMENTS)]
    for separator in SEPARATORS:
        found = _layout_with(lines, written, separator)
        if found and (len(found.numeric) > 1 or not separator):
            return found
    return None


def cells_of(line: str, separator: str, quote: str) -> list[str]:
    """The cells of a line, without blanks and quotes around them; a separator within quotes parts nothing."""
    if separator == r"\s+":
        return [cell.strip(quote) for cell in line.split()]
    if not separator or quote not in line:
        parts = line.split(separator) if separator else [line]
    else:
        parts = re.findall(rf"(?:^|{separator})(\s*{quote}[^{quote}]*{quote}\s*|[^{separator}]*)", line)
    return [part.strip().strip(quote).strip() for part in parts]


def is_number(cell: str, decimal: str = ".") -> bool:
    """Whether a cell is a number with this decimal mark; a point where it is a comma may part thousands, and is none."""
    if decimal != ",":
        return bool(_NUMBER.fullmatch(cell))
    return "." not in cell and bool(_NUMBER.fullmatch(cell.replace(",", ".")))


def _layout_with(lines: Sequence[str], written: Sequence[int], separator: str) -> Layout | None:
    """The table with this separator; told by the second half of the lines, for the first may be before the table."""
    quote = "'" if any(lines[i].lstrip().startswith("'") for i in written) else '"'
    table = [cells_of(lines[i], separator, quote) for i in written]
    half = table[len(table) // 2 :]
    if not half:
        return None
    width = Counter(map(len, half)).most_common(1)[0][0]
    columns = list(zip(*(row for row in half if len(row) == width), strict=True))
    if separator == "," and _splits_decimal_commas(columns):
        return None
    decimal = max(".,", key=lambda mark: sum(_is_numeric(column, mark) for column in columns))
    numeric = tuple(_is_numeric(column, decimal) for column in columns)
    if not any(is_number(cell, decimal) for column, number in zip(columns, numeric, strict=True) if number for cell in column):
        return None
    layout = Layout(separator, decimal, quote, 0, [], numeric, [])
    rows = [layout.is_row(cells) for cells in table]
    starts = [all(numeric) or any(is_number(cell, decimal) for cell in cells) for cells in table]
    begin = next((i for i in range(len(rows)) if starts[i] and all(rows[i : i + 3])), None)
    if begin is None:
        return None
    begin += _are_column_numbers(table[begin]) and begin + 1 < len(table)
    first = written[begin]
    good = [cells for cells, fits in zip(table[begin:], rows[begin:], strict=True) if fits]
    return layout._replace(first=first, rows=good, before=list(lines[:first]))


def _is_numeric(cells: Sequence[str], decimal: str) -> bool:
    numbers = sum(is_number(cell, decimal) or cell.casefold() in MISSING for cell in cells)
    return numbers >= LEAST_SHARE * len(cells)


def _are_column_numbers(cells: Sequence[str]) -> bool:
    """Whether a first line is pandas' header of columns without names: 0, 1, 2, … perhaps with an empty cell before."""
    names = list(cells[1:]) if cells[0] == "" else list(cells)
    return names == [str(i) for i in range(len(names))] and (cells[0] == "" or len(names) > 2)


def _splits_decimal_commas(columns: Sequence[Sequence[str]]) -> bool:
    """Whether every other column is what follows a decimal comma: no cell has a sign, and some begin with a needless 0."""
    after = columns[1::2]
    return len(columns) == 2 * len(after) and all(
        all(cell.isdecimal() for cell in column) and any(_PADDED.fullmatch(cell) for cell in column) for column in after
    )
