"""A few seconds of signal on ECG paper, with the beats as annotated and as predicted."""

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from train.recordings.ec57_scoring.confusion import CLASSES, PredictedBeats
from train.recordings.ec57_scoring.durations import UNREADABLE
from train.recordings.ec57_scoring.matching import WINDOW_S, match
from train.recordings.rhythm import AF
from train.recordings.rhythm_plots import RHYTHM_COLOURS, named_of

# Okabe and Ito's colours, which colour-blind people can tell apart.
COLOURS = {"N": "#0072B2", "S": "#E69F00", "V": "#D55E00", "F": "#009E73", "Q": "#777777", "?": "#777777"}
STRIP_S = 6.0
STRIPS = 5
FINE = 0.04  # seconds a small square of ECG paper, 0.1 mV the other way; five of them make a large one
LARGEST_MV = 20.0  # range of a strip, from which its squares are too small to see


def strips(predictions: Sequence[PredictedBeats], right: bool) -> Figure:
    """A few seconds around beats that are not normal: of those named right, or of those named wrong, another recording each."""
    figure = Figure(figsize=(13, 1 + 2.1 * STRIPS), layout="constrained")
    figure.suptitle(f"Beats named {'right' if right else 'wrong'}: as annotated above, as named below; 40 ms and 0.1 mV a square")
    panels = figure.subplots(STRIPS, 1, squeeze=False)[:, 0]
    chosen = _examples(predictions, right)
    for axes, (one, sample) in zip(panels, chosen, strict=False):
        _strip(axes, one, sample)
    for axes in panels[len(chosen) :]:
        axes.set_axis_off()
    return figure


def rhythm_strips(predictions: Sequence[PredictedBeats]) -> dict[str, Figure]:
    """By name of the file: AF that was found and that was missed, and what was set aside as unreadable."""
    told = [one for one in predictions if one.readable is not None and len(one.recording.rhythm) in (0, len(one.readable))]
    with_rhythm = [one for one in told if len(one.recording.rhythm) and one.is_first_lead]
    wanted = {
        "af-found": ("Atrial fibrillation that was found", with_rhythm, lambda rhythm, named: (rhythm == AF) & (named == AF)),
        "af-missed": (
            "Atrial fibrillation that was called something else",
            with_rhythm,
            lambda rhythm, named: (rhythm == AF) & (named != AF) & (named != UNREADABLE),
        ),
        "set-aside": ("Set aside as unreadable", told, lambda rhythm, named: named == UNREADABLE),
    }
    return {name: _second_strips(*each) for name, each in wanted.items() if told}


def _second_strips(
    title: str, predictions: Sequence[PredictedBeats], is_wanted: Callable[[np.ndarray, np.ndarray], np.ndarray]
) -> Figure:
    """A few seconds about the middle of the longest stretch that is wanted, of the recordings in which it is longest."""
    found = []
    for one in predictions:
        runs = _runs(is_wanted(one.recording.rhythm, named_of(one)))
        if len(runs):
            start, end = max(runs.tolist(), key=lambda run: run[1] - run[0])
            found.append((end - start, one, round((start + end) / 2 * one.recording.sampling_rate_hz)))
    chosen = sorted(found, key=lambda each: -each[0])[:STRIPS]
    figure = Figure(figsize=(13, 1 + 2.1 * STRIPS), layout="constrained")
    figure.suptitle(f"{title}: beats as annotated above, as named below; seconds shaded by the rhythm named, grey is unreadable")
    panels = figure.subplots(STRIPS, 1, squeeze=False)[:, 0]
    for axes, (_, one, sample) in zip(panels, chosen, strict=False):
        _strip(axes, one, sample)
        _shade(axes, one)
    for axes in panels[len(chosen) :]:
        axes.set_axis_off()
    return figure


def _runs(wanted: np.ndarray) -> np.ndarray:
    """First and the one after the last of each run of True, int (runs, 2)."""
    return np.flatnonzero(np.diff(np.r_[False, wanted, False].astype(int))).reshape(-1, 2)


def _shade(axes: Axes, one: PredictedBeats) -> None:
    low, high = axes.get_xlim()
    for second, rhythm in enumerate(named_of(one)):
        if low <= second + 1 and second <= high:
            axes.axvspan(max(low, second), min(high, second + 1), color=RHYTHM_COLOURS[rhythm], alpha=0.3, linewidth=0)


def _examples(predictions: Sequence[PredictedBeats], right: bool) -> list[tuple[PredictedBeats, int]]:
    """Recordings and the sample of a beat in each; those with most such beats first, S and V in turn."""
    found = []
    for one in predictions:
        recording = one.recording
        reference, beats = match(recording.beats, one.sample, WINDOW_S * recording.sampling_rate_hz)
        annotated, named = recording.classes[reference], one.probabilities.argmax(axis=1)[beats] if len(beats) else beats
        wanted = np.flatnonzero(((annotated == named) == right) & (np.isin(annotated, (1, 2)) | np.isin(named, (1, 2))))
        if len(wanted):
            found.append((len(wanted), one, int(recording.beats[reference[wanted[len(wanted) // 2]]])))
    return [(one, sample) for _, one, sample in sorted(found, key=lambda each: -each[0])[:STRIPS]]


def _strip(axes: Axes, one: PredictedBeats, middle: int) -> None:
    recording = one.recording
    rate, signal = recording.sampling_rate_hz, one.signal
    first = int(np.clip(middle - STRIP_S / 2 * rate, 0, max(0, len(signal) - STRIP_S * rate)))
    part = signal[first : first + int(STRIP_S * rate)]
    axes.plot((first + np.arange(len(part))) / rate, part, color="black", linewidth=0.8)
    named = one.probabilities.argmax(axis=1) if len(one.sample) else np.zeros(0, int)
    rows = ((recording.beats, recording.classes, 0.94), (one.sample, named, 0.06))
    for samples, classes, height in rows:
        for sample, index in zip(samples, classes, strict=True):
            if first < sample < first + len(part):
                name = (*CLASSES, "Q", "?")[index]
                axes.text(
                    sample / rate,
                    height,
                    name,
                    transform=axes.get_xaxis_transform(),
                    color=COLOURS[name],
                    ha="center",
                    va="center",
                    weight="bold",
                )
    _paper(axes, part, f"{recording.name}, {one.lead or next(iter(recording.leads))}, s")


def _paper(axes: Axes, part: np.ndarray, label: str) -> None:
    """The squares of ECG paper behind the signal, as collections of lines: ticks for each would take seconds to draw."""
    low, high = float(part.min()), float(part.max())
    low, high = low - 0.25 * (high - low) - 0.1, high + 0.25 * (high - low) + 0.1
    axes.margins(x=0)
    axes.set(xlabel=label, ylabel="mV", ylim=(low, high))
    left, right = axes.get_xlim()
    for size, colour, width in ((FINE, "#F6D5D5", 0.3), (5 * FINE, "#E8A0A0", 0.6)):
        if high - low < LARGEST_MV:
            axes.hlines(_multiples(low, high, 2.5 * size), left, right, colors=colour, linewidths=width, zorder=0)
        axes.vlines(_multiples(left, right, size), low, high, colors=colour, linewidths=width, zorder=0)
    axes.set_xlim(left, right)
    axes.tick_params(length=0, labelsize=7)


def _multiples(low: float, high: float, size: float) -> np.ndarray:
    return np.arange(np.ceil(low / size), np.floor(high / size) + 1) * size
