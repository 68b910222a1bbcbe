"""Labelled rows of ECG features: what training starts from."""

from collections import Counter
from dataclasses import dataclass

import numpy as np

AAMI = ("N", "S", "V", "F", "Q")


class BadRecords(Exception):
    """The records cannot be trained on; the message says what was expected, in one sentence."""


@dataclass(frozen=True)
class Signal:
    """How the samples of a row were taken, where that is known."""

    sampling_rate_hz: float
    unit: str
    lead: str
    before_r_ms: float
    after_r_ms: float


@dataclass(frozen=True)
class Records:
    """Rows of one data set, every one with its class.

    features        float32, shape (rows, n), columns as `feature_names`
    labels          int32, shape (rows,), index into `classes`
    patients        str, shape (rows,), or None where nobody said whose row it is
    official_test   bool, shape (rows,), the rows of a published test half, or None
    digest          SHA-256 of the file or files, or of the generated rows
    """

    name: str
    digest: str
    features: np.ndarray
    labels: np.ndarray
    classes: tuple[str, ...]
    feature_names: tuple[str, ...]
    patients: np.ndarray | None = None
    official_test: np.ndarray | None = None
    signal: Signal | None = None
    synthetic: bool = False


def in_order(names: set[str]) -> tuple[str, ...]:
    """Class names in the order a reader expects: numbers by value, AAMI classes as N S V F Q, words by alphabet.

    Raises BadRecords if there are fewer than two.
    """
    if len(names) < 2:
        raise BadRecords(f"expected rows of at least two classes, found only class {', '.join(names)}")
    if names <= set(AAMI):
        return tuple(name for name in AAMI if name in names)
    try:
        return tuple(sorted(names, key=float))
    except ValueError:
        return tuple(sorted(names))


def require_rows(labels: np.ndarray, classes: tuple[str, ...], least: int, part: str) -> None:
    """Raise BadRecords if any class has fewer than `least` rows among `labels`, int (rows,)."""
    counts = Counter(labels.tolist())
    for index, name in enumerate(classes):
        if counts[index] < least:
            raise BadRecords(f"class {name} has {counts[index]} rows{part}, expected at least {least} to split them")
