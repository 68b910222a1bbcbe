"""HTML and SVG as a tree of elements; text is escaped where the tree is written, so that none of it can be markup."""

from collections.abc import Iterable
from functools import cache
from xml.etree.ElementTree import Element, tostring

import numpy as np


def element(tag: str, /, *content: Element | str, **attributes: str | float) -> Element:
    """An element with texts and other elements in it; `class_` is the attribute class, `stroke_width` is stroke-width."""
    made = Element(tag, {key.strip("_").replace("_", "-"): _value(value) for key, value in attributes.items()})
    for part in content:
        if isinstance(part, Element):
            made.append(part)
        elif len(made):
            made[-1].tail = (made[-1].tail or "") + part
        else:
            made.text = (made.text or "") + part
    return made


def picture(width_mm: float, height_mm: float, said: str, *content: Element) -> Element:
    """An SVG picture of this size on paper, whose units are millimetres; `said` is what a screen reader says of it."""
    size = {"width": f"{number(width_mm)}mm", "height": f"{number(height_mm)}mm"}
    view = f"0 0 {number(width_mm)} {number(height_mm)}"
    return element("svg", element("title", said), *content, **size, viewBox=view, role="img", aria_label=said)


def path(x: np.ndarray, y: np.ndarray) -> str:
    """The `d` of a line through points in mm, float64 (points,), with a gap where y is NaN.

    Each point but the first is written as the step from the one before, in hundredths of a mm: half as long as where it is.
    """
    hundredths, known = np.rint(100 * np.column_stack([x, np.nan_to_num(y)])).astype(int), np.isfinite(y)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], known, [False]]).astype(np.int8)))
    return "".join(_line(hundredths[start:end]) for start, end in zip(edges[::2], edges[1::2], strict=True))


def _line(hundredths: np.ndarray) -> str:
    """The `d` of a line without a gap, int (points, 2)."""
    x, y = hundredths[0].tolist()
    steps = " ".join([f"{_in_mm(dx)} {_in_mm(dy)}" for dx, dy in np.diff(hundredths, axis=0).tolist()])
    return f"M{_in_mm(x)} {_in_mm(y)}" + (f"l{steps}" if steps else "")


@cache
def _in_mm(hundredths: int) -> str:
    return number(hundredths / 100)


def lines(vertical: Iterable[float], horizontal: Iterable[float], width_mm: float, top_mm: float, bottom_mm: float) -> str:
    """The `d` of a grid from the left edge to `width_mm`: lines at these x and y, mm."""
    height, width = number(bottom_mm - top_mm), number(width_mm)
    upright = [f"M{number(x)} {number(top_mm)}v{height}" for x in vertical]
    return "".join([*upright, *(f"M0 {number(y)}h{width}" for y in horizontal)])


def box(left: float, top: float, width: float, height: float) -> str:
    """The `d` of a rectangle, mm."""
    return f"M{number(left)} {number(top)}h{number(width)}v{number(height)}h{number(-width)}z"


def number(value: float) -> str:
    """In hundredths at most: 12.5, 3, -0.25."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def document(root: Element) -> bytes:
    """A whole page of HTML; a letter that is none in UTF-8 becomes a question mark."""
    return b"<!doctype html>\n" + tostring(root, encoding="unicode", method="html").encode(errors="replace") + b"\n"


def _value(value: str | float) -> str:
    return value if isinstance(value, str) else number(value)
