"""What the network is worth on rows it never saw."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.metrics import classification_report, confusion_matrix, roc_auc_score

CALIBRATION_BINS = 15


@dataclass(frozen=True)
class Evaluation:
    """The test part, answered.

    features       float32, shape (rows, n)
    labels         int, shape (rows,), the true classes
    probabilities  float64, shape (rows, classes)
    classes        the names of the columns
    metrics        what `metrics.json` holds
    text           scikit-learn's classification report
    """

    features: np.ndarray
    labels: np.ndarray
    probabilities: np.ndarray
    classes: tuple[str, ...]
    metrics: dict[str, Any]
    text: str

    @property
    def predicted(self) -> np.ndarray:
        """The most probable class of each row, int (rows,)."""
        return np.asarray(self.probabilities.argmax(axis=1))


def evaluate(features: np.ndarray, labels: np.ndarray, probabilities: np.ndarray, classes: tuple[str, ...]) -> Evaluation:
    """Compare `probabilities`, float (rows, classes), with the true `labels`, int (rows,)."""
    predicted, every = probabilities.argmax(axis=1), list(range(len(classes)))
    options: dict[str, Any] = {"labels": every, "target_names": list(classes), "zero_division": 0}
    table = classification_report(labels, predicted, output_dict=True, **options)
    metrics = {
        "accuracy": float((predicted == labels).mean()),
        "macro_f1": table["macro avg"]["f1-score"],
        "roc_auc": roc_auc(labels, probabilities),
        "ece": expected_calibration_error(labels, probabilities),
        "per_class": {
            name: {
                "sensitivity": table[name]["recall"],
                "positive_predictivity": table[name]["precision"],
                "f1": table[name]["f1-score"],
                "rows": int(table[name]["support"]),
            }
            for name in classes
        },
        "confusion_matrix": confusion_matrix(labels, predicted, labels=every).tolist(),
    }
    text = classification_report(labels, predicted, digits=4, **options)
    return Evaluation(features, labels, probabilities, classes, metrics, text)


def roc_auc(labels: np.ndarray, probabilities: np.ndarray) -> float | None:
    """Area under the ROC curve: of the second of two classes, else the mean of each class against the rest.

    None where a class has no row in the test part, for then the curve does not exist.
    """
    if len(set(labels.tolist())) < probabilities.shape[1]:
        return None
    scores = probabilities[:, 1] if probabilities.shape[1] == 2 else probabilities
    return float(roc_auc_score(labels, scores, multi_class="ovr"))


def expected_calibration_error(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """Mean gap between how sure the network was and how often it was right (Guo et al., ICML 2017).

    Top-class probability in CALIBRATION_BINS bins of equal width; labels int (rows,), probabilities (rows, classes).
    """
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    bins = np.minimum((confidence * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)
    gaps = np.bincount(bins, weights=confidence - right, minlength=CALIBRATION_BINS)
    return float(np.abs(gaps).sum() / len(labels))
