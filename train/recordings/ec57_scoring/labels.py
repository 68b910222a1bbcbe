"""One label for a whole recording, from what is said of its seconds, and the F1 by which the CinC Challenge of 2017 ranks."""

import numpy as np

from train.recordings.ec57_scoring.durations import READABLE
from train.recordings.rhythm import RHYTHMS

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


def label_figures(table: np.ndarray) -> dict[str, np.ndarray]:
    """F1 of every label, and its mean over N, AF and O, of tables (…, annotated, named), each (…,)."""
    with np.errstate(invalid="ignore", divide="ignore"):
        f1 = 2 * np.diagonal(table, axis1=-2, axis2=-1) / (table.sum(axis=-1) + table.sum(axis=-2))
    return {**{f"{name}_f1": f1[..., i] for i, name in enumerate(LABELS)}, "mean_f1": f1[..., RANKED].mean(axis=-1)}
