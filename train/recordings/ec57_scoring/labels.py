"""One label for a whole recording, from what is said of its seconds, and the F1 by which the CinC Challenge of 2017 ranks."""

import numpy as np

from train.recordings.ec57_scoring.confusion import CLASSES, PredictedBeats
from train.recordings.ec57_scoring.durations import READABLE
from train.recordings.rhythm import RHYTHMS

ECTOPIC = ("any V", "any S", "V or S")
LABELS = ("N", "AF", "O", "~")
NOISY = LABELS.index("~")
OTHER = LABELS.index("O")
RANKED = (LABELS.index("N"), LABELS.index("AF"), OTHER)


def recording_label(rhythm_probabilities: np.ndarray, readable: np.ndarray) -> int:
    """Index into LABELS: ~ where on average it is not readable, else the most probable rhythm of the readable seconds.

    rhythm_probabilities  float32 (seconds, rhythms)
    readable              float32 (seconds,)

    Ventricular fibrillation, which the challenge does not know, counts as other.
    """
    if readable.mean() < READABLE:
        return NOISY
    rhythm = RHYTHMS[rhythm_probabilities[readable >= READABLE].mean(axis=0).argmax()]
    return LABELS.index(rhythm) if rhythm in LABELS else OTHER


def label_confusion(prediction: PredictedBeats) -> np.ndarray:
    """1 at the annotated label (row) and the one named (column), int (labels, labels)."""
    table = np.zeros((len(LABELS), len(LABELS)), int)
    if prediction.rhythm_probabilities is not None and prediction.readable is not None:
        named = recording_label(prediction.rhythm_probabilities, prediction.readable)
        table[LABELS.index(str(prediction.recording.label)), named] = 1
    return table


def ectopic_count(prediction: PredictedBeats) -> np.ndarray:
    """1 at the annotated label (row) for each of ECTOPIC that is found, and for the recording itself, int (labels, 4)."""
    named = prediction.probabilities.argmax(axis=1) if len(prediction.sample) else np.zeros(0, int)
    has_s, has_v = ((named == CLASSES.index(name)).any() for name in "SV")
    table = np.zeros((len(LABELS), len(ECTOPIC) + 1), int)
    table[LABELS.index(str(prediction.recording.label))] = has_v, has_s, has_v or has_s, 1
    return table


def ectopic_figures(table: np.ndarray) -> dict[str, np.ndarray]:
    """The share of recordings of each label with each of ECTOPIC, of tables (…, labels, 4), each (…,)."""
    with np.errstate(invalid="ignore", divide="ignore"):
        share = table[..., : len(ECTOPIC)] / table[..., len(ECTOPIC) :]
    return {f"{label} with {what}": share[..., i, j] for i, label in enumerate(LABELS) for j, what in enumerate(ECTOPIC)}


def label_figures(table: np.ndarray) -> dict[str, np.ndarray]:
    """F1 of every label, and its mean over N, AF and O, of tables (…, annotated, named), each (…,)."""
    with np.errstate(invalid="ignore", divide="ignore"):
        f1 = 2 * np.diagonal(table, axis1=-2, axis2=-1) / (table.sum(axis=-1) + table.sum(axis=-2))
    return {**{f"{name}_f1": f1[..., i] for i, name in enumerate(LABELS)}, "mean_f1": f1[..., RANKED].mean(axis=-1)}
