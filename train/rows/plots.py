"""The report's plots, for people who would rather look than read."""

from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from sklearn.calibration import calibration_curve
from sklearn.metrics import ConfusionMatrixDisplay, RocCurveDisplay

from train.rows.data.records import Signal
from train.rows.evaluate import CALIBRATION_BINS, Evaluation

# Okabe and Ito's colours, which colour-blind people can tell apart.
BLUE, VERMILION, GREY = "#0072B2", "#D55E00", "#777777"
BEATS_A_SIDE = 3


def draw(evaluation: Evaluation, history: dict[str, list[float]], signal: Signal | None, seed: int, folder: Path) -> None:
    """Write confusion.png, roc.png, reliability.png, learning.png and beats.png into `folder`."""
    matplotlib.use("Agg")
    plots = {
        "confusion": confusion(evaluation),
        "roc": roc(evaluation),
        "reliability": reliability(evaluation),
        "learning": learning(history),
        "beats": beats(evaluation, signal, seed),
    }
    for name, figure in plots.items():
        figure.savefig(folder / f"{name}.png", dpi=110)


def confusion(evaluation: Evaluation) -> Figure:
    """Counts of true against predicted class, coloured by the share of the true class."""
    figure, axes = _figure(f"Confusion matrix, {len(evaluation.labels)} test rows")
    counts = np.array(evaluation.metrics["confusion_matrix"])
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    display = ConfusionMatrixDisplay(share, display_labels=evaluation.classes)
    display.plot(ax=axes, cmap="Blues", include_values=False, im_kw={"vmin": 0, "vmax": 1})
    for (row, column), count in np.ndenumerate(counts):
        axes.text(column, row, count, ha="center", va="center", color="white" if share[row, column] > 0.5 else "black")
    return figure


def roc(evaluation: Evaluation) -> Figure:
    """One curve a class, against the rest; classes without a test row, or with all of them, have none."""
    figure, axes = _figure("ROC, each class against the rest")
    names = list(enumerate(evaluation.classes))
    for index, name in names[1:] if len(names) == 2 else names:
        truth = evaluation.labels == index
        if truth.any() and not truth.all():
            RocCurveDisplay.from_predictions(truth, evaluation.probabilities[:, index], name=f"class {name}", ax=axes)
    axes.plot([0, 1], [0, 1], color=GREY, linestyle=":")
    axes.set(xlabel="1 - specificity", ylabel="sensitivity")
    return figure


def reliability(evaluation: Evaluation) -> Figure:
    """How often the answer was right against how sure it was."""
    figure, axes = _figure(f"Reliability, expected calibration error {evaluation.metrics['ece']:.3f}")
    sure = evaluation.probabilities.max(axis=1)
    right = evaluation.predicted == evaluation.labels
    share, confidence = calibration_curve(right, sure, n_bins=CALIBRATION_BINS)
    axes.plot([0, 1], [0, 1], color=GREY, linestyle=":", label="perfectly calibrated")
    axes.plot(confidence, share, color=BLUE, marker="o", label="this network")
    axes.set(xlabel="probability given", ylabel="share that was right", xlim=(0, 1), ylim=(0, 1.02))
    axes.legend()
    return figure


def learning(history: dict[str, list[float]]) -> Figure:
    """Loss by epoch, of the training part (augmented, with dropout) and the validation part (neither)."""
    figure, axes = _figure("Learning curves")
    epochs = range(1, len(history["loss"]) + 1)
    axes.plot(epochs, history["loss"], color=BLUE, label="training")
    axes.plot(epochs, history["val_loss"], color=VERMILION, label="validation")
    axes.set(xlabel="epoch", ylabel="loss")
    axes.legend()
    return figure


def beats(evaluation: Evaluation, signal: Signal | None, seed: int) -> Figure:
    """A few test rows of each class: answered right in blue, wrong in vermilion."""
    rows = len(evaluation.classes)
    figure = Figure(figsize=(13, 1 + 1.7 * rows), layout="constrained")
    figure.suptitle("Test rows by true class, each under its answer and probability: right in blue, wrong in vermilion")
    grid = figure.subplots(rows, 2 * BEATS_A_SIDE, sharex=True, squeeze=False)
    rng = np.random.default_rng(seed)
    for index, name in enumerate(evaluation.classes):
        own = evaluation.labels == index
        right = evaluation.predicted == evaluation.labels
        _side(grid[index, :BEATS_A_SIDE], np.flatnonzero(own & right), evaluation, signal, rng, BLUE)
        _side(grid[index, BEATS_A_SIDE:], np.flatnonzero(own & ~right), evaluation, signal, rng, VERMILION)
        grid[index, 0].set_ylabel(f"class {name}")
    for axes in grid[-1]:
        axes.set_xlabel("ms from R peak" if signal else "feature")
    return figure


def _side(
    panels: np.ndarray,
    candidates: np.ndarray,
    evaluation: Evaluation,
    signal: Signal | None,
    rng: np.random.Generator,
    colour: str,
) -> None:
    x = np.arange(evaluation.features.shape[1], dtype=float) + 1
    if signal:
        x = (x - 1) * 1000 / signal.sampling_rate_hz - signal.before_r_ms
    chosen = rng.permutation(candidates)[: len(panels)]
    for axes, row in zip(panels, chosen, strict=False):
        axes.plot(x, evaluation.features[row], color=colour, linewidth=1)
        answer = evaluation.predicted[row]
        axes.set_title(f"{evaluation.classes[answer]}  {evaluation.probabilities[row, answer]:.2f}", fontsize=9)
    for axes in panels[len(chosen) :]:
        axes.set_axis_off()


def _figure(title: str) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(6, 5), layout="constrained")
    axes = figure.subplots()
    axes.set_title(title)
    return figure, axes
