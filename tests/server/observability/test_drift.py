"""Drift: what is asked and answered is counted, whatever number of rows a run has."""

from collections.abc import Callable

import numpy as np
import pytest

from server.models.classifier import Answer
from server.models.contract import BadArtifact, Scaling, read
from server.observability.counters import MAX_CLASSES, PROBABILITY_BUCKETS, Counters
from server.observability.drift import DriftMonitor

ONE, OTHER = (0, 0.55), (3, 0.9999)
CONTRACT = """{"task": "classification", "schema": 1, "features": ["a", "b"], "classes": ["N", "V"], "sampling_rate_hz": null,
"unit": null, "lead": null, "window": null, "network": {}, "seed": 0, "trained_on": {"name": "x", "sha256": "x", "rows": 1,
"synthetic": true, "split": {"by": "row", "training": 1, "validation": 1, "test": 1}}, "metrics": {}, "version": "1",
"created": "today", "intended_use": "none", "scaling": {"mean": [0, 0], "deviation": [1]}}"""


def answer(*predictions: tuple[int, float]) -> Answer:
    """What a run answers."""
    classes, probabilities = zip(*predictions, strict=True)
    return Answer(np.array(classes, np.int32), np.array(probabilities, np.float32))


class Loop:
    """An event loop that is told when later is."""

    def call_later(self, delay_s: float, callback: Callable[[], None]) -> None:
        """Keep what to call."""
        self.later = callback


@pytest.mark.parametrize("times", [1, 16])
def test_predictions_are_counted_by_class_and_probability(times) -> None:
    """Those that are not finite are not; a class beyond those there is space for counts as the last."""
    counters = Counters([])
    given = answer(*[ONE, OTHER, OTHER, (0, np.nan), (10**6, 1.0)] * times)

    counters.keep_classes(given.predicted_class)
    counters.keep_probabilities(given.probability)
    found = counters.totals().predictions

    assert found[0][:2] == [0, times]
    assert found[3][len(PROBABILITY_BUCKETS)] == 2 * times
    assert found[MAX_CLASSES - 1][len(PROBABILITY_BUCKETS)] == times
    assert [sum(cells[:-1]) for cells in found] == [times, 0, 0, 2 * times, *[0] * (MAX_CLASSES - 5), times]
    assert found[0][-1] == pytest.approx(0.55 * times)


def test_far_features_are_counted_on_either_side() -> None:
    """Of the first of two runs of a window; predictions are counted of both."""
    counters, loop = Counters([]), Loop()
    monitor = DriftMonitor(Scaling((0.0, 100.0), (1.0, 10.0)), counters, loop)
    features = np.array([[5.9, 100], [-6.1, 159], [0, 161], [6.1, 39]], np.float32)

    for _ in range(2):
        monitor.record_run(features, answer(*[ONE] * 4), 0.5)
    before = counters.totals()
    loop.later()
    monitor.record_run(features[:1], answer(ONE), 0.5)
    loop.later()
    totals = counters.totals()

    assert (before.compared_features, before.far_features, before.predictions[0][1]) == (8, 4, 8)
    assert (totals.compared_features, totals.far_features, totals.predictions[0][1]) == (10, 4, 9)
    assert (totals.runs, totals.rows, totals.inference_seconds) == (3, 9, 1.5)


def test_an_artifact_that_does_not_say_what_it_learned_compares_nothing() -> None:
    """Its predictions are counted all the same."""
    counters, loop = Counters([]), Loop()

    DriftMonitor(None, counters, loop).record_run(np.full((1, 2), 1e9, np.float32), answer(ONE), 0.1)
    loop.later()

    assert counters.totals().compared_features == 0
    assert counters.totals().predictions[0][1] == 1


def test_a_scaling_of_other_features_is_refused() -> None:
    """A mean and a deviation belong to each."""
    with pytest.raises(BadArtifact, match="expected a mean and a deviation of each feature"):
        read({"ecg": CONTRACT})


def test_recordings_are_counted_by_what_is_said_of_them() -> None:
    """Beats by class, seconds unreadable and in AF."""
    counters = Counters([])

    counters.record_recording(1.5, np.array([0, 0, 2], np.int32))
    counters.record_recording(0.0, np.array([], np.int32))
    counters.record_af(12.0)
    totals = counters.totals()

    assert (totals.unreadable_s, totals.af_s, totals.class_beats[:4]) == (1.5, 12.0, [2, 0, 1, 0])
