"""What the model is worth on recordings it never saw: figures over all beats, on average, and with confidence intervals."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from train.recordings.ec57_scoring.bootstrap import Estimate, estimate
from train.recordings.ec57_scoring.confusion import CLASSES, PredictedBeats, confusion
from train.recordings.ec57_scoring.metrics import figures, known
from train.recordings.reading import Recording
from train.recordings.rhythm_evaluation import RhythmEvaluation, database_and_lead, evaluate_rhythm, rhythm_metrics
from train.recordings.split import DS1, DS2

if TYPE_CHECKING:  # Counting needs no TensorFlow.
    from train.recordings.onnx_graph.annotation import AnnotationGraph

DOMINANT = "232"  # holds three quarters of the supraventricular beats of DS2
HALVES = {**dict.fromkeys(DS1, "DS1"), **dict.fromkeys(DS2, "DS2")}
KINDS = (*CLASSES, "Q", "none")


def predict_leads(graph: "AnnotationGraph", recording: Recording) -> list[PredictedBeats]:
    """What the model says of each lead of a recording, the one that is evaluated first."""
    return [predict_lead(graph, recording, lead) for lead in recording.leads]


def predict_lead(graph: "AnnotationGraph", recording: Recording, lead: str) -> PredictedBeats:
    """What the model says of one lead of a recording."""
    found = graph.annotate(recording.leads[lead], np.array([recording.sampling_rate_hz], np.float32))
    seconds = [found[name].numpy() if name in found else None for name in ("rhythm_probabilities", "readable")]
    return PredictedBeats(recording, found["sample"].numpy(), found["probabilities"].numpy(), lead, *seconds)


@dataclass(frozen=True)
class Evaluation:
    """The figures of a model on a set of recordings.

    names      of the recordings
    tables     int (recordings, NONE + 1, NONE + 1), the confusion table of each
    gross      each figure over all beats
    average    each figure as the mean over recordings in which it is defined
    interval   of each gross figure: 95 %, by bootstrap over patients
    """

    names: list[str]
    tables: np.ndarray
    gross: dict[str, float]
    average: dict[str, float]
    interval: dict[str, tuple[float, float]]


def evaluate(names: Sequence[str], tables: np.ndarray, patients: Sequence[str] | None = None, seed: int = 0) -> Evaluation:
    """The figures of recordings from their confusion tables; `seed` is of the bootstrap over patients, else over recordings."""
    found: Estimate = estimate(tables, patients or names, figures, seed)
    average = {name: float(np.nanmean(each)) if np.isfinite(each).any() else np.nan for name, each in figures(tables).items()}
    return Evaluation(list(names), tables, found.gross, average, found.interval)


def evaluations(predictions: Sequence[PredictedBeats]) -> dict[str, Evaluation]:
    """Of the first lead of all recordings with beats, and without the one that dominates DS2, if it is among them.

    Where DS2 is among others, as in cross-validation, of DS2: that is what others publish.
    """
    first = [one for one in with_beats(predictions) if one.is_first_lead]
    chosen = [one for one in first if one.recording.name in DS2] or first
    every = {"all recordings": _evaluated(chosen)}
    others = [one for one in chosen if one.recording.name != DOMINANT]
    if 0 < len(others) < len(chosen):
        every[f"without {DOMINANT}"] = _evaluated(others)
    return every


def with_beats(predictions: Sequence[PredictedBeats]) -> list[PredictedBeats]:
    """Those of recordings in which each beat is annotated with its class."""
    return [one for one in predictions if one.recording.has_beats and (one.recording.classes >= 0).all()]


def by_group(predictions: Sequence[PredictedBeats]) -> dict[str, Evaluation]:
    """Beats by database (mitdb in the halves that are published), first lead and others apart."""
    groups: dict[str, list[PredictedBeats]] = {}
    for one in with_beats(predictions):
        half = HALVES.get(one.recording.name)
        groups.setdefault(f"{database_and_lead(one)}{f', {half}' if half else ''}", []).append(one)
    return {name: _evaluated(members) for name, members in sorted(groups.items())}


def _evaluated(predictions: Sequence[PredictedBeats]) -> Evaluation:
    names, patients = [one.recording.name for one in predictions], [one.recording.patient for one in predictions]
    return evaluate(names, np.stack([confusion(one) for one in predictions]), patients)


def metrics(evaluation: Evaluation) -> dict[str, Any]:
    """The figures as `metrics.json` has them."""
    return {
        "gross": known(evaluation.gross),
        "average": known(evaluation.average),
        "interval": {name: list(known(dict(enumerate(ends))).values()) for name, ends in evaluation.interval.items()},
        "counts": {"kinds": list(KINDS), **dict(zip(evaluation.names, evaluation.tables.tolist(), strict=True))},
    }


class Results(NamedTuple):
    """Everything that is known of a model.

    headline   see `evaluations`
    databases  beats by database, see `by_group`
    rhythm     seconds by database
    """

    headline: dict[str, Evaluation]
    databases: dict[str, Evaluation]
    rhythm: RhythmEvaluation


def results(predictions: Sequence[PredictedBeats]) -> Results:
    """All figures of what a model says of recordings that it never saw."""
    return Results(evaluations(predictions), by_group(predictions), evaluate_rhythm(predictions))


def all_metrics(results: Results) -> dict[str, Any]:
    """What `metrics.json` holds: the headline under its names, then `databases`, `rhythm`, `labels`, `ectopic`, `readable`."""
    headline = {what: metrics(evaluation) for what, evaluation in results.headline.items()}
    databases = {name: metrics(evaluation) for name, evaluation in results.databases.items()}
    return {**headline, "databases": databases, **rhythm_metrics(results.rhythm)}
