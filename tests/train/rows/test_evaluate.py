"""The numbers a report gives, against cases worked out by hand."""

import numpy as np
import pytest

from train.rows.evaluate import evaluate, expected_calibration_error, roc_auc


def test_calibration_error_is_the_gap_between_sure_and_right() -> None:
    """Four rows said 0.8 and half of them right: 0.3; always sure and right: 0."""
    sure = np.tile([0.8, 0.2], (4, 1))

    assert expected_calibration_error(np.array([0, 0, 1, 1]), sure) == pytest.approx(0.3)
    assert expected_calibration_error(np.array([0, 1]), np.eye(2)) == 0


def test_roc_auc_is_of_the_second_class() -> None:
    """One of four pairs is in the wrong order; without a row of each class there is no curve."""
    scores = np.array([0.1, 0.6, 0.4, 0.9])
    probabilities = np.stack([1 - scores, scores], axis=1)

    assert roc_auc(np.array([0, 0, 1, 1]), probabilities) == 0.75
    assert roc_auc(np.array([1, 1, 1, 1]), probabilities) is None


def test_the_metrics_speak_the_fields_words() -> None:
    """Sensitivity and positive predictivity a class, and a class without a row does no harm."""
    probabilities = np.eye(3)[[0, 0, 1, 0]]

    metrics = evaluate(np.zeros((4, 2)), np.array([0, 0, 1, 1]), probabilities, ("N", "S", "V")).metrics

    assert metrics["accuracy"] == 0.75
    assert metrics["confusion_matrix"] == [[2, 0, 0], [1, 1, 0], [0, 0, 0]]
    assert metrics["per_class"]["S"] == {"sensitivity": 0.5, "positive_predictivity": 1.0, "f1": pytest.approx(2 / 3), "rows": 2}
    assert metrics["per_class"]["N"]["positive_predictivity"] == pytest.approx(2 / 3)
    assert metrics["per_class"]["V"]["rows"] == 0
    assert metrics["roc_auc"] is None
