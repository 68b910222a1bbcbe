"""What the model is worth on recordings it never saw: figures over all beats, on average, and with confidence intervals."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from train.recordings.ec57_scoring.confusion import CLASSES, PredictedBeats, confusion
from train.recordings.ec57_scoring.metrics import figures, known
from train.recordings.reading import Recording

if TYPE_CHECKING:  # Counting needs no TensorFlow.
    from train.recordings.onnx_graph.annotation import AnnotationGraph

RESAMPLES = 2000
DOMINANT = "232"  # holds three quarters of the supraventricular beats of DS2
KINDS = (*CLASSES, "Q", "none")


def predict_beats(graph: "AnnotationGraph", recording: Recording) -> PredictedBeats:
    """The beats that the model finds in the first lead of a recording."""
    signal = next(iter(recording.leads.values()))
    found = graph.annotate(signal, np.array([recording.sampling_rate_hz], np.float32))
    return PredictedBeats(recording, found["sample"].numpy(), found["probabilities"].numpy())


@dataclass(frozen=True)
class Evaluation:
    """The figures of a model on a set of recordings.

    names      of the recordings
    tables     int (recordings, NONE + 1, NONE + 1), the confusion table of each
    gross      each figure over all beats
    average    each figure as the mean over recordings in which it is defined
    interval   of each gross figure: 95 %, by bootstrap over recordings
    """

    names: list[str]
    tables: np.ndarray
    gross: dict[str, float]
    average: dict[str, float]
    interval: dict[str, tuple[float, float]]


def evaluate(names: Sequence[str], tables: np.ndarray, seed: int = 0) -> Evaluation:
    """The figures of recordings from their confusion tables; `seed` is of the bootstrap (Efron 1979)."""
    each = figures(tables)
    drawn = np.random.default_rng(seed).multinomial(len(tables), np.full(len(tables), 1 / len(tables)), RESAMPLES)
    resampled = figures(np.tensordot(drawn, tables, axes=1))
    return Evaluation(
        names=list(names),
        tables=tables,
        gross={name: float(value) for name, value in figures(tables.sum(axis=0)).items()},
        average={name: float(np.nanmean(values)) if np.isfinite(values).any() else float("nan") for name, values in each.items()},
        interval={name: _interval(values) for name, values in resampled.items()},
    )


def _interval(values: np.ndarray) -> tuple[float, float]:
    """The middle 95 % of those that are finite."""
    values = values[np.isfinite(values)]
    low, high = np.percentile(values, [2.5, 97.5]) if len(values) else (np.nan, np.nan)
    return float(low), float(high)


def evaluations(predictions: Sequence[PredictedBeats]) -> dict[str, Evaluation]:
    """Of all recordings, and without the one that dominates DS2, if it is among them."""
    names, tables = [one.recording.name for one in predictions], np.stack([confusion(one) for one in predictions])
    every = {"all recordings": evaluate(names, tables)}
    if DOMINANT in names and len(names) > 1:
        others = [i for i, name in enumerate(names) if name != DOMINANT]
        every[f"without {DOMINANT}"] = evaluate([names[i] for i in others], tables[others])
    return every


def metrics(evaluation: Evaluation) -> dict[str, Any]:
    """The figures as `metrics.json` has them."""
    return {
        "gross": known(evaluation.gross),
        "average": known(evaluation.average),
        "interval": {name: list(known(dict(enumerate(ends))).values()) for name, ends in evaluation.interval.items()},
        "counts": {"kinds": list(KINDS), **dict(zip(evaluation.names, evaluation.tables.tolist(), strict=True))},
    }
