"""What the model is worth second by second: rhythm by duration, labels of whole recordings, and how much it calls readable."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from train.recordings.ec57_scoring.bootstrap import Estimate, Figures, estimate
from train.recordings.ec57_scoring.confusion import PredictedBeats
from train.recordings.ec57_scoring.durations import READABLE, duration_figures, rhythm_confusion
from train.recordings.ec57_scoring.labels import ectopic_count, ectopic_figures, label_confusion, label_figures
from train.recordings.ec57_scoring.metrics import known


class RhythmEvaluation(NamedTuple):
    """Estimates by database, first lead and others apart.

    rhythm    of rhythm by duration, where it is annotated
    labels    of the label of whole recordings, where that is what is known
    ectopic   of how many of those have a V or an S beat
    readable  of the share of seconds that is readable, by database and label
    """

    rhythm: dict[str, Estimate]
    labels: dict[str, Estimate]
    ectopic: dict[str, Estimate]
    readable: dict[str, Estimate]


def evaluate_rhythm(predictions: Sequence[PredictedBeats]) -> RhythmEvaluation:
    """Everything that is said of seconds; nothing of a model that does not know rhythm."""
    told = [one for one in predictions if one.rhythm_probabilities is not None and one.readable is not None]
    labels: dict[str, set[str | None]] = {}
    for one in told:
        labels.setdefault(one.recording.origin, set()).add(one.recording.label)
    labelled = [one for one in told if one.recording.label and len(labels[one.recording.origin] - {None}) > 1]
    annotated = [one for one in told if len(labels[one.recording.origin] - {None}) < 2 and (one.recording.rhythm >= 0).any()]
    return RhythmEvaluation(
        _by(database_and_lead, annotated, rhythm_confusion, duration_figures),
        _by(lambda one: one.recording.origin, labelled, label_confusion, label_figures),
        _by(lambda one: one.recording.origin, labelled, ectopic_count, ectopic_figures),
        _by(_database_and_label, told, _readable, _readable_share),
    )


def database_and_lead(prediction: PredictedBeats) -> str:
    """The database of a recording; if it has several leads, whether this is the first."""
    if len(prediction.recording.leads) == 1:
        return prediction.recording.origin
    return f"{prediction.recording.origin}, {'first lead' if prediction.is_first_lead else 'other leads'}"


def _database_and_label(prediction: PredictedBeats) -> str:
    label = prediction.recording.label
    return f"{prediction.recording.origin}, labelled {label}" if label else database_and_lead(prediction)


def _by(
    key: Callable[[PredictedBeats], str],
    predictions: Sequence[PredictedBeats],
    count: Callable[[PredictedBeats], np.ndarray],
    figures: Figures,
) -> dict[str, Estimate]:
    groups: dict[str, list[PredictedBeats]] = {}
    for one in predictions:
        groups.setdefault(key(one), []).append(one)
    return {
        name: estimate(np.stack([count(one) for one in members]), [one.recording.patient for one in members], figures)
        for name, members in sorted(groups.items())
    }


def _readable(prediction: PredictedBeats) -> np.ndarray:
    """[readable seconds, seconds]."""
    readable = np.zeros(0) if prediction.readable is None else prediction.readable
    return np.array([(readable >= READABLE).sum(), len(readable)])


def _readable_share(counts: np.ndarray) -> dict[str, np.ndarray]:
    with np.errstate(invalid="ignore", divide="ignore"):
        return {"readable": counts[..., 0] / counts[..., 1]}


def rhythm_metrics(evaluation: RhythmEvaluation) -> dict[str, Any]:
    """The figures as `metrics.json` has them; a count is of what the docstrings in ec57_scoring say."""
    return {
        what: {
            name: {
                "gross": known(one.gross),
                "interval": {figure: list(known(dict(enumerate(ends))).values()) for figure, ends in one.interval.items()},
                "counts": one.total.tolist(),
                "patients": one.patients,
            }
            for name, one in estimates.items()
        }
        for what, estimates in evaluation._asdict().items()
    }
