"""What the columns of a table are: leads with their units, time, or neither; and what the lines before the table say."""

import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

from predict.recordings.readers.csv_layout import COMMENTS, Layout, is_number
from predict.recordings.signal import Channel, is_unknown, is_voltage

_TIMES = {
    *("time", "t", "timestamp", "time stamp", "elapsed", "date", "datetime", "clock", "zeit", "temps"),  # or `elapsed time`
    *("s", "sec", "secs", "second", "seconds", "ms", "msec", "millisecond", "milliseconds", "us", "μs", "microseconds"),
}
_COUNTS = {"", "index", "idx", "sample", "samples", "sample #", "sample number", "nr", "no", "n", "#", "row", "frame"}
SECONDS = {"s": 1.0, "sec": 1.0, "secs": 1.0, "second": 1.0, "seconds": 1.0, "ms": 1e-3, "msec": 1e-3, "millisecond": 1e-3}
SECONDS |= {"milliseconds": 1e-3, "us": 1e-6, "μs": 1e-6, "microseconds": 1e-6, "ns": 1e-9}
_NO_VOLTAGES = {"degc", "°c", "c", "%", "bpm", "1/min", "mmhg", "ohm", "g", "mg", "m/s2", "m/s^2", "hz", "l", "kpa", "°/s"}
_CLOCKS = {"mm:ss.mmm", "hh:mm:ss.mmm", "hh:mm:ss", "mm:ss"}
_WITH_UNIT = (re.compile(r"(.+?)\s*[\[(]([^\[\]()]*)[\])]"), re.compile(r"(.+)[_/]([^_/]+)"), re.compile(r"(.+) (s|[^ ]{2,})"))
_LEAD = re.compile(
    r"(lead[ _]?)?(i{1,3}|av[rlf]|v\d{1,2}r?|ml\w{1,3}|(ecg|ekg|ch|channel)[ _]?\d{0,2}|signal|voltage)", re.IGNORECASE
)
_RATE = re.compile(
    r"(?:sampl\w*[ _-]*(?:rate|freq\w*)|^fs|^freq\w*)[ _]*(?:[\[(]?k?hz[\])]?)?\W+(\d+(?:[.,]\d+)?) *(k?)(?:hz|hertz|sps|\W|$)",
    re.IGNORECASE,
)
_PERSONAL = re.compile(r"(first |last |patient|sur)?_?(name|patient|id|mrn|dob|date of birth|birth|sex|age)\b", re.IGNORECASE)
_UNIT = re.compile(r"units?\W+(\w+)\W*", re.IGNORECASE)
_LEAD_LINE = re.compile(r"lead\W+(.+?)\W*", re.IGNORECASE)


class Columns(NamedTuple):
    """The roles of a table's columns.

    leads     column and signal of each lead
    time      columns that may be the time, and the unit of each in s, None where it is not said
    rate_hz   as a line before the table says it
    """

    leads: list[tuple[int, Channel]]
    time: list[tuple[int, float | None]]
    rate_hz: float | None


def classify_columns(layout: Layout) -> Columns:
    """The roles of the columns, by their names and what they hold."""
    width = len(layout.numeric)
    header, units = _find_header(layout)
    named = [_split_unit(name) for name in header] if header else [("", "")] * width
    named = [(name, unit or told) for (name, unit), told in zip(named, units or [""] * width, strict=True)]
    lower = [(name.casefold().replace("_", " "), unit.casefold()) for name, unit in named]
    timed = [i for i, (name, _) in enumerate(lower) if name in _TIMES or name.endswith((" time", " timestamp"))]
    times = [(i, SECONDS.get(lower[i][1]) or SECONDS.get(lower[i][0])) for i in timed]
    if not times:
        times = [(i, None) for i, number in enumerate(layout.numeric) if not number and ":" in layout.rows[0][i]]
    taken = {i for i, _ in times}
    leads = [i for i in range(width) if i not in taken and layout.numeric[i] and not _only_counts(layout, i, named[i][0])]
    own = _find_setting(_UNIT, layout, is_voltage) or ""
    lead = _find_setting(_LEAD_LINE, layout, lambda text: bool(_LEAD.fullmatch(text))) if len(leads) == 1 else None
    channels = [Channel(named[i][0] or lead or "", named[i][1] or own) for i in leads]
    return Columns(list(zip(leads, channels, strict=True)), times, _find_sampling_rate(layout))


