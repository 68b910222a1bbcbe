"""Drift: whether what the classifier is asked, and what it answers, still looks like what it was trained on."""

from time import perf_counter

import numpy as np

from server.models.classifier import Answer
from server.models.contract import Scaling
from server.observability.counters import Counters

FAR_DEVIATIONS = 6
PAUSE_S = 0.01  # To compare a row takes 2 µs, a fiftieth of what its whole request takes.


class DriftMonitor:
    """Counts the runs of one loaded classifier; of what is counted, nothing is kept.

    Classes and probabilities are counted of every row; features are compared in the first run of each PAUSE_S, and only
    if the artifact says what it was trained on.
    """

    def __init__(self, scaling: Scaling | None, counters: Counters) -> None:
        self._counters = counters
        self._nearest: tuple[np.ndarray, np.ndarray] | None = None
        self._next_s = 0.0
        if scaling:
            mean, far = np.array(scaling.mean), FAR_DEVIATIONS * np.array(scaling.deviation)
            self._nearest = (mean - far).astype(np.float32), (mean + far).astype(np.float32)

    def record_run(self, features: np.ndarray, answer: Answer, seconds: float) -> None:
        """Count one run over `features`, float32 (rows, n)."""
        self._counters.record_run(len(features), seconds)
        self._counters.record_predictions(*answer)
        if self._nearest and perf_counter() >= self._next_s:
            low, high = self._nearest
            far = int(np.count_nonzero(features < low) + np.count_nonzero(features > high))
            self._counters.record_features(features.size, far)
            self._next_s = perf_counter() + PAUSE_S
