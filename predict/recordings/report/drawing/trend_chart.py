"""Heart rate over the whole of a recording, with a band of the rhythm under it."""

from collections.abc import Iterator, Sequence
from math import floor
from xml.etree.ElementTree import Element

from predict.recordings.outputs.colours import RHYTHM_COLOURS, SHADE
from predict.recordings.outputs.stretches import Stretch, total_s
from predict.recordings.report.drawing.axes import Scale, clock, marks, round_step, time_step
from predict.recordings.report.drawing.elements import box, element, number, picture
from predict.recordings.report.wording import Wording
from server.models.report.structure import Trend

WIDTH_MM, HEIGHT_MM = 250.0, 62.0
LEFT_MM, TOP_MM, BOTTOM_MM = 12.0, 5.0, 12.0
BAND_MM, GAP_MM = 4.0, 0.8
BAND_TOP_MM = HEIGHT_MM - BOTTOM_MM - GAP_MM - BAND_MM
LEAST_MM = 0.2  # the width of a short episode in the band
LEGEND_MM = 52.0
MOST_MARKS = (12, 5)


def draw_trend(trend: Trend, stretches: Sequence[Stretch], duration_s: float, said: str, words: Wording) -> Element:
    """Heart rate by step of the trend; `said` is what a screen reader says of it."""
    x = Scale(0.0, duration_s, LEFT_MM, WIDTH_MM - 6)
    y = _rates(trend, BAND_TOP_MM - GAP_MM)
    steps = time_step(duration_s, MOST_MARKS[0]), round_step(y.high - y.low, MOST_MARKS[1])
    drawn = [
        *marks(x, y, steps, clock, (words("time_axis"), words("rate_axis")), BAND_MM + 2 * GAP_MM),
        *_line(trend, x, y, duration_s),
        *_bands(stretches, x, words),
    ]
    return picture(WIDTH_MM, HEIGHT_MM, said, *drawn)


def _rates(trend: Trend, bottom_mm: float) -> Scale:
    """Tens of beats a minute, more than ten around all that is drawn."""
    known = [value for value in (*trend.lowest_bpm, *trend.highest_bpm) if value is not None] or [60.0, 100.0]
    return Scale(10 * floor(min(known) / 10) - 10, 10 * floor(max(known) / 10) + 20, bottom_mm, TOP_MM)


def _line(trend: Trend, x: Scale, y: Scale, duration_s: float) -> Iterator[Element]:
    shade, line, pen = [], [], "M"
    steps = zip(trend.mean_bpm, trend.lowest_bpm, trend.highest_bpm, strict=True)
    for i, (mean, lowest, highest) in enumerate(steps):
        if mean is None or lowest is None or highest is None:
            pen = "M"
            continue
        left, right = (x.at(min(duration_s, step * trend.step_s)) for step in (i, i + 1))
        shade.append(box(left, y.at(highest), right - left, y.at(lowest) - y.at(highest)))
        line.append(f"{pen}{number(left)} {number(y.at(mean))}H{number(right)}")
        pen = "L"
    yield element("path", d="".join(shade), class_="range")
    yield element("path", d="".join(line), class_="mean")


def _bands(stretches: Sequence[Stretch], x: Scale, words: Wording) -> Iterator[Element]:
    """One path for each rhythm, the longest in all first, so that short episodes are seen; what each is called under it."""
    lasts_s = total_s(stretches)
    for i, rhythm in enumerate(sorted(lasts_s, key=lambda name: -lasts_s[name])):
        colour = RHYTHM_COLOURS.get(rhythm, SHADE)
        parts = [box(x.at(one.start_s), BAND_TOP_MM, _width(one, x), BAND_MM) for one in stretches if one.rhythm == rhythm]
        left, top = LEFT_MM + i * LEGEND_MM, HEIGHT_MM - 3
        yield element("path", d="".join(parts), fill=colour)
        yield element("rect", x=left, y=top, width=3, height=2.4, fill=colour)
        yield element("text", words.known("rhythm", rhythm), x=left + 4, y=top + 2.2)


def _width(one: Stretch, x: Scale) -> float:
    return max(LEAST_MM, x.at(one.end_s) - x.at(one.start_s))
