"""How a text file of rows is laid out: separator, decimal sign, header, and which column is the label."""

import csv
import re
from dataclasses import dataclass

from train.errors import BadRecords

NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]?inf(?:inity)?|[+-]?nan", re.ASCII | re.IGNORECASE)
SWAPPED = str.maketrans(",.", ".,")
MISSING = frozenset(("", "?", "na", "n/a", "#n/a", "nan", "null", "none", "nil", "missing", "-", "--", ".", "*"))
LEAST_NUMBERED = 4  # columns: a first line 0,1,2 may be a row, 0,1,2,3,… is what pandas writes over columns without names
LONGEST_LIST = 4


@dataclass(frozen=True)
class Layout:
    """Where the columns are.

    separator   "," ";" tab "|", or " " (any run of white space)
    decimal     "." or ","
    columns     the name of each column, in the file's order
    label       index of the label column
    skip        lines before the first row
    header      whether the last of those holds names
    taken       which column was taken for the label and why, for messages
    is_sure     whether it was named, not assumed from its position
    """

    separator: str
    decimal: str
    columns: tuple[str, ...]
    label: int
    skip: int
    header: bool
    taken: str
    is_sure: bool

    def index(self, name: str) -> int:
        """The column of this name in any case; raises BadRecords where there is none."""
        lowered = [column.casefold() for column in self.columns]
        if name.casefold() not in lowered:
            raise BadRecords(f"there is no column named {name} among {listed(self.columns)}")
        return lowered.index(name.casefold())


def layout(text: str, label: str | None) -> Layout:
    """Read the layout off the first line, and the decimal sign off all of them.

    label  the name of the label column, or its number from 1 in a file without header; if None, `Label` in any case, else the
           last column of a CSV and the first of white-space separated text (the UCR archive's order)

    Raises BadRecords if there is no such column, or a name is missing or stands twice.
    """
    lines = text.split("\n")
    skip = next(number for number, line in enumerate(lines) if line.strip())
    excel = re.fullmatch(r"sep=(.)", lines[skip].strip(), re.IGNORECASE)
    skip += bool(excel)
    first = lines[skip] if skip < len(lines) else ""
    separator = excel[1] if excel else _separator(first)
    decimal = "," if _decimal_comma(text, separator) else "."
    cells = [cell.strip() for cell in cells_of(first, separator)]
    if len(cells) < 2:
        raise BadRecords("the first line has one column, expected features and a label")
    if _is_header(cells, label or "label", decimal):
        below = [cell.strip() for cell in cells_of(next(filter(str.strip, lines[skip + 1 :]), ""), separator)]
        is_table = len(below) == len(cells) and sum(is_number(cell, decimal) for cell in below) * 2 > len(cells)
        return _named(separator, decimal, cells, label, skip + 1, is_table)
    return _nameless(separator, decimal, len(cells), label, skip)


def cells_of(line: str, separator: str) -> list[str]:
    """Split one line; raises BadRecords where a quoted cell does not end."""
    try:
        return line.split() if separator == " " else next(csv.reader([line], delimiter=separator, strict=True), [""])
    except csv.Error as error:
        raise BadRecords("a quoted cell does not end on its line, expected one row a line") from error


def is_number(cell: str, decimal: str) -> bool:
    """Whether a cell holds a number, finite or not."""
    return bool(NUMBER.fullmatch(cell if decimal == "." else cell.translate(SWAPPED)))


def listed(names: tuple[str, ...] | list[str]) -> str:
    """Names for a message: all of a few, else the first ones and the last."""
    return ", ".join(names if len(names) <= LONGEST_LIST else [*names[: LONGEST_LIST - 1], "…", names[-1]])


def _separator(line: str) -> str:
    for separator in (";", "\t", "|"):
        if separator in line:
            return separator
    words = line.split()
    spaced = len(words) > 1 and all(is_number(word, ",") for word in words)
    return " " if spaced or "," not in line else ","


def _decimal_comma(text: str, separator: str) -> bool:
    """Whether a cell anywhere is a number with a comma in it; where commas part the cells, a quoted one."""
    if separator == ",":
        return bool(re.search(r'"[+-]?\d*,\d+"', text))
    edge = r"[ \t]" if separator == " " else re.escape(separator)
    return bool(re.search(rf'(?:^|{edge})[ "]*[+-]?\d*,\d+(?:[eE][+-]?\d+)?[ "]*(?={edge}|$)', text, re.MULTILINE))


def _is_header(cells: list[str], label: str, decimal: str) -> bool:
    """Whether the cells are names: one is the label's, or they count the columns, or words stand between the first and last."""
    if any(cell.casefold() == label.casefold() for cell in cells if not is_number(cell, decimal)) or _counts(cells):
        return True
    words = [cell for cell in cells[1:-1] or cells[:1] if not (is_number(cell, decimal) or cell.casefold() in MISSING)]
    measured = any(is_number(cell, decimal) and not cell.lstrip("+-").isdecimal() for cell in cells)
    return bool(words) and not measured


def _counts(cells: list[str]) -> bool:
    """Whether the cells that are numbers are 0, 1, 2, … or 1, 2, 3, …: names that pandas made up, not a row."""
    numbers = [cell for cell in cells if cell.isdecimal()]
    others = [cell for cell in cells if is_number(cell, ".") and not cell.isdecimal()]
    counting = any(numbers == [str(i + start) for i in range(len(numbers))] for start in (0, 1))
    return counting and not others and min(len(cells), len(numbers) + 1) >= LEAST_NUMBERED


def _named(separator: str, decimal: str, cells: list[str], label: str | None, skip: int, is_table: bool) -> Layout:
    """With a header; `is_table` says that numbers stand below it, so that it holds names of columns and nobody's name."""
    names = tuple(cell or f"column {number}" for number, cell in enumerate(cells, start=1))
    lowered = [name.casefold() for name in names]
    if twice := [name for name, low in zip(names, lowered, strict=True) if lowered.count(low) > 1]:
        raise BadRecords(f"two columns of the header have the same name, {twice[0]}")
    wanted = (label or "label").casefold()
    if wanted in lowered:
        at, taken = lowered.index(wanted), f"column {names[lowered.index(wanted)]} is the label"
    elif label is None and _counts(cells):
        at = 0 if separator in " \t" else len(cells) - 1
        taken = f"the header is numbers alone, so {_end(at, len(cells))} was taken for the label"
    else:
        among = f" among {listed(names)}" if is_table else ""
        raise BadRecords(f"there is no column named {label or 'label'}{among}; name the label column with --label")
    return Layout(separator, decimal, names, at, skip, True, taken, wanted in lowered)


def _nameless(separator: str, decimal: str, count: int, label: str | None, skip: int) -> Layout:
    if label is not None and not (label.isdecimal() and 1 <= int(label) <= count):
        raise BadRecords(
            f"the file has no header, so there is no column named {label}; "
            f"leave out --label, or give the column's number from 1 to {count}"
        )
    at = int(label) - 1 if label else 0 if separator in " \t" else count - 1
    numbers = iter(range(1, count))
    names = tuple("label" if i == at else f"F{next(numbers)}" for i in range(count))
    why = f"column {label} is the label" if label else f"the file has no header, so {_end(at, count)} was taken for the label"
    return Layout(separator, decimal, names, at, skip, False, why, label is not None)


def _end(at: int, count: int) -> str:
    return f"the {'last' if at else 'first'} of {count} columns"
