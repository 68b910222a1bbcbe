"""A few seconds of signal on ECG paper, with the beats as annotated and as predicted."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MultipleLocator

from train.recordings.ec57_scoring.confusion import CLASSES, PredictedBeats
from train.recordings.ec57_scoring.matching import WINDOW_S, match

# Okabe and Ito's colours, which colour-blind people can tell apart.
COLOURS = {"N": "#0072B2", "S": "#E69F00", "V": "#D55E00", "F": "#009E73", "Q": "#777777", "none": "#777777"}
STRIP_S = 6.0
STRIPS = 5
PAPER = {"minor": 0.04, "major": 0.2}  # seconds a square of ECG paper; 0.1 and 0.5 mV the other way


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
    rate, signal = recording.sampling_rate_hz, next(iter(recording.leads.values()))
    first = int(np.clip(middle - STRIP_S / 2 * rate, 0, max(0, len(signal) - STRIP_S * rate)))
    part = signal[first : first + int(STRIP_S * rate)]
    axes.plot((first + np.arange(len(part))) / rate, part, color="black", linewidth=0.8)
    named = one.probabilities.argmax(axis=1) if len(one.sample) else np.zeros(0, int)
    rows = ((recording.beats, recording.classes, 0.94), (one.sample, named, 0.06))
    for samples, classes, height in rows:
        for sample, index in zip(samples, classes, strict=True):
            if first < sample < first + len(part):
                name = (*CLASSES, "Q")[index]
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
    _paper(axes, part, f"{recording.name}, {next(iter(recording.leads))}, s")


def _paper(axes: Axes, part: np.ndarray, label: str) -> None:
    low, high = float(part.min()), float(part.max())
    axes.set(xlabel=label, ylabel="mV", ylim=(low - 0.25 * (high - low) - 0.1, high + 0.25 * (high - low) + 0.1))
    axes.margins(x=0)
    for which, size in PAPER.items():
        (axes.xaxis.set_minor_locator if which == "minor" else axes.xaxis.set_major_locator)(MultipleLocator(size))
        (axes.yaxis.set_minor_locator if which == "minor" else axes.yaxis.set_major_locator)(MultipleLocator(2.5 * size))
    axes.grid(which="major", color="#E8A0A0", linewidth=0.6)
    axes.grid(which="minor", color="#F6D5D5", linewidth=0.3)
    axes.tick_params(axis="both", which="both", length=0, labelsize=7)
    for number, tick in enumerate(axes.xaxis.get_major_ticks()):
        tick.label1.set_visible(number % 5 == 0)
