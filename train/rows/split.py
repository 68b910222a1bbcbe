"""Training, validation and test part of the records."""

import warnings
from dataclasses import dataclass

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold, train_test_split

from train.errors import BadRecords
from train.rows.data.records import Groups, Records

TEST_SHARE = 0.2
VALIDATION_SHARE = 0.1


@dataclass(frozen=True)
class Split:
    """Row indices, int (rows of the part,), of the three parts, what they keep apart, and what must be said of that."""

    training: np.ndarray
    validation: np.ndarray
    test: np.ndarray
    by: str
    caveat: str | None = None


def split(records: Records, seed: int) -> Split:
    """Share out the rows, every class in proportion: by official test half, else by patient or record, else by row.

    Raises BadRecords if a class cannot be on both sides.
    """
    rows, caveat = np.arange(len(records.labels)), None
    if records.official_test is not None:
        rest, test, by = rows[~records.official_test], rows[records.official_test], "official test half"
        caveat = _shared(records, rest, test)
    else:
        rest, test = _part(records, rows, TEST_SHARE, seed, complete=True)
        by = _kept_together(records.groups)
    training, validation = _part(records, rest, VALIDATION_SHARE, seed, complete=False)
    return Split(training, validation, test, by, caveat)


def described(records: Records, parts: Split) -> str:
    """What was read, which columns are no features, and how the rows are split, in a line."""
    column = records.groups.column if records.groups and parts.by != "row" else None
    left_out = f"; left out: {', '.join(records.left_out)}" if records.left_out else ""
    caveat = f"; {parts.caveat}" if parts.caveat else ""
    return (
        f"{records.name}: {len(records.labels)} rows, {len(records.feature_names)} features, "
        f"classes {', '.join(records.classes)}, split by {parts.by}"
        f"{f' (rows with the same {column} stay together)' if column else ''}{left_out}{caveat}"
    )


def _shared(records: Records, rest: np.ndarray, test: np.ndarray) -> str | None:
    """What to say where the official halves have patients in common."""
    if not records.groups:
        return None
    both = len(set(records.groups.of_row[rest]) & set(records.groups.of_row[test]))
    return f"{both} values of column {records.groups.column} are in both official halves." if both else None


def _kept_together(groups: Groups | None) -> str:
    """What stays on one side: rows alone where nothing is known, or where each is a record of its own."""
    return groups.kind if groups and (groups.kind == "patient" or not _each_alone(groups)) else "row"


def _each_alone(groups: Groups) -> bool:
    """Whether each row is of another patient or record, so that any split keeps them apart."""
    return len(set(groups.of_row)) == len(groups.of_row)


def _part(records: Records, rows: np.ndarray, share: float, seed: int, complete: bool) -> tuple[np.ndarray, np.ndarray]:
    """Take about `share` of the rows away; with `complete`, every class must be on both sides."""
    if records.groups and not _each_alone(records.groups):
        return _by_group(records, records.groups, rows, round(1 / share), seed, complete)
    classes = len(records.classes)
    size = max(classes, round(share * len(rows)))
    keep, taken = train_test_split(rows, test_size=size, stratify=records.labels[rows], random_state=seed)
    return keep, taken


def _by_group(
    records: Records, groups: Groups, rows: np.ndarray, parts: int, seed: int, complete: bool
) -> tuple[np.ndarray, np.ndarray]:
    labels, of_row = records.labels[rows], groups.of_row[rows]
    count = len(set(of_row))
    folds = StratifiedGroupKFold(max(2, min(parts, count)), shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The least populated class")
        try:
            choices = list(folds.split(rows, labels, of_row)) if count > 1 else []
        except ValueError:  # fewer rows of every class than folds
            choices = []
    for keep, taken in choices:
        if _all_classes(labels, keep) and (_all_classes(labels, taken) or not complete) and len(taken):
            return rows[keep], rows[taken]
    raise BadRecords(_why_not(records, groups, rows))


def _all_classes(labels: np.ndarray, part: np.ndarray) -> bool:
    return set(labels[part]) == set(labels)


def _why_not(records: Records, groups: Groups, rows: np.ndarray) -> str:
    having = {name: len(set(groups.of_row[rows][records.labels[rows] == i])) for i, name in enumerate(records.classes)}
    rarest = min(having, key=lambda name: having[name])
    which = f" (column {groups.column}; another keeps rows together with --group)" if groups.column else ""
    count = f"{having[rarest]} {groups.kind}{'' if having[rarest] == 1 else 's'}"
    return (
        f"no split by {groups.kind} leaves every class on both sides: class {rarest} has rows of {count}, "
        f"expected at least 3 with every class{which}"
    )
