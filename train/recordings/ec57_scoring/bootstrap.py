"""How far figures would go if the patients had been others: the bootstrap (Efron 1979) over patients."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

RESAMPLES = 2000
Figures = Callable[[np.ndarray], dict[str, np.ndarray]]


class Estimate(NamedTuple):
    """Figures of several recordings.

    total     the sum of the counts of all
    gross     each figure of it
    interval  of each: 95 %, by drawing patients with replacement
    patients  how many there are
    """

    total: np.ndarray
    gross: dict[str, float]
    interval: dict[str, tuple[float, float]]
    patients: int


def estimate(counts: np.ndarray, patients: Sequence[str], figures: Figures, seed: int = 0) -> Estimate:
    """The figures of counts (recordings, …), each of the patient named at its place, and their intervals."""
    names, patient = np.unique(list(patients), return_inverse=True)
    of_patient = np.zeros((len(names), *counts.shape[1:]), counts.dtype)
    np.add.at(of_patient, patient, counts)
    drawn = np.random.default_rng(seed).multinomial(len(names), np.full(len(names), 1 / len(names)), RESAMPLES)
    resampled = figures(np.tensordot(drawn.astype(np.float32), of_patient.astype(np.float32), axes=1))
    total = counts.sum(axis=0)
    gross = {name: float(value) for name, value in figures(total).items()}
    return Estimate(total, gross, {name: _interval(values) for name, values in resampled.items()}, len(names))


def _interval(values: np.ndarray) -> tuple[float, float]:
    """The middle 95 % of those that are finite."""
    values = values[np.isfinite(values)]
    low, high = np.percentile(values, [2.5, 97.5]) if len(values) else (np.nan, np.nan)
    return float(low), float(high)
