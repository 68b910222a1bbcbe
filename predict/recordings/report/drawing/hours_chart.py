"""Ectopic beats by hour of the recording."""

from collections.abc import Sequence
from xml.etree.ElementTree import Element

from predict.recordings.outputs.colours import class_colour
from predict.recordings.report.drawing.axes import Scale, clock, marks, round_step, time_step
from predict.recordings.report.drawing.elements import box, element, picture
from predict.recordings.report.wording import Wording
from server.models.report.structure import Hour

WIDTH_MM, HEIGHT_MM = 250.0, 50.0
LEFT_MM, TOP_MM, BOTTOM_MM = 12.0, 5.0, 8.0
SHARE = 0.4  # of an hour's width that a bar has
HOUR_S = 3600.0
MOST_MARKS = (12, 5)


def draw_hours(hours: Sequence[Hour], classes: Sequence[str], words: Wording) -> Element:
    """Two bars an hour: S and V beats."""
    counts = {"S": [hour.s_beats or 0 for hour in hours], "V": [hour.v_beats or 0 for hour in hours]}
    most, end_s = max(1, *counts["S"], *counts["V"]), len(hours) * HOUR_S
    x, y = Scale(0.0, end_s, LEFT_MM, WIDTH_MM - 6), Scale(0, most * 1.05, HEIGHT_MM - BOTTOM_MM, TOP_MM)
    steps = max(HOUR_S, time_step(end_s, MOST_MARKS[0])), max(1.0, round_step(most, MOST_MARKS[1]))
    drawn = marks(x, y, steps, clock, (words("time_axis"), words("ectopic_beats")))
    for i, (name, heights) in enumerate(counts.items()):
        first = x.at((0.5 + (i - 1) * SHARE) * HOUR_S)
        bars = _bars(heights, first, (x.end_mm - x.start_mm) / len(hours), y)
        drawn.append(element("path", d=bars, fill=class_colour(classes.index(name)) if name in classes else "none"))
    return picture(WIDTH_MM, HEIGHT_MM, words("by_hour_said"), *drawn)


def _bars(heights: Sequence[int], first_mm: float, hour_mm: float, y: Scale) -> str:
    parts = [
        box(first_mm + i * hour_mm, y.at(count), SHARE * hour_mm, y.start_mm - y.at(count))
        for i, count in enumerate(heights)
        if count
    ]
    return "".join(parts)
