"""The plots of the report on a model of recordings."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from train.recordings.ec57_scoring.confusion import CLASSES, NONE, PredictedBeats
from train.recordings.ec57_scoring.confusion import confusion as confusion_of
from train.recordings.ec57_scoring.matching import WINDOW_S, match
from train.recordings.ec57_scoring.metrics import COUNTED, figures
from train.recordings.evaluate import with_beats
from train.recordings.rhythm_plots import matrix, one_plot, rhythm_plots
from train.recordings.strip_plots import COLOURS, rhythm_strips, strips


def draw(predictions: Sequence[PredictedBeats], folder: Path) -> None:
    """Write the plots of the report into `folder` as PNG; those in strip_plots show signals."""
    matplotlib.use("Agg")
    beats = [one for one in with_beats(predictions) if one.is_first_lead]
    tables = np.stack([confusion_of(one) for one in beats])
    plots = {
        "confusion": confusion(tables.sum(axis=0)),
        "operating": operating(beats),
        "recordings": recordings([one.recording.name for one in beats], tables),
        "right": strips(beats, right=True),
        "wrong": strips(beats, right=False),
        **rhythm_plots(predictions),
        **rhythm_strips(predictions),
    }
    for name, figure in plots.items():
        figure.savefig(folder / f"{name}.png", dpi=110)


def confusion(table: np.ndarray) -> Figure:
    """Counts of beats by annotated and named class."""
    shown = table[: NONE + 1][:, [*range(len(CLASSES)), NONE]]
    return matrix(f"{table[:NONE].sum()} annotated beats, end to end", shown, (*CLASSES, "Q", "no beat"), (*CLASSES, "missed"))


def operating(predictions: Sequence[PredictedBeats]) -> Figure:
    """Sensitivity against positive predictivity of S and V, as the probability from which a beat is named so goes from 0 to 1."""
    figure, axes = one_plot("Operating points, end to end")
    for index in (1, 2):
        name = CLASSES[index]
        probability, is_so, annotated = _scores(predictions, index)
        order = np.argsort(-probability)
        right = np.cumsum(is_so[order])
        axes.plot(
            right / max(1, annotated),
            right / np.arange(1, len(right) + 1),
            color=COLOURS[name],
            label=f"{name}, by its probability",
        )
        shipped = figures(np.sum([confusion_of(one) for one in predictions], axis=0))
        point = float(shipped[f"{name}_sensitivity"]), float(shipped[f"{name}_positive_predictivity"])
        axes.plot(*point, "o", color=COLOURS[name], label=f"{name} as shipped: {100 * point[0]:.1f} / {100 * point[1]:.1f} %")
    axes.set(xlabel="sensitivity", ylabel="positive predictivity", xlim=(0, 1.01), ylim=(0, 1.01))
    axes.legend(loc="lower left")
    axes.grid(alpha=0.3)
    return figure


def _scores(predictions: Sequence[PredictedBeats], index: int) -> tuple[np.ndarray, np.ndarray, int]:
    """The probability of the class of every beat that counts, and whether it is annotated so; and how many are."""
    probability, is_so, annotated = [], [], 0
    for one in predictions:
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
