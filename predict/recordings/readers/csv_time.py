"""The sampling rate that a column of time says, and the gaps in it."""

import re
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from predict.recordings.signal import LONGEST_S, BadRecording

GAP_STEPS = 1.5  # a step longer than so many usual ones is a gap
MOST_UNEVEN = 0.01  # of the steps may be off by more than half a step
PLAUSIBLE_HZ = (20.0, 20_000.0)  # of an ECG: of the units that a time may have, one gives such a rate
COARSEST = 0.01  # of the rate may be uncertain
LEAST_UNIX_MS = 1e11
UNITS_S = {"s": 1.0, "ms": 1e-3, "µs": 1e-6, "ns": 1e-9}
DAY_S = 86400.0


class Times(NamedTuple):
    """When each sample was taken.

    seconds      float64 (samples,)
    rounding_s   to what they are rounded
    """

    seconds: np.ndarray
    rounding_s: float


class Grid(NamedTuple):
    """The rate of a recording, None where the times are too coarse to tell; the place of each sample, where there are gaps."""

    rate_hz: float | None
    places: np.ndarray | None
    length: int


def rounding(cell: str) -> float:
    """To what a number or a time of day is rounded: 0.001 of 12.345 and of 10:00:00.000."""
    decimals = re.findall(r"[.,](\d+)", cell)
    return 0.0 if "e" in cell.casefold() else 10.0 ** -len(decimals[-1] if decimals else "")


def seconds_of_text(path: Path, texts: pd.Series) -> np.ndarray:
    """Seconds of time stamps, ISO 8601 or with a time of day as hh:mm:ss or mm:ss, float64 (samples,); raises BadRecording."""
    texts = texts.str.replace(",", ".")
    try:
        if str(texts.iloc[0])[:5].count("-") == 1 and len(str(texts.iloc[0])) > len("2024-01-01"):
            stamps = pd.to_datetime(texts, format="ISO8601", utc=True)
            return (stamps - stamps.iloc[0]).dt.total_seconds().to_numpy(np.float64)
        clock = texts.str.extract(r"(\d+:\d\d(?::\d\d)?(?:\.\d+)?)", expand=False)
        hours = "00:" if str(clock.iloc[0]).count(":") == 1 else ""
        return _unwrap_midnight(pd.to_timedelta(hours + clock).dt.total_seconds().to_numpy(np.float64))
    except (ValueError, TypeError, AttributeError) as error:
        raise BadRecording(f"{path}: expected seconds, ms, hh:mm:ss or ISO 8601 in the column of time") from error


def _unwrap_midnight(seconds: np.ndarray) -> np.ndarray:
    """The same, counted on where a day ends."""
    days = np.cumsum(np.diff(seconds, prepend=seconds[:1]) < -DAY_S / 2)
    return seconds + days * DAY_S


def plausible_unit(numbers: np.ndarray) -> str | None:
    """The unit in which the rate of these times is plausible; None where they go up by one, which rather counts samples."""
    step = _usual_step(numbers)
    if not step > 0 or (step == 1 and numbers[0] < LEAST_UNIX_MS):
        return None
    low, high = PLAUSIBLE_HZ
    return next((name for name, second in UNITS_S.items() if low <= 1 / (step * second) < high), None)


def sampling_grid(path: Path, times: Times, first_line: int) -> Grid:
    """The rate, from the whole span over the steps that are no gaps, and where the samples lie; raises BadRecording.

    first_line  of the table in the file, from 1 on, for messages
    """
    seconds, rounding_s = times
    if not np.isfinite(seconds).all():
        raise BadRecording(f"{path}: line {first_line + int(np.isfinite(seconds).argmin())}: expected a time")
    steps = np.diff(seconds)
    if len(steps) and steps.min() < 0:
        line = first_line + 1 + int((steps < 0).argmax())
        raise BadRecording(f"{path}: line {line}: expected a later time than in the line before")
    step = _usual_step(seconds)
    if not step > 0:
        raise BadRecording(f"{path}: expected a column of time that counts up")
    if np.median(steps) == 0:  # several samples have one time: this is as fine as the times are
        rounding_s = max(rounding_s, float(steps[steps > 0].min()))
    gaps = steps > GAP_STEPS * step + rounding_s
    even, span = steps[~gaps], float(steps[~gaps].sum())
    step = span / len(even)
    gaps = steps > GAP_STEPS * step + rounding_s
    if rounding_s / span > COARSEST:
        return Grid(None, None, len(seconds))
    if (np.abs(even - step) > step / 2 + rounding_s).mean() > MOST_UNEVEN:
        raise BadRecording(f"{path}: expected even steps in the column of time")
    rate = _round_if_close(1 / step, rounding_s * (1 + int(gaps.sum())) / span)
    if not gaps.any():
        return Grid(rate, None, len(seconds))
    if seconds[-1] - seconds[0] > LONGEST_S:
        raise BadRecording(f"{path}: expected times within {LONGEST_S / DAY_S:.0f} days")
    jumps = np.where(gaps, np.maximum(np.rint(steps * rate), 1), 1).astype(np.int64)
    places = np.concatenate([[0], np.cumsum(jumps)])
    return Grid(rate, places, int(places[-1]) + 1)


def _usual_step(seconds: np.ndarray) -> float:
    """The step between most samples: their median, or where this is rounded to nothing the mean of those up to it."""
    steps = np.diff(seconds)
    if not len(steps):
        return float("nan")
    usual = float(np.median(steps))
    return usual if usual > 0 else float(steps.mean())


def _round_if_close(rate_hz: float, uncertainty: float) -> float:
    """A whole number of Hz where that is within the uncertainty, a share of the rate; else with three decimals."""
    whole = round(rate_hz)
    return float(whole) if abs(rate_hz - whole) <= rate_hz * max(uncertainty, 1e-6) else rate_hz
