"""Plots of what is said of seconds and of whole recordings: confusion tables, and rhythm over time."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from train.recordings.ec57_scoring.confusion import PredictedBeats
from train.recordings.ec57_scoring.durations import UNREADABLE, named_rhythm
from train.recordings.ec57_scoring.labels import LABELS
from train.recordings.rhythm import AF, RHYTHMS, VF
from train.recordings.rhythm_evaluation import evaluate_rhythm

# Of RHYTHMS in their order, then of what is unreadable, then of what is not annotated (Okabe and Ito's colours).
RHYTHM_COLOURS = ("#DDE8F0", "#D55E00", "#56B4E9", "#CC79A7", "#777777", "#FFFFFF")
TIMELINES = 20


def rhythm_plots(predictions: Sequence[PredictedBeats]) -> dict[str, Figure]:
    """By name of the file; none of a model that does not know rhythm."""
    found = evaluate_rhythm([one for one in predictions if one.is_first_lead])
    plots = {}
    if found.rhythm:
        seconds = np.sum([one.total for one in found.rhythm.values()], axis=0)[: len(RHYTHMS)]
        plots["rhythm"] = matrix("Seconds, first leads of all databases", seconds, RHYTHMS, (*RHYTHMS, "unreadable"))
        plots["timelines"] = timelines(predictions)
    if found.labels:
        plots["labels"] = matrix("Whole recordings", np.sum([one.total for one in found.labels.values()], axis=0), LABELS, LABELS)
    return plots


def matrix(title: str, counts: np.ndarray, rows: Sequence[str], columns: Sequence[str]) -> Figure:
    """Counts (rows, columns) of annotated against named, coloured by the share of what is annotated."""
    figure, axes = one_plot(title)
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axes.imshow(share, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for (row, column), count in np.ndenumerate(counts):
        if (rows[row], columns[column]) != ("no beat", "missed"):
            axes.text(column, row, count, ha="center", va="center", color="white" if share[row, column] > 0.5 else "black")
    axes.set(xlabel="named", ylabel="annotated")
    axes.set_xticks(range(len(columns)), columns)
    axes.set_yticks(range(len(rows)), rows)
    return figure


def one_plot(title: str) -> tuple[Figure, Axes]:
    """A figure with one set of axes."""
    figure = Figure(figsize=(6, 5), layout="constrained")
    axes = figure.subplots()
    axes.set_title(title)
    return figure, axes


def timelines(predictions: Sequence[PredictedBeats]) -> Figure:
    """Rhythm as annotated above and as named below, second by second; the recordings with most fibrillation in either."""
    chosen = sorted((one for one in predictions if _fibrillation_s(one)), key=_fibrillation_s, reverse=True)[:TIMELINES]
    chosen.sort(key=lambda one: (one.recording.origin, one.recording.name))
    figure = Figure(figsize=(11, 1.6 + 0.5 * max(1, len(chosen))), layout="constrained")
    figure.suptitle("Rhythm as annotated (above) and as named (below)")
    for axes, one in zip(figure.subplots(max(1, len(chosen)), 1, squeeze=False)[:, 0], chosen, strict=False):
        annotated, named = one.recording.rhythm, named_of(one)
        unknown = len(RHYTHM_COLOURS) - 1
        index = np.stack([np.where(annotated < 0, unknown, annotated), named])
        axes.imshow(_rgb()[index], aspect="auto", interpolation="nearest", extent=(0, len(named) / 60, 0, 2))
        axes.set_yticks([1], [f"{one.recording.name}"])
        axes.tick_params(length=0, labelsize=7)
        axes.axhline(1, color="white", linewidth=0.6)
    names = (*RHYTHMS, "unreadable", "not annotated")
    patches = [
        Patch(facecolor=colour, edgecolor="#777777", label=name) for name, colour in zip(names, RHYTHM_COLOURS, strict=True)
    ]
    figure.legend(handles=patches, loc="outside lower center", ncols=len(names), title="minutes")
    return figure


def _fibrillation_s(one: PredictedBeats) -> int:
    """Seconds of AF or VF, annotated or named; 0 of other leads, of labelled recordings and without an annotated rhythm."""
    rhythm = one.recording.rhythm
    if one.readable is None or not one.is_first_lead or one.recording.label or len(rhythm) != len(one.readable):
        return 0
    return int((np.isin(rhythm, (AF, VF)) | np.isin(named_of(one), (AF, VF))).sum())


def named_of(one: PredictedBeats) -> np.ndarray:
    """The rhythm named in each second, int (seconds,), UNREADABLE throughout of a model that does not know rhythm."""
    if one.rhythm_probabilities is None or one.readable is None:
        return np.full(int(np.ceil(one.recording.seconds)), UNREADABLE)
    return named_rhythm(one.rhythm_probabilities, one.readable)


def _rgb() -> np.ndarray:
    return np.array([to_rgb(colour) for colour in RHYTHM_COLOURS])
