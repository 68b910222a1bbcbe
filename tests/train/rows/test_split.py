"""Training, validation and test part."""

from dataclasses import replace

import numpy as np
import pytest

from train.errors import BadRecords
from train.rows.data.records import Groups, Records
from train.rows.data.synthetic import synthetic
from train.rows.split import split


@pytest.fixture
def records() -> Records:
    """Three classes in 600 rows, of nobody known."""
    labels = np.repeat([0, 1, 2], [400, 150, 50]).astype(np.int32)
    return Records("rows", "", np.zeros((600, 4), np.float32), labels, ("a", "b", "c"), ("F1", "F2", "F3", "F4"))


def test_every_row_is_in_one_part_and_classes_keep_their_share(records) -> None:
    """A fifth is for testing, a tenth of the rest for calibration."""
    parts = split(records, seed=0)

    assert sorted(np.concatenate([parts.training, parts.validation, parts.test])) == list(range(600))
    assert np.bincount(records.labels[parts.test]).tolist() == [80, 30, 10]
    assert len(parts.validation) == 48
    assert parts.by == "row"


def test_the_seed_decides_the_split(records) -> None:
    """The same seed gives the same rows, another one others."""
    first, again, other = split(records, 1), split(records, 1), split(records, 2)

    assert first.test.tolist() == again.test.tolist()
    assert first.test.tolist() != other.test.tolist()


def test_no_patient_is_on_two_sides() -> None:
    """Not even between training and validation."""
    records = synthetic(3)
    assert records.groups is not None

    parts = split(records, seed=3)

    whose = [set(records.groups.of_row[part]) for part in (parts.training, parts.validation, parts.test)]
    assert parts.by == "patient"
    assert sum(map(len, whose)) == len(set.union(*whose)) == 48
    assert set(records.labels[parts.test]) == set(records.labels[parts.training]) == set(range(5))


def test_the_official_test_half_is_the_test_part(records) -> None:
    """Nothing of it is trained on, and a class of two training rows is coped with."""
    official = np.ones(600, bool)
    official[[0, 1, 2, 3, 4, 5, 400, 401, 402, 599, 598]] = False

    parts = split(replace(records, official_test=official), seed=0)

    assert parts.test.tolist() == np.flatnonzero(official).tolist()
    assert set(records.labels[parts.training]) == {0, 1, 2}


def test_a_class_of_one_patient_cannot_be_split(records) -> None:
    """It would be on one side only: refused, with the class named."""
    patients = np.where(records.labels == 2, "p1", np.resize(["p1", "p2", "p3"], 600))

    with pytest.raises(BadRecords, match="class c has rows of 1 patient"):
        split(replace(records, groups=Groups(patients)), seed=0)


def test_rows_of_one_record_stay_together_where_no_patient_is_known(records) -> None:
    """Unless each row is a record of its own: then it is a split by row."""
    few, alone = (Groups(np.array([f"r{i % count}" for i in range(600)]), "record", "ecg_id") for count in (50, 600))

    parts, by_row = (split(replace(records, groups=groups), seed=0) for groups in (few, alone))

    assert (parts.by, by_row.by) == ("record", "row")
    assert not set(few.of_row[parts.test]) & set(few.of_row[parts.training])


def test_patients_in_both_official_halves_are_told(records) -> None:
    """The published halves are kept as they are."""
    groups = Groups(np.array([f"p{i % 50}" for i in range(600)]), "patient", "pid")

    parts = split(replace(records, groups=groups, official_test=np.arange(600) % 2 == 0), seed=0)

    assert parts.caveat is None
    parts = split(replace(records, groups=groups, official_test=np.arange(600) % 3 == 0), seed=0)
    assert parts.caveat == "50 values of column pid are in both official halves."


@pytest.mark.parametrize("count", [1, 2, 10])
def test_too_few_patients_are_refused(count) -> None:
    """With the column that was taken for the patient's, and how to name another."""
    labels = np.repeat([0, 1], 5).astype(np.int32)
    groups = Groups(
        np.array([f"p{i % count}" for i in range(10)]) if count < 10 else np.repeat(["p1", "p2"], 5), "patient", "case"
    )
    records = Records("rows", "", np.zeros((10, 1), np.float32), labels, ("a", "b"), ("F1",), groups)

    with pytest.raises(BadRecords, match=r"no split by patient .* \(column case; another keeps rows together with --group\)"):
        split(records, seed=0)
