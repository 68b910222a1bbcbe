"""Drift: whether what the classifier is asked, and what it answers, still looks like what it was trained on."""

from asyncio import AbstractEventLoop

import numpy as np

from server.models.classifier import Answer
from server.models.contract import Scaling
from server.observability.counters import Counters

FAR_DEVIATIONS = 6
WINDOW_S = 1.0  # Counted one by one, predictions would take a tenth of the time of a row.


class DriftMonitor:
    """Counts the runs of one loaded classifier, and within WINDOW_S their predictions.

    Features are compared in the first run of each window, and only if the artifact says what it was trained on.
    """

    def __init__(self, scaling: Scaling | None, counters: Counters, loop: AbstractEventLoop) -> None:
        self._counters, self._loop, self._is_open = counters, loop, False
        self._record_run = counters.record_run
        self._keep_classes, self._keep_probabilities = counters.keep_classes, counters.keep_probabilities
        self._nearest: tuple[np.ndarray, np.ndarray] | None = None
        if scaling:
            mean, far = np.array(scaling.mean), FAR_DEVIATIONS * np.array(scaling.deviation)
            self._nearest = (mean - far).astype(np.float32), (mean + far).astype(np.float32)

    def record_run(self, features: np.ndarray, answer: Answer, seconds: float) -> None:
        """Count one run over `features`, float32 (rows, n)."""
        self._record_run(len(features), seconds)
        if not self._is_open:
            self._is_open = True
            self._loop.call_later(WINDOW_S, self._count)
            self._compare(features)
        self._keep_classes(answer.predicted_class)
        self._keep_probabilities(answer.probability)

    def _compare(self, features: np.ndarray) -> None:
        if self._nearest:
            low, high = self._nearest
            far = int(np.count_nonzero(features < low) + np.count_nonzero(features > high))
            self._counters.record_features(features.size, far)

    def _count(self) -> None:
        """Count the predictions of the window that ends."""
        self._is_open = False
        self._counters.count_predictions()
