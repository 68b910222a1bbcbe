"""CSV of signals: a column a lead, perhaps one of time; with or without a header, and with lines before the table.

Only the beginning is looked at line by line, to find the table; the numbers are read by pandas' C parser, some lines at a time:
first the column of time, if there is one, then the lead's.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from predict.recordings.file_kind import READ_HERE, detect_encoding, first_bytes
from predict.recordings.readers import csv_time
from predict.recordings.readers.blocks import with_gaps
from predict.recordings.readers.csv_columns import classify_columns
from predict.recordings.readers.csv_layout import MISSING, detect_layout
from predict.recordings.readers.csv_table import Table, check_lines, has_even_lines, open_table
from predict.recordings.readers.csv_time import Grid, Times
from predict.recordings.signal import BadRecording, OpenRecording, Samples

HEAD_BYTES = 1 << 16  # looked at to find the table
ROUNDING_ROWS = 100
BLOCK_ROWS = 1 << 18
_NA_VALUES = sorted({form(word) for word in MISSING for form in (str, str.upper, str.capitalize)} | {"NaN"})


def open_recording(path: Path) -> OpenRecording:
    """The leads in the table; raises BadRecording."""
    table = _find_table(path)
    leads = table.columns.leads
    return OpenRecording([channel for _, channel in leads], lambda index: _read_lead(table, leads[index][0]))


def holds_table(path: Path) -> bool:
    """Whether there is a table of at least two columns in a text, so that it may be a recording though it is not called .csv."""
    try:
        return len(_find_table(path).layout.numeric) > 1
    except BadRecording:
        return False


def _find_table(path: Path) -> Table:
    head = first_bytes(path, HEAD_BYTES)
    encoding = detect_encoding(head) or "utf-8"
    text = head.decode(encoding, "replace")
    if len(head) == HEAD_BYTES:
        text = text[: max(text.rfind("\n"), text.rfind("\r"))]
    layout = detect_layout(text)
    if layout is None:
        raise BadRecording(f"{path}: expected a recording, this is a text without lines of numbers; {READ_HERE}")
    return Table(path, encoding, layout, classify_columns(layout))


def _read_lead(table: Table, lead: int) -> Samples:
    """The column `lead`, with gaps where the time has them."""
    time = _time_column(table)
    if time is None:
        return Samples(_numbers(table, lead), table.columns.rate_hz)
    grid, notes = _sampling_grid(table, time)
    rate = grid.rate_hz or table.columns.rate_hz
    return Samples(with_gaps(_numbers(table, lead), grid.gaps), rate, notes)


def _numbers(table: Table, column: int) -> Iterator[np.ndarray]:
    """A column of numbers in blocks; after the last raises BadRecording for a line that is not one of the table."""
    missing = []
    for block in _read_column(table, column, np.float64):
        values = block.to_numpy()
        missing.append(np.isnan(values))
        yield values
    check_lines(table, np.concatenate(missing) if has_even_lines(table) else None)


def _time_column(table: Table) -> tuple[int, float | None] | None:
    """Of the columns that may be the time one that says its unit, else a time of day, else one of numbers."""
    numeric, first = table.layout.numeric, table.layout.rows[0]
    possible = [(i, unit) for i, unit in table.columns.time if numeric[i] or ":" in first[i]]
    return min(possible, key=lambda column: (column[1] is None or not numeric[column[0]], numeric[column[0]]), default=None)


def _sampling_grid(table: Table, time: tuple[int, float | None]) -> tuple[Grid, tuple[str, ...]]:
    index, unit = time
    rounding_s = min(csv_time.rounding(row[index]) for row in table.layout.rows[:ROUNDING_ROWS])
    notes: tuple[str, ...] = ()
    if not table.layout.numeric[index]:
        seconds, unit = csv_time.seconds_of_text(table.path, _read_column(table, index, str)), 1.0
    else:
        seconds = np.concatenate([block.to_numpy() for block in _read_column(table, index, np.float64)])
        if unit is None:
            guessed = csv_time.plausible_unit(seconds)
            if guessed is None:
                return Grid(None, ()), ()
            unit, notes = csv_time.UNITS_S[guessed], (f"the column of time is taken for {guessed}",) * (guessed != "s")
    seconds *= unit
    return csv_time.sampling_grid(table.path, Times(seconds, rounding_s * unit), table.layout.first + 1), notes


def _read_column(table: Table, column: int, kind: type) -> Iterator[pd.Series]:
    """A column in blocks, as float64 or as text."""
    layout, width = table.layout, len(table.layout.numeric)
    with open_table(table) as text:
        try:
            yield from (frame[column] for frame in pd.read_csv(
                text, header=None, names=list(range(width)), usecols=[column], index_col=False, dtype=kind,
                sep=layout.separator or ";", decimal=layout.decimal, quotechar=layout.quote, skipinitialspace=True,
                na_values=_NA_VALUES, chunksize=BLOCK_ROWS, low_memory=False,
            ))  # fmt: skip
        except ValueError as error:  # pandas would say what stands there
            check_lines(table, None)
            raise BadRecording(f"{table.path}: expected lines of {width} numbers") from error
