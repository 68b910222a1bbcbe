"""A picture of a recording on ECG paper, with the class over each beat."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import findfont, get_font
from matplotlib.ticker import MultipleLocator

from predict.recordings.signal import Signal
from server.models.annotator import Beats

# Okabe and Ito's colours, which colour-blind people can tell apart, in the order of the classes.
COLOURS = ("#0072B2", "#E69F00", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#777777")
STRIP_S = 10.0
MOST_STRIPS = 6
MOST_MV = 5.0  # a strip is no higher: what goes beyond is cut off
SQUARES_S, SQUARES_MV = (0.04, 0.2), (0.1, 0.5)  # small and large squares of ECG paper
INCHES_PER_S, INCHES_PER_MV = 1.2, 0.48  # the same for 40 ms as for 0.1 mV, as on paper


def draw(signal: Signal, beats: Beats, classes: tuple[str, ...], warnings: Sequence[str]) -> Figure:
    """Ten seconds a strip: the whole of a short recording, of a long one the strips most worth seeing, in their order.

    The title holds the counts, and a line for each warning.
    """
    shown = worth_seeing(signal, beats)
    parts = [_part(signal, first) for first in shown]
    heights = [max(1.5, float(np.ptp(limits))) for _, limits in parts]
    size = (STRIP_S * INCHES_PER_S + 1, sum(heights) * INCHES_PER_MV + 0.45 * len(parts) + 0.8 + 0.2 * len(warnings))
    figure = Figure(figsize=size, layout="constrained")
    title = [_title(signal, beats, classes), *(f"Warning: {warning}" for warning in warnings)]
    figure.suptitle(_printable("\n".join(title)), parse_math=False)
    panels = figure.subplots(len(parts), 1, squeeze=False, height_ratios=heights)[:, 0]
    for axes, first, (part, limits) in zip(panels, shown, parts, strict=True):
        _strip(axes, signal, part, first, limits)
        _letters(axes, signal, beats, classes, first)
    return figure


def worth_seeing(signal: Signal, beats: Beats) -> list[float]:
    """When the strips begin, in s: those with the rarest classes and the least sure answers."""
    seconds = len(signal.millivolts) / signal.sampling_rate_hz
    begins = np.arange(max(1, int(np.ceil(seconds / STRIP_S)))) * STRIP_S
    if len(begins) <= MOST_STRIPS:
        return list(begins)
    share = np.bincount(beats.predicted_class, minlength=1) / max(1, len(beats.sample))
    interest = -np.log(np.maximum(share[beats.predicted_class], 1e-9)) + (1 - beats.probability)
    strip = (beats.sample / signal.sampling_rate_hz // STRIP_S).astype(int)
    worth = np.zeros(len(begins))
    np.maximum.at(worth, np.minimum(strip, len(begins) - 1), interest)
    return sorted(begins[np.argsort(-worth, kind="stable")[:MOST_STRIPS]])


def _title(signal: Signal, beats: Beats, classes: tuple[str, ...]) -> str:
    counts = ", ".join(f"{int((beats.predicted_class == i).sum())} {name}" for i, name in enumerate(classes))
    intervals_s = np.diff(beats.sample) / signal.sampling_rate_hz
    rate = f", {60 / np.median(intervals_s):.0f} beats/min" if len(intervals_s) else ""
    return f"{signal.name}, lead {signal.lead}: {counts}{rate}. 25 mm/s, 10 mm/mV. Not for diagnosis"


def _printable(text: str) -> str:
    """The text with a question mark for each letter that the font does not have."""
    font = get_font(findfont("sans"))
    return "".join(letter if letter == "\n" or font.get_char_index(ord(letter)) else "?" for letter in text)


def _part(signal: Signal, first: float) -> tuple[np.ndarray, tuple[float, float]]:
    rate = signal.sampling_rate_hz
    part = signal.millivolts[round(first * rate) : round((first + STRIP_S) * rate)]
    known = part[np.isfinite(part)]
    if not len(known):
        return part, (-0.5, 1.0)
    middle = float(np.median(known))
    low, high = max(float(known.min()), middle - MOST_MV / 2), min(float(known.max()), middle + MOST_MV / 2)
    return part, (low - 0.2, high + 0.4)


def _strip(axes: Axes, signal: Signal, part: np.ndarray, first: float, limits: tuple[float, float]) -> None:
    axes.plot(first + np.arange(len(part)) / signal.sampling_rate_hz, part, color="black", linewidth=0.7)
    axes.set(xlim=(first, first + STRIP_S), ylim=limits, aspect=INCHES_PER_MV / INCHES_PER_S)
    for axis, (small, large) in ((axes.xaxis, SQUARES_S), (axes.yaxis, SQUARES_MV)):
        axis.set_minor_locator(MultipleLocator(small))
        axis.set_major_locator(MultipleLocator(large))
    axes.grid(which="major", color="#E8A0A0", linewidth=0.6)
    axes.grid(which="minor", color="#F6D5D5", linewidth=0.3)
    axes.tick_params(which="both", length=0, labelsize=7)
    axes.xaxis.set_major_formatter(_whole_seconds)
    axes.set_ylabel("mV", fontsize=8)


def _whole_seconds(seconds: float, _: float) -> str:
    return f"{seconds:.0f} s" if abs(seconds - round(seconds)) < SQUARES_S[0] else ""


def _letters(axes: Axes, signal: Signal, beats: Beats, classes: tuple[str, ...], first: float) -> None:
    seconds = beats.sample / signal.sampling_rate_hz
    for i in np.flatnonzero((seconds >= first) & (seconds < first + STRIP_S)):
        index = int(beats.predicted_class[i])
        colour, sure = COLOURS[index % len(COLOURS)], float(beats.probability[i])
        position = {"x": seconds[i], "y": 1.0, "transform": axes.get_xaxis_transform(), "ha": "center", "va": "bottom"}
        axes.text(s=classes[index], color=colour, fontsize=8, weight="bold" if sure >= 0.5 else "normal", **position)
