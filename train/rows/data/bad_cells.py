"""Which cell of a file of rows cannot be used: looked for, cell by cell, once pandas has failed."""

from collections import Counter
from collections.abc import Iterator

import numpy as np

from train.errors import BadRecords
from train.rows.data.columns import MISSING, Layout, cells_of, is_number
from train.rows.data.identifiers import Roles

NO_LABEL = frozenset(("", "?", "na", "n/a", "#n/a", "nan", "null"))  # "none", "-" and "." may be classes
LARGEST = 1e15  # of a feature: the squares of a million of them can still be added up in float32

Row = tuple[str, list[str]]


def first_bad_cell(text: str, layout: Layout, roles: Roles) -> BadRecords:
    """The first cell, or row, that cannot be used, as one sentence with row, line, column and what was expected."""
    try:
        rows = list(_rows(text, layout))
    except BadRecords as error:
        return error
    for where, cells in rows:
        if len(cells) != len(layout.columns):
            return BadRecords(f"{where} has {len(cells)} columns, expected {len(layout.columns)} as in the first line")
    if words := _words_for_numbers(rows, layout, roles):
        return words
    for where, cells in rows:
        if cells[layout.label].casefold() in NO_LABEL:
            count = sum(other[layout.label].casefold() in NO_LABEL for _, other in rows)
            name = layout.columns[layout.label]
            return BadRecords(f"{where} has no label, expected one in column {name}; {count} of {len(rows)} rows have none")
        for index in (*roles.groups, *roles.features):
            if problem := _problem(cells[index], layout.decimal, index in roles.features):
                return BadRecords(f"{where}, column {layout.columns[index]}: {problem}{_missing(rows, roles, problem)}")
    return BadRecords("the file cannot be read as rows of numbers")


def _rows(text: str, layout: Layout) -> Iterator[Row]:
    """Where each row stands, in words, and its cells."""
    number = 0
    for line, content in enumerate(text.split("\n"), start=1):
        if line > layout.skip and content.strip():
            number += 1
            where = f"row {number} (line {line} of the file)"
            try:
                yield where, [cell.strip() for cell in cells_of(content, layout.separator)]
            except BadRecords as error:
                raise BadRecords(f"{where}: {error}") from error


def _problem(cell: str, decimal: str, is_feature: bool) -> str | None:
    if cell.casefold() in MISSING:
        return "a missing value, expected a finite number" if is_feature else "no value, expected whose row it is"
    if not is_feature:
        return None
    if not is_number(cell, decimal):
        return f"not a number, expected a finite number{' with a decimal comma' if decimal == ',' else ''}"
    value = abs(float(cell.replace(",", ".")))
    if value > float(np.finfo(np.float32).max):
        return "a value that is not finite, expected a finite number"
    if value > LARGEST:
        return f"a value too large, expected a finite number of at most {LARGEST:.0e} either way (is the unit right?)"
    return None


def _missing(rows: list[Row], roles: Roles, problem: str) -> str:
    """How many values are missing in all, where that is the problem."""
    if not problem.startswith("a missing value"):
        return ""
    each = [sum(cells[i].casefold() in MISSING for i in roles.features) for _, cells in rows]
    count, of_rows = sum(each), sum(n > 0 for n in each)
    values = "1 value is missing" if count == 1 else f"{count} values are missing"
    return f"; {values} in {of_rows} of {len(rows)} rows: fill them in, or take those rows out"


def _words_for_numbers(rows: list[Row], layout: Layout, roles: Roles) -> BadRecords | None:
    """The first feature of which most values are words."""
    words = Counter(
        i
        for _, cells in rows
        for i in roles.features
        if cells[i].casefold() not in MISSING and not is_number(cells[i], layout.decimal)
    )
    for i in roles.features:
        if words[i] * 2 > len(rows):
            name = layout.columns[i]
            return BadRecords(
                f"column {name} holds words in {words[i]} of {len(rows)} rows, expected numbers; leave it out with "
                f"--drop {name}, or, if rows with the same word belong together, say --group {name}"
            )
    return None
