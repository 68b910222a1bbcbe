"""How a text file of rows is laid out, told from its first line."""

import csv
from dataclasses import dataclass

from train.rows.records import BadRecords

PATIENT = ("patient", "record")


@dataclass(frozen=True)
class Layout:
    """Where the columns are.

    separator   "," or " " (any run of white space)
    columns     the name of each column, in the file's order
    label       index of the label column
    patient     index of the column that says whose row it is, or None
    features    indices of all other columns
    header      whether the first line holds the names
    """

    separator: str
    columns: tuple[str, ...]
    label: int
    patient: int | None
    features: tuple[int, ...]
    header: bool


def layout(first_line: str, label: str | None) -> Layout:
    """Read the layout off the first line; `label` names the label column, `Label` in any case if None.

    Raises BadRecords if there is no such column, or a name is missing or stands twice.
    """
    if ";" in first_line:
        raise BadRecords("the columns are separated by semicolons, expected commas or white space")
    separator = "," if "," in first_line else " "
    cells = [cell.strip() for cell in cells_of(first_line, separator)]
    if len(cells) < 2:
        raise BadRecords("the first line has one column, expected features and a label")
    return _named(separator, cells, label or "label") if _is_header(cells, label) else _nameless(separator, cells, label)


def cells_of(line: str, separator: str) -> list[str]:
    """Split one line."""
    return next(csv.reader([line])) if separator == "," else line.split()


def _is_header(cells: list[str], label: str | None) -> bool:
    wanted = (label or "label").casefold()
    return any(cell.casefold() == wanted for cell in cells) or not all(map(_numeric, cells[1:-1] or cells[:1]))


def _numeric(cell: str) -> bool:
    """Whether a cell can be a value; an empty one is a missing value, not a name."""
    try:
        float(cell or "nan")
    except ValueError:
        return cell in ("NA", "N/A", "null", "None")
    return True


def _named(separator: str, cells: list[str], label: str) -> Layout:
    lowered = [cell.casefold() for cell in cells]
    if "" in lowered:
        raise BadRecords(f"column {lowered.index('') + 1} has no name (a row number written along? write without it)")
    if len(set(lowered)) < len(lowered):
        raise BadRecords("two columns of the header have the same name")
    if label.casefold() not in lowered:
        shown = ", ".join([*cells[:3], "…", cells[-1]] if len(cells) > 4 else cells)
        raise BadRecords(f"there is no column named {label} among {shown}; name the label column with --label")
    at, whose = lowered.index(label.casefold()), [lowered.index(name) for name in PATIENT if name in lowered]
    features = tuple(i for i in range(len(cells)) if i != at and i not in whose)
    if not features:
        raise BadRecords("the header names no feature, expected at least one column beside the label")
    return Layout(separator, tuple(cells), at, whose[0] if whose else None, features, header=True)


def _nameless(separator: str, cells: list[str], label: str | None) -> Layout:
    if label:
        raise BadRecords(f"the file has no header, so there is no column named {label}; leave out --label")
    at = len(cells) - 1 if separator == "," else 0
    features = tuple(i for i in range(len(cells)) if i != at)
    names = [f"F{i + 1 if at else i}" for i in range(len(cells))]
    names[at] = "label"
    return Layout(separator, tuple(names), at, None, features, header=False)
