"""The axes of a chart: from a value to millimetres, and its marks with what they are called."""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, floor, log10
from xml.etree.ElementTree import Element

import numpy as np

from predict.recordings.report.drawing.elements import element, number

TIME_STEPS_S = (1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14400, 21600, 43200, 86400)
LETTER_MM = 2.8


@dataclass(frozen=True)
class Scale:
    """One axis: the value `low` stands at `start_mm`, `high` at `end_mm`."""

    low: float
    high: float
    start_mm: float
    end_mm: float

    def mm(self, value: np.ndarray) -> np.ndarray:
        """Where values stand, mm, the same shape."""
        return self.start_mm + (value - self.low) / (self.high - self.low) * (self.end_mm - self.start_mm)

    def at(self, value: float) -> float:
        """Where one value stands, mm."""
        return float(self.mm(np.array(value)))

    def ticks(self, step: float) -> list[float]:
        """The multiples of a step on the axis."""
        return [step * i for i in range(ceil(self.low / step - 1e-9), floor(self.high / step + 1e-9) + 1)]


def round_step(span: float, most: int) -> float:
    """The least of 1, 2, 5, 10, … that divides a span into `most` parts at most."""
    least = span / most
    power = 10.0 ** floor(log10(least))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= least * (1 - 1e-9))


def time_step(span_s: float, most: int) -> float:
    """The same for a time in s: whole seconds, minutes, hours; of many days, days."""
    return next((step for step in TIME_STEPS_S if step * most >= span_s), 86400.0 * ceil(span_s / 86400 / most))


def clock(seconds: float) -> str:
    """A time since the recording began: 0:00:07, 26:03:00."""
    whole = round(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"


def marks(
    x: Scale, y: Scale, steps: tuple[float, float], said: Callable[[float], str], names: tuple[str, str], band_mm: float = 0.0
) -> list[Element]:
    """The frame of a chart, its marks, what they are called, and the names of the axes.

    steps    from mark to mark along x and y
    said     what a mark on x is called; on y it is its number
    band_mm  how much is left between the lowest value and the frame
    """
    left, right, bottom, top = x.start_mm, x.end_mm, y.start_mm + band_mm, y.end_mm
    grid = [f"M{number(x.at(value))} {number(top)}V{number(bottom)}" for value in x.ticks(steps[0])]
    grid += [f"M{number(left)} {number(y.at(value))}H{number(right)}" for value in y.ticks(steps[1])]
    frame = f"M{number(left)} {number(top)}V{number(bottom)}H{number(right)}"
    below, before = bottom + LETTER_MM + 0.7, left - 1
    return [
        element("path", d="".join(grid), class_="grid"),
        element("path", d=frame, class_="frame"),
        *(element("text", said(v), x=x.at(v), y=below, class_="middle") for v in x.ticks(steps[0])),
        *(element("text", number(v), x=before, y=y.at(v) + 1, class_="end") for v in y.ticks(steps[1])),
        element("text", names[0], x=right, y=below + LETTER_MM + 0.8, class_="end"),
        element("text", names[1], x=left, y=top - 1.5),
    ]
