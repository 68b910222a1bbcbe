"""Labelled rows of ECG features: what training starts from."""

from dataclasses import dataclass

import numpy as np

from train.aami import AAMI
from train.errors import BadRecords

MOST_CLASSES = 20  # above which rare values are more likely those of a measurement


@dataclass(frozen=True)
class Signal:
    """How the samples of a row were taken, where that is known."""

    sampling_rate_hz: float
    unit: str
    lead: str
    before_r_ms: float
    after_r_ms: float


@dataclass(frozen=True)
class Groups:
    """Rows that stay on one side of the split: those with the same value in one column.

    of_row  str, shape (rows,)
    kind    whose rows they are: of a "patient", a "record", or a "group" that the caller named
    column  its name in the file, or None where there is no file
    """

    of_row: np.ndarray
    kind: str = "patient"
    column: str | None = None


@dataclass(frozen=True)
class Records:
    """Rows of one data set, every one with its class.

    features        float32, shape (rows, n), columns as `feature_names`
    labels          int32, shape (rows,), index into `classes`
    groups          the rows that stay on one side of the split, or None where that is not known
    official_test   bool, shape (rows,), the rows of a published test half, or None
    left_out        columns of the file that are neither features, nor label, nor of `groups`
    notes           what the caller should know about the columns, a sentence each
    digest          SHA-256 of the file or files, or of the generated rows
    """

    name: str
    digest: str
    features: np.ndarray
    labels: np.ndarray
    classes: tuple[str, ...]
    feature_names: tuple[str, ...]
    groups: Groups | None = None
    official_test: np.ndarray | None = None
    left_out: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
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


def require_rows(labels: np.ndarray, classes: tuple[str, ...], least: int, part: str, taken: str) -> None:
    """Raise BadRecords if any class has fewer than `least` rows among `labels`, int (rows,).

    taken  which column was taken for the label and why, for the message
    """
    counts = np.bincount(labels, minlength=len(classes))
    rare = counts < least
    if counts[rare].sum() * 2 > len(labels) or rare.sum() * 2 > len(classes) > MOST_CLASSES:
        raise BadRecords(
            f"{taken}, but it holds {len(classes)} different values in {len(labels)} rows, like a measurement; "
            f"expected a few classes of at least {least} rows each"
        )
    if rare.any():
        index = int(rare.argmax())
        rows = "1 row" if counts[index] == 1 else f"{counts[index]} rows"
        raise BadRecords(f"{taken}: its class {classes[index]} has {rows}{part}, expected at least {least} to split them")
