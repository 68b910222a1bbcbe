"""RR intervals: each against the one before (Poincaré plot), and how many there are of each length."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

import numpy as np

from predict.recordings.report.drawing.axes import Scale, marks, round_step
from predict.recordings.report.drawing.elements import box, element, number, picture
from predict.recordings.report.wording import Wording

LOWEST_MS, HIGHEST_MS, BIN_MS = 200, 2000, 20
BINS = (HIGHEST_MS - LOWEST_MS) // BIN_MS
SIDE_MM, WIDTH_MM, HEIGHT_MM = 95.0, 145.0, 95.0
LEFT_MM, RIGHT_MM, TOP_MM, BOTTOM_MM = 12.0, 5.0, 5.0, 8.0
MARK_MS = 200.0
LEVELS = 5  # of darkness: one pair, up to four, 16, 64, more


def draw_poincare(rr_ms: np.ndarray, nn_ms: np.ndarray, words: Wording) -> Element:
    """Pairs of intervals that follow each other.

    rr_ms, nn_ms  float64 (intervals,), NaN where there is none
    """
    x, y = Scale(LOWEST_MS, HIGHEST_MS, LEFT_MM, SIDE_MM - RIGHT_MM), Scale(LOWEST_MS, HIGHEST_MS, SIDE_MM - BOTTOM_MM, TOP_MM)
    is_pair = np.isfinite(rr_ms[:-1]) & np.isfinite(rr_ms[1:])
    is_nn = np.isfinite(nn_ms[:-1]) & np.isfinite(nn_ms[1:])
    said = words("poincare_said", count=words.number(int(is_pair.sum())), nn=words.number(int(is_nn.sum())))
    drawn = marks(x, y, (MARK_MS, MARK_MS), number, (words("rr_axis"), words("next_axis")))
    for chosen, name in ((is_pair & ~is_nn, "other"), (is_nn, "nn")):
        before, after = _bins(rr_ms[:-1][chosen]), _bins(rr_ms[1:][chosen])
        counts = np.bincount(before * BINS + after, minlength=BINS * BINS).reshape(BINS, BINS)
        drawn += _squares(counts, x, y, name)
    return picture(SIDE_MM, SIDE_MM, said, *drawn)


def _squares(counts: np.ndarray, x: Scale, y: Scale, name: str) -> Iterator[Element]:
    """A path of squares for each darkness."""
    side, down = (x.end_mm - x.start_mm) / BINS, (y.start_mm - y.end_mm) / BINS
    for darkness in range(LEVELS):
        most = 4 ** (darkness + 1) if darkness + 1 < LEVELS else np.inf
        found = np.argwhere((counts >= 4**darkness) & (counts < most)).tolist()
        parts = [box(x.start_mm + i * side, y.start_mm - (j + 1) * down, side, down) for i, j in found]
        if parts:
            yield element("path", d="".join(parts), class_=name, fill_opacity=(darkness + 2) / (LEVELS + 1))


def draw_histogram(rr_ms: np.ndarray, nn_ms: np.ndarray, words: Wording) -> Element:
    """How many intervals there are in each bin, NN below others; shapes as of `draw_poincare`."""
    known, is_nn = rr_ms[np.isfinite(rr_ms)], np.isfinite(nn_ms[np.isfinite(rr_ms)])
    every, nn = (np.bincount(_bins(some), minlength=BINS) for some in (known, known[is_nn]))
    most = max(1, int(every.max()))
    x, y = Scale(LOWEST_MS, HIGHEST_MS, LEFT_MM + 3, WIDTH_MM - RIGHT_MM), Scale(0, most * 1.05, HEIGHT_MM - BOTTOM_MM, TOP_MM)
    mode = LOWEST_MS + int(every.argmax()) * BIN_MS
    said = words("histogram_said", count=words.number(len(known)), mode=f"{mode}–{mode + BIN_MS}")
    drawn = marks(x, y, (MARK_MS, max(1.0, round_step(most, 5))), number, (words("rr_axis"), words("count_axis")))
    bars = [element("path", d=_bars(heights, x, y), class_=name) for heights, name in ((every, "other"), (nn, "nn"))]
    return picture(WIDTH_MM, HEIGHT_MM, said, *drawn, *bars)


def _bars(heights: np.ndarray, x: Scale, y: Scale) -> str:
    width = (x.end_mm - x.start_mm) / BINS
    parts = [
        box(x.start_mm + i * width, y.at(count), width, y.start_mm - y.at(count))
        for i, count in enumerate(heights.tolist())
        if count
    ]
    return "".join(parts)


def _bins(intervals_ms: np.ndarray) -> np.ndarray:
    """The bin of each interval; those outside are in the first and the last."""
    return np.clip((intervals_ms - LOWEST_MS) // BIN_MS, 0, BINS - 1).astype(int)
