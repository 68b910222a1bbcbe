"""Training, validation and test part of the records."""

import warnings
from dataclasses import dataclass

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold, train_test_split

from train.rows.records import BadRecords, Records

TEST_SHARE = 0.2
VALIDATION_SHARE = 0.1


@dataclass(frozen=True)
class Split:
    """Row indices, int (rows of the part,), of the three parts, and what they keep apart."""

    training: np.ndarray
    validation: np.ndarray
    test: np.ndarray
    by: str


def split(records: Records, seed: int) -> Split:
    """Share out the rows, every class in proportion: by official test half, else by patient, else by row.

    Raises BadRecords if a class cannot be on both sides.
    """
    rows = np.arange(len(records.labels))
    if records.official_test is not None:
        rest, test, by = rows[~records.official_test], rows[records.official_test], "official test half"
    else:
        rest, test = _part(records, rows, TEST_SHARE, seed, complete=True)
        by = "row" if records.patients is None else "patient"
    training, validation = _part(records, rest, VALIDATION_SHARE, seed, complete=False)
    return Split(training, validation, test, by)


def _part(records: Records, rows: np.ndarray, share: float, seed: int, complete: bool) -> tuple[np.ndarray, np.ndarray]:
    """Take about `share` of the rows away; with `complete`, every class must be on both sides."""
    if records.patients is not None:
        return _by_patient(records, rows, round(1 / share), seed, complete)
    classes = len(records.classes)
    size = max(classes, round(share * len(rows)))
    keep, taken = train_test_split(rows, test_size=size, stratify=records.labels[rows], random_state=seed)
    return keep, taken


def _by_patient(records: Records, rows: np.ndarray, parts: int, seed: int, complete: bool) -> tuple[np.ndarray, np.ndarray]:
    assert records.patients is not None
    labels, patients = records.labels[rows], records.patients[rows]
    folds = StratifiedGroupKFold(min(parts, len(set(patients))), shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The least populated class")
        choices = list(folds.split(rows, labels, patients)) if len(set(patients)) > 1 else []
    for keep, taken in choices:
        if _all_classes(labels, keep) and (_all_classes(labels, taken) or not complete) and len(taken):
            return rows[keep], rows[taken]
    raise BadRecords(_why_not(records, rows))


def _all_classes(labels: np.ndarray, part: np.ndarray) -> bool:
    return set(labels[part]) == set(labels)


def _why_not(records: Records, rows: np.ndarray) -> str:
    assert records.patients is not None
    patients = {name: len(set(records.patients[rows][records.labels[rows] == i])) for i, name in enumerate(records.classes)}
    rarest = min(patients, key=lambda name: patients[name])
    return (
        f"no split by patient leaves every class on both sides: class {rarest} has rows of {patients[rarest]} patients, "
        "expected at least 3 with every class"
    )
