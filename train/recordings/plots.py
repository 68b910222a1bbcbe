"""The pictures of the report on a network that annotates recordings."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MultipleLocator

from train.recordings.ec57_scoring import CLASSES, COUNTED, NONE, WINDOW_S, Answered, counts, figures, match

# Okabe and Ito's colours, which colour-blind people can tell apart.
COLOURS = {"N": "#0072B2", "S": "#E69F00", "V": "#D55E00", "F": "#009E73", "Q": "#777777", "none": "#777777"}
STRIP_S = 6.0
STRIPS = 5
PAPER = {"minor": 0.04, "major": 0.2}  # seconds a square of ECG paper; 0.1 and 0.5 mV the other way


def draw(answered: Sequence[Answered], folder: Path) -> None:
    """Write confusion.png, operating.png, recordings.png and, which show signals, right.png and wrong.png into `folder`."""
    matplotlib.use("Agg")
    tables = np.stack([counts(one) for one in answered])
    pictures = {
        "confusion": confusion(tables.sum(axis=0)),
        "operating": operating(answered),
        "recordings": recordings([one.recording.name for one in answered], tables),
        "right": strips(answered, right=True),
        "wrong": strips(answered, right=False),
    }
    for name, figure in pictures.items():
        figure.savefig(folder / f"{name}.png", dpi=110)


def confusion(table: np.ndarray) -> Figure:
    """Counts of annotated against named class, coloured by the share of the annotated one."""
    figure, axes = _figure(f"{table[:NONE].sum()} annotated beats, end to end")
    shown = table[: NONE + 1][:, [*range(len(CLASSES)), NONE]]
    share = shown / np.maximum(shown.sum(axis=1, keepdims=True), 1)
    axes.imshow(share, cmap="Blues", vmin=0, vmax=1)
    for (row, column), count in np.ndenumerate(shown):
        if (row, column) != (NONE, len(CLASSES)):
            axes.text(column, row, count, ha="center", va="center", color="white" if share[row, column] > 0.5 else "black")
    axes.set(xlabel="named", ylabel="annotated")
    axes.set_xticks(range(len(CLASSES) + 1), [*CLASSES, "missed"])
    axes.set_yticks(range(NONE + 1), [*CLASSES, "Q", "no beat"])
    return figure


def operating(answered: Sequence[Answered]) -> Figure:
    """Sensitivity against positive predictivity of S and V, as the probability from which a beat is named so goes from 0 to 1."""
    figure, axes = _figure("Operating points, end to end")
    for index in (1, 2):
        name = CLASSES[index]
        probability, is_so, annotated = _scores(answered, index)
        order = np.argsort(-probability)
        right = np.cumsum(is_so[order])
        axes.plot(
            right / max(1, annotated),
            right / np.arange(1, len(right) + 1),
            color=COLOURS[name],
            label=f"{name}, by its probability",
        )
        shipped = figures(np.sum([counts(one) for one in answered], axis=0))
        point = float(shipped[f"{name}_sensitivity"]), float(shipped[f"{name}_positive_predictivity"])
        axes.plot(*point, "o", color=COLOURS[name], label=f"{name} as shipped: {100 * point[0]:.1f} / {100 * point[1]:.1f} %")
    axes.set(xlabel="sensitivity", ylabel="positive predictivity", xlim=(0, 1.01), ylim=(0, 1.01))
    axes.legend(loc="lower left")
    axes.grid(alpha=0.3)
    return figure


def _scores(answered: Sequence[Answered], index: int) -> tuple[np.ndarray, np.ndarray, int]:
    """The probability of the class of every beat that counts, and whether it is annotated so; and how many are."""
    probability, is_so, annotated = [], [], 0
    for one in answered:
        recording = one.recording
        reference, found = match(recording.beats, one.sample, WINDOW_S * recording.sampling_rate_hz)
        annotation = np.full(len(one.sample), NONE)
        annotation[found] = recording.classes[reference]
        counted = COUNTED[annotation, index]
        probability.append(one.probabilities[counted, index])
        is_so.append(annotation[counted] == index)
        annotated += int((recording.classes == index).sum())
    return np.concatenate(probability), np.concatenate(is_so), annotated


def recordings(names: Sequence[str], tables: np.ndarray) -> Figure:
    """Sensitivity (filled) and positive predictivity (open) of S and V in each recording, larger the more such beats it has."""
    figure = Figure(figsize=(max(7.0, 0.42 * len(names)), 5.5), layout="constrained")
    panels = figure.subplots(2, 1, sharex=True)
    each = figures(tables)
    for axes, index in zip(panels, (1, 2), strict=True):
        name = CLASSES[index]
        size = 15 + 8 * np.sqrt(tables[:, index].sum(axis=1))
        for shift, measure, fill in ((-0.12, "sensitivity", COLOURS[name]), (0.12, "positive_predictivity", "none")):
            values = each[f"{name}_{measure}"]
            axes.scatter(
                np.arange(len(names)) + shift,
                values,
                s=size,
                facecolors=fill,
                edgecolors=COLOURS[name],
                label=measure.replace("_", " "),
            )
        axes.set(ylabel=f"{name} beats", ylim=(-0.08, 1.08))
        axes.grid(alpha=0.3)
        axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    panels[1].set_xticks(range(len(names)), names, rotation=90)
    figure.suptitle("Each recording: a larger mark stands for more such beats")
    return figure


def strips(answered: Sequence[Answered], right: bool) -> Figure:
    """A few seconds around beats that are not normal: of those named right, or of those named wrong, another recording each."""
    figure = Figure(figsize=(13, 1 + 2.1 * STRIPS), layout="constrained")
    figure.suptitle(f"Beats named {'right' if right else 'wrong'}: as annotated above, as named below; 40 ms and 0.1 mV a square")
    panels = figure.subplots(STRIPS, 1, squeeze=False)[:, 0]
    chosen = _worth_seeing(answered, right)
    for axes, (one, sample) in zip(panels, chosen, strict=False):
        _strip(axes, one, sample)
    for axes in panels[len(chosen) :]:
        axes.set_axis_off()
    return figure


def _worth_seeing(answered: Sequence[Answered], right: bool) -> list[tuple[Answered, int]]:
    """Recordings and the sample of a beat in each; those with most such beats first, S and V in turn."""
    found = []
    for one in answered:
        recording = one.recording
        reference, beats = match(recording.beats, one.sample, WINDOW_S * recording.sampling_rate_hz)
        annotated, named = recording.classes[reference], one.probabilities.argmax(axis=1)[beats] if len(beats) else beats
        wanted = np.flatnonzero(((annotated == named) == right) & (np.isin(annotated, (1, 2)) | np.isin(named, (1, 2))))
        if len(wanted):
            found.append((len(wanted), one, int(recording.beats[reference[wanted[len(wanted) // 2]]])))
    return [(one, sample) for _, one, sample in sorted(found, key=lambda each: -each[0])[:STRIPS]]


def _strip(axes: Axes, one: Answered, middle: int) -> None:
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


def _figure(title: str) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(6, 5), layout="constrained")
    axes = figure.subplots()
    axes.set_title(title)
    return figure, axes
