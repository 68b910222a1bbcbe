"""CSV files of signals: a column a lead, perhaps one of the time, and a header that says which is which."""

import re
from pathlib import Path

import numpy as np
import pandas as pd

from predict.recordings.signal import MILLIVOLTS, BadRecording, Signal, chosen, millivolts

TIMES = ("time_s", "time", "seconds", "t")
EVEN = 0.01  # by how much steps of time may differ, as a share of one
_WITH_UNIT = re.compile(r"(?P<lead>.+?)[ _]?[\[(_]?(?P<unit>" + "|".join(sorted(MILLIVOLTS, key=len, reverse=True)) + r")[\])]?")


def leads(path: Path) -> list[str]:
    """The columns that are no time."""
    return list(_columns(_table(path, rows=1)))


def read(path: Path, wanted: str | None, rate_hz: float | None, unit: str | None) -> Signal:
    """One column; raises BadRecording where its unit or sampling rate is not known.

    rate_hz  the sampling rate, where no column of time in seconds says it
    unit     of the numbers, where no column does, like `MLII (mV)` or `MLII_mV`
    """
    table = _table(path)
    columns = _columns(table)
    lead = chosen(path, list(columns), wanted)
    column, own_unit = columns[lead]
    values = pd.to_numeric(table[column], errors="coerce")
    if (values.isna() & table[column].notna()).any():
        raise BadRecording(f"{path}: expected numbers in the column {column}, and nothing else but gaps")
    if not (own_unit or unit):
        raise BadRecording(f"{path}: expected the unit of {column}: --unit mV, or a column named like {column}_mV")
    rate = _rate(table, path) or rate_hz
    if rate is None:
        raise BadRecording(f"{path}: expected --sampling-rate HZ, or a column time_s with seconds")
    return Signal(path.name.partition(".")[0], lead, millivolts(values.to_numpy(), own_unit or unit or "", path), rate)


def _table(path: Path, rows: int | None = None) -> pd.DataFrame:
    try:
        return pd.read_csv(path, nrows=rows, skipinitialspace=True)
    except (ValueError, OSError, UnicodeError) as error:
        raise BadRecording(f"{path}: expected CSV with a header, a column a lead") from error


def _columns(table: pd.DataFrame) -> dict[str, tuple[str, str]]:
    """The leads by name, each with its column and the unit that this tells, if it does."""
    found = {}
    for column in (column for column in table.columns if column.lower() not in TIMES):
        told = _WITH_UNIT.fullmatch(column)
        found[told["lead"] if told else column] = (column, told["unit"] if told else "")
    return found


def _rate(table: pd.DataFrame, path: Path) -> float | None:
    column = next((column for column in table.columns if column.lower() in TIMES), None)
    if column is None:
        return None
    steps = np.diff(pd.to_numeric(table[column], errors="coerce").to_numpy(np.float64))
    step = float(np.median(steps)) if len(steps) else float("nan")
    if not step > 0 or not (np.abs(steps - step) <= EVEN * step).all():
        raise BadRecording(f"{path}: expected seconds in even steps in the column {column}")
    return round(1 / step, 3)
