"""Rhythm by duration, as ANSI/AAMI EC57 has it: how many seconds of each rhythm were found, and how many found were right."""

import numpy as np

from train.recordings.ec57_scoring.confusion import PredictedBeats
from train.recordings.rhythm import RHYTHMS

READABLE = 0.5  # from which a second is readable
UNREADABLE = len(RHYTHMS)  # the last column: seconds in which nothing was named


def named_rhythm(rhythm_probabilities: np.ndarray, readable: np.ndarray) -> np.ndarray:
    """The most probable rhythm of every second, int (seconds,), UNREADABLE where it is so.

    rhythm_probabilities  float32 (seconds, rhythms)
    readable              float32 (seconds,)
    """
    return np.where(readable >= READABLE, rhythm_probabilities.argmax(axis=1), UNREADABLE)


def seconds_confusion(annotated: np.ndarray, named: np.ndarray) -> np.ndarray:
    """Seconds by annotated (rows, last unknown) and named rhythm (columns, last UNREADABLE), int (rhythms + 1, rhythms + 1).

    annotated  int (seconds,), index into RHYTHMS or -1
    named      int (seconds,), index into RHYTHMS or UNREADABLE
    """
    table = np.zeros((len(RHYTHMS) + 1, len(RHYTHMS) + 1), int)
    np.add.at(table, (annotated, named), 1)
    return table


def rhythm_confusion(prediction: PredictedBeats) -> np.ndarray:
    """The table of `seconds_confusion` for a recording; without any second of a model that does not know rhythm."""
    annotated, probabilities, readable = prediction.recording.rhythm, prediction.rhythm_probabilities, prediction.readable
    if probabilities is None or readable is None or len(annotated) != len(readable):
        return seconds_confusion(np.zeros(0, int), np.zeros(0, int))
    return seconds_confusion(annotated, named_rhythm(probabilities, readable))


def duration_figures(table: np.ndarray) -> dict[str, np.ndarray]:
    """Sensitivity and positive predictivity of each rhythm by duration, of tables (…, rhythms + 1, rhythms + 1), each (…,).

    Where nothing is annotated or named so, nan. Seconds annotated so that were unreadable are missed; seconds named so of which
    nothing is known are false, because only what is in ventricular fibrillation is annotated in some databases.
    """
    numbers: dict[str, np.ndarray] = {}
    with np.errstate(invalid="ignore", divide="ignore"):
        for index, name in enumerate(RHYTHMS):
            right = table[..., index, index]
            numbers[f"{name}_sensitivity"] = right / table[..., index, :].sum(axis=-1)
            numbers[f"{name}_positive_predictivity"] = right / table[..., index].sum(axis=-1)
    return numbers