def _find_header(layout: Layout) -> tuple[list[str], list[str]]:
    """The cells of the line of names and of that of units, empty where there is none."""
    lines = [line for line in layout.before if line.strip() and not line.startswith("sep=")]
    before = [_cells(layout, line.lstrip("#%/ ")) for line in lines]
    comments = [line.lstrip().startswith(COMMENTS) for line in lines]
    if not before:
        return [], []
    units = before[-1] if len(before) > 1 and _are_units(before[-1], len(layout.numeric)) else []
    cells = _column_names(before[-2] if units else before[-1], layout)
    first = len(before) == (2 if units else 1) and not comments[-1] and not _may_be_personal(cells)
    return (cells, units) if cells and (first or any(_names_a_signal(cell) for cell in cells)) else ([], units)


def _cells(layout: Layout, line: str) -> list[str]:
    """The cells of a line of names; where blanks part the numbers, names with a blank within are parted by two."""
    cells = layout.cells(line)
    by_two = re.split(r"\s{2,}|\t", line.strip()) if layout.separator == r"\s+" else cells
    return by_two if len(by_two) == len(layout.numeric) else cells


def _column_names(cells: list[str], layout: Layout) -> list[str]:
    """A line of names, as wide as the table; empty where it is none."""
    if (
        all(not cell or is_number(cell, layout.decimal) for cell in cells)
        or _RATE.search(cells[0])
        or _UNIT.fullmatch(" ".join(cells))
    ):
        return []
    if len(cells) == len(layout.numeric) - 1 and not any(row[-1] for row in layout.rows):
        cells = [*cells, ""]  # each line of numbers ends with a separator
    return cells if len(cells) == len(layout.numeric) else []


def _are_units(cells: Sequence[str], width: int) -> bool:
    cells = [cell.strip("()[]") for cell in cells]
    known = [cell for cell in cells if is_voltage(cell) or cell.casefold() in SECONDS or cell.casefold() in _CLOCKS]
    return len(cells) == width and bool(known) and all(cell in known or _is_unit(cell) or len(cell) < 4 for cell in cells)


def _is_unit(text: str) -> bool:
    return is_voltage(text) or is_unknown(text) or text.strip().casefold() in _NO_VOLTAGES | SECONDS.keys()


def _split_unit(name: str) -> tuple[str, str]:
    """A column's name and the unit in it: `II_mV`, `II (mV)`, `II [uV]`, `ECG/mV`, `II mV`."""
    for pattern in _WITH_UNIT:
        told = pattern.fullmatch(name.strip())
        if told and _is_unit(told[2]) and told[2].strip():
            return told[1].strip(), told[2].strip()
    return name.strip(), ""


def _names_a_signal(cell: str) -> bool:
    """Whether it is what a column is called, so that no line with a person's name is taken for the names of columns."""
    name, unit = _split_unit(cell)
    return bool(unit or _LEAD.fullmatch(name)) or name.casefold().replace("_", " ") in _TIMES


def _may_be_personal(cells: Sequence[str]) -> bool:
    """Whether a first line may say who the patient is, which must never be said as the name of a lead."""
    keys = any(_PERSONAL.match(cell) or ":" in cell or "=" in cell for cell in cells)
    return keys or (len(cells) == 1 and " " in cells[0])


def _only_counts(layout: Layout, column: int, name: str) -> bool:
    """Whether a column merely counts, or has neither a name nor a number."""
    cells = [row[column] for row in layout.rows]
    if not any(cells):
        return not name
    numbers = [int(cell) for cell in cells if cell.isdecimal()]
    counts = len(numbers) == len(cells) > 1 and all(b - a == 1 for a, b in pairwise(numbers))
    return counts and name.casefold().replace("_", " ").removeprefix("unnamed: 0") in _COUNTS


def _find_setting(pattern: re.Pattern[str], layout: Layout, fits: Callable[[str], bool]) -> str | None:
    """What a line before the table says, where it is something that is expected there: nothing else of it is ever used."""
    found = (pattern.fullmatch(line.strip(" \t#%/\"'")) for line in layout.before)
    return next((match[1] for match in found if match and fits(match[1])), None)


def _find_sampling_rate(layout: Layout) -> float | None:
    found = (_RATE.search(line.strip(" \t#%/\"'")) for line in layout.before)
    match = next((match for match in found if match), None)
    return float(match[1].replace(",", ".")) * (1000 if match[2] else 1) if match else None
