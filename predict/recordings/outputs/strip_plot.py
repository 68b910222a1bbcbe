"""A picture of a recording on ECG paper, with the class over each beat, and rhythm and readability under it."""

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import findfont, get_font
from matplotlib.ticker import MultipleLocator
from matplotlib.transforms import Transform

from predict.recordings.outputs.colours import RHYTHM_COLOURS, SHADE, class_colour
from predict.recordings.outputs.stretches import UNREADABLE, Stretch, lengths, total_s
from predict.recordings.report.wording import Wording
from predict.recordings.signal import Signal
from server.models.annotator import Annotation, Beats
from server.models.rhythm import median_heart_rate

STRIP_S = 10.0
MOST_STRIPS = 6
MOST_MV = 5.0  # a strip is no higher: what goes beyond is cut off
SQUARES_S, SQUARES_MV = (0.04, 0.2), (0.1, 0.5)  # small and large squares of ECG paper
BAND_MV = 0.3  # the height of a rhythm's band
GRID = 1.5  # Where Matplotlib has grids: over patches, under lines.
LETTER_S = 0.085  # A letter of a band's name is so wide on paper.
INCHES_PER_S, INCHES_PER_MV = 1.2, 0.48  # the same for 40 ms as for 0.1 mV, as on paper


def draw(
    signal: Signal, annotation: Annotation, stretches: Sequence[Stretch], classes: tuple[str, ...], warnings: Sequence[str]
) -> Figure:
    """Ten seconds a strip: the whole of a short recording, of a long one the strips most worth seeing, in their order.

    The title holds the counts, and a line for each warning. What is unreadable is shaded, under a rhythm is a band with its name.
    """
    beats = annotation.beats
    shown = worth_seeing(signal, beats, stretches)
    parts = [_part(signal, first, BAND_MV if stretches else 0.0) for first in shown]
    heights = [max(1.5, float(np.ptp(limits))) for _, limits in parts]
    size = (STRIP_S * INCHES_PER_S + 1, sum(heights) * INCHES_PER_MV + 0.45 * len(parts) + 0.8 + 0.2 * len(warnings))
    figure = Figure(figsize=size, layout="constrained")
    title = [_title(signal, annotation, stretches, classes), *(f"Warning: {warning}" for warning in warnings)]
    figure.suptitle(_printable("\n".join(title)), parse_math=False)
    panels = figure.subplots(len(parts), 1, squeeze=False, height_ratios=heights)[:, 0]
    for axes, first, (part, limits) in zip(panels, shown, parts, strict=True):
        _strip(axes, signal, part, first, limits)
        _letters(axes, signal, beats, classes, first)
        _bands(axes, stretches, first, limits[0])
    return figure


