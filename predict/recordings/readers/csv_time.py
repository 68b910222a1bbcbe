"""The sampling rate that a column of time says, and the gaps in it."""

import re
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from predict.recordings.readers.blocks import slices
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
    """The rate of a recording, None where the times are too coarse to tell, and its gaps: before which sample, and how long."""

    rate_hz: float | None
    gaps: Sequence[tuple[int, int]]


def rounding(cell: str) -> float:
    """To what a number or a time of day is rounded: 0.001 of 12.345 and of 10:00:00.000."""
    decimals = re.findall(r"[.,](\d+)", cell)
    return 0.0 if "e" in cell.casefold() else 10.0 ** -len(decimals[-1] if decimals else "")


def seconds_of_text(path: Path, blocks: Iterable[pd.Series]) -> np.ndarray:
    """Seconds of time stamps, ISO 8601 or with a time of day as hh:mm:ss or mm:ss, float64 (samples,); raises BadRecording."""
    texts = (block.str.replace(",", ".") for block in blocks)
    try:
        beginning = next(texts)
        first = str(beginning.iloc[0])
        if first[:5].count("-") == 1 and len(first) > len("2024-01-01"):
            began = _stamps(beginning).iloc[0]
            return np.concatenate([_seconds(_stamps(block) - began) for block in chain([beginning], texts)])
        hours = "00:" if str(_clock(beginning).iloc[0]).count(":") == 1 else ""
        clocks = (_clock(block) for block in chain([beginning], texts))
        return _unwrap_midnight(np.concatenate([_seconds(pd.to_timedelta(hours + block)) for block in clocks]))
    except (ValueError, TypeError, AttributeError) as error:
        raise BadRecording(f"{path}: expected seconds, ms, hh:mm:ss or ISO 8601 in the column of time") from error


def _stamps(texts: pd.Series) -> pd.Series:
    return pd.to_datetime(texts, format="ISO8601", utc=True)


def _clock(texts: pd.Series) -> pd.Series:
    return texts.str.extract(r"(\d+:\d\d(?::\d\d)?(?:\.\d+)?)", expand=False)


def _seconds(spans: pd.Series) -> np.ndarray:
    return spans.dt.total_seconds().to_numpy(np.float64)


def _unwrap_midnight(seconds: np.ndarray) -> np.ndarray:
    """The same, counted on where a day ends."""
    days = np.cumsum(np.diff(seconds, prepend=seconds[:1]) < -DAY_S / 2)
    return seconds + days * DAY_S


def plausible_unit(numbers: np.ndarray) -> str | None:
    """The unit in which the rate of these times is plausible; None where they go up by one, which rather counts samples."""
    step, _ = _usual_step(numbers)
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
    step, several_at_once = _usual_step(seconds)
    steps = np.diff(seconds)
    if len(steps) and steps.min() < 0:
        line = first_line + 1 + int((steps < 0).argmax())
        raise BadRecording(f"{path}: line {line}: expected a later time than in the line before")
    if not step > 0:
        raise BadRecording(f"{path}: expected a column of time that counts up")
    if several_at_once:  # this is as fine as the times are
        rounding_s = max(rounding_s, float(steps[steps > 0].min()))
    first_gaps = steps > GAP_STEPS * step + rounding_s
    even, span = len(steps) - int(first_gaps.sum()), float(steps.sum() - steps[first_gaps].sum())
    step = span / even
    gaps = steps > GAP_STEPS * step + rounding_s
    if rounding_s / span > COARSEST:
        return Grid(None, ())
    uneven = sum(int((np.abs(part - step) > step / 2 + rounding_s).sum()) for part in slices(steps))
    uneven -= int((np.abs(steps[first_gaps] - step) > step / 2 + rounding_s).sum())
    if uneven > MOST_UNEVEN * even:
        raise BadRecording(f"{path}: expected even steps in the column of time")
    rate = _round_if_close(1 / step, rounding_s * (1 + int(gaps.sum())) / span)
    if gaps.any() and seconds[-1] - seconds[0] > LONGEST_S:
        raise BadRecording(f"{path}: expected times within {LONGEST_S / DAY_S:.0f} days")
    before = np.flatnonzero(gaps)
    missing = np.maximum(np.rint(steps[before] * rate), 1).astype(np.int64) - 1
    return Grid(rate, list(zip((before + 1).tolist(), missing.tolist(), strict=True)))


def _usual_step(seconds: np.ndarray) -> tuple[float, bool]:
    """The step between most samples: their median, or where several samples have one time, which is also told, the mean."""
    if len(seconds) < 2:
        return float("nan"), False
    usual = float(np.median(np.diff(seconds), overwrite_input=True))
    return (usual, False) if usual > 0 else (float(np.diff(seconds).mean()), usual == 0)


def _round_if_close(rate_hz: float, uncertainty: float) -> float:
    """A whole number of Hz where that is within the uncertainty, a share of the rate; else with three decimals."""
    whole = round(rate_hz)
    return float(whole) if abs(rate_hz - whole) <= rate_hz * max(uncertainty, 1e-6) else rate_hz
