"""Where a file of rows is wrong: pandas says that it is, this says in which row and column."""

import math
from collections.abc import Iterator

import numpy as np

from train.rows.columns import Layout, cells_of
from train.rows.records import BadRecords


def first_fault(text: str, layout: Layout) -> BadRecords:
    """The first fault of the file, as the sentence a person can act on."""
    for line, cells in _rows(text, layout):
        place = f"row {line - layout.header} (line {line} of the file)"
        if len(cells) != len(layout.columns):
            return BadRecords(f"{place} has {len(cells)} columns, expected {len(layout.columns)} as in the first line")
        if not cells[layout.label].strip():
            return BadRecords(f"{place} has no label, expected one in column {layout.columns[layout.label]}")
        for index in layout.features:
            if fault := _fault(cells[index].strip()):
                return BadRecords(f"{place}, column {layout.columns[index]}: {fault}, expected a finite number")
    return BadRecords("the file cannot be read as rows of numbers")


def _rows(text: str, layout: Layout) -> Iterator[tuple[int, list[str]]]:
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip() and not (layout.header and number == 1):
            yield number, cells_of(line, layout.separator)


def _fault(cell: str) -> str | None:
    if not cell or cell.casefold() in ("na", "n/a", "nan", "null", "none"):
        return "a missing value"
    try:
        value = float(cell)
    except ValueError:
        return "not a number"
    return None if math.isfinite(value) and abs(value) <= float(np.finfo(np.float32).max) else "a value that is not finite"