def worth_seeing(signal: Signal, beats: Beats, stretches: Sequence[Stretch] = ()) -> list[float]:
    """When the strips begin, in s: those with the rarest classes, the least sure answers and the onsets of the rarest rhythms."""
    seconds = len(signal.millivolts) / signal.sampling_rate_hz
    begins = np.arange(max(1, int(np.ceil(seconds / STRIP_S)))) * STRIP_S
    if len(begins) <= MOST_STRIPS:
        return list(begins)
    share = np.bincount(beats.predicted_class, minlength=1) / max(1, len(beats.sample))
    interest = -np.log(np.maximum(share[beats.predicted_class], 1e-9)) + (1 - beats.probability)
    strip = (beats.sample / signal.sampling_rate_hz // STRIP_S).astype(int)
    worth = np.zeros(len(begins))
    np.maximum.at(worth, np.minimum(strip, len(begins) - 1), interest)
    lasts_s = total_s(stretches) | {UNREADABLE: seconds}  # of no interest
    for one in stretches:
        worth[min(int(one.start_s // STRIP_S), len(begins) - 1)] -= np.log(lasts_s[one.rhythm] / seconds)
    return sorted(begins[np.argsort(-worth, kind="stable")[:MOST_STRIPS]])


def _title(signal: Signal, annotation: Annotation, stretches: Sequence[Stretch], classes: tuple[str, ...]) -> str:
    beats = annotation.beats
    counts = ", ".join(f"{int((beats.predicted_class == i).sum())} {name}" for i, name in enumerate(classes))
    heart_rate = median_heart_rate(beats, signal.sampling_rate_hz, annotation.readable)
    rate = f", {heart_rate:.0f} beats/min" if heart_rate else ""
    rhythm = f". {lengths(stretches)}" if stretches else ""
    return f"{signal.name}, lead {signal.lead}: {counts}{rate}{rhythm}. 25 mm/s, 10 mm/mV. Not for diagnosis"


def _printable(text: str) -> str:
    """The text with a question mark for each letter that the font does not have."""
    font = get_font(findfont("sans"))
    return "".join(letter if letter == "\n" or font.get_char_index(ord(letter)) else "?" for letter in text)


def _part(signal: Signal, first: float, band_mv: float) -> tuple[np.ndarray, tuple[float, float]]:
    rate = signal.sampling_rate_hz
    part = signal.millivolts[round(first * rate) : round((first + STRIP_S) * rate)]
    known = part[np.isfinite(part)]
    if not len(known):
        return part, (-0.5 - band_mv, 1.0)
    middle = float(np.median(known))
    low, high = max(float(known.min()), middle - MOST_MV / 2), min(float(known.max()), middle + MOST_MV / 2)
    return part, (low - 0.2 - band_mv, high + 0.4)


def _strip(axes: Axes, signal: Signal, part: np.ndarray, first: float, limits: tuple[float, float]) -> None:
    axes.plot(first + np.arange(len(part)) / signal.sampling_rate_hz, part, color="black", linewidth=0.7)
    axes.set(xlim=(first, first + STRIP_S), ylim=limits, aspect=INCHES_PER_MV / INCHES_PER_S)
    axes.xaxis.set_major_locator(MultipleLocator(SQUARES_S[1]))
    axes.yaxis.set_major_locator(MultipleLocator(SQUARES_MV[1]))
    _squares(axes.vlines, (first, first + STRIP_S), SQUARES_S, axes.get_xaxis_transform())
    _squares(axes.hlines, limits, SQUARES_MV, axes.get_yaxis_transform())
    axes.tick_params(which="both", length=0, labelsize=7)
    axes.xaxis.set_major_formatter(_whole_seconds)
    axes.set_ylabel("mV", fontsize=8)


def _squares(lines: Callable[..., object], limits: tuple[float, float], sizes: tuple[float, float], transform: Transform) -> None:
    """The lines of large and of small squares: as one artist each, where grid lines would be thousands of ticks."""
    small, every = sizes[0], round(sizes[1] / sizes[0])
    numbers = np.arange(np.ceil(limits[0] / small - 1e-9), np.floor(limits[1] / small + 1e-9) + 1)
    is_large = numbers % every == 0
    for drawn, colour, width in ((is_large, "#E8A0A0", 0.6), (~is_large, "#F6D5D5", 0.3)):
        lines(numbers[drawn] * small, 0, 1, color=colour, linewidth=width, transform=transform, zorder=GRID)


def _whole_seconds(seconds: float, _: float) -> str:
    return f"{seconds:.0f} s" if abs(seconds - round(seconds)) < SQUARES_S[0] else ""


def _letters(axes: Axes, signal: Signal, beats: Beats, classes: tuple[str, ...], first: float) -> None:
    seconds = beats.sample / signal.sampling_rate_hz
    for i in np.flatnonzero((seconds >= first) & (seconds < first + STRIP_S)):
        index = int(beats.predicted_class[i])
        colour, sure = class_colour(index), float(beats.probability[i])
        position = {"x": seconds[i], "y": 1.0, "transform": axes.get_xaxis_transform(), "ha": "center", "va": "bottom"}
        axes.text(s=classes[index], color=colour, fontsize=8, weight="bold" if sure >= 0.5 else "normal", **position)


def _bands(axes: Axes, stretches: Sequence[Stretch], first: float, bottom: float) -> None:
    """Of each stretch in a strip its band; of what is unreadable all of the strip's height."""
    english = Wording("en")
    for one in stretches:
        begin, end = max(first, one.start_s), min(first + STRIP_S, one.end_s)
        if begin >= end:
            continue
        words, colour = english.known("rhythm", one.rhythm), RHYTHM_COLOURS.get(one.rhythm, SHADE)
        if one.rhythm == UNREADABLE:
            axes.axvspan(begin, end, color=SHADE, alpha=0.4, linewidth=0)
        axes.fill_between([begin, end], bottom, bottom + BAND_MV, color=colour, linewidth=0, zorder=3)
        text = next((said for said in (words, one.rhythm) if len(said) * LETTER_S < end - begin), "")
        axes.text((begin + end) / 2, bottom + BAND_MV / 2, text, fontsize=7, ha="center", va="center", zorder=4)
