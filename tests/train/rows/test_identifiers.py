"""Columns that say whose row it is, or which."""

import numpy as np
import pytest

from train.errors import BadRecords
from train.rows.data.identifiers import Choices, kind_of_name
from train.rows.data.records import Records
from train.rows.reading import read
from train.rows.split import split


@pytest.fixture
def rows(table):
    """Read 40 rows with these further columns, a list of cells by name, beside a random feature and a label."""

    def make(columns: dict[str, list[object]], **choices) -> Records:
        rng = np.random.default_rng(0)
        every = {**columns, "F1": rng.normal(0, 1, 40).round(4).tolist(), "Label": [i % 2 for i in range(40)]}
        lines = [",".join(every), *(",".join(map(str, cells)) for cells in zip(*every.values(), strict=True))]
        return read([table("\n".join(lines) + "\n")], choices=Choices(**choices))

    return make


PATIENT = (
    *("patient", "PATIENT", "patient_id", "patientId", "PatientID", "Patient-ID", "patient id", "id_patient", "Pat.-Nr."),
    *("subject_id", "Subject", "person", "participantID", "MRN", "pid", "case id", "caseID", "Case"),
)
RECORD = (
    "record",
    "recordId",
    "recording",
    "ecg_id",
    "EcgId",
    "filename",
    "File Name",
    "filename_hr",
    "study_id",
    "HADM_ID",
    "id",
)
COUNTER = ("index", "row", "row_id", "BeatNumber", "sample_id", "Unnamed: 0", "nr", "window_idx")
FEATURE = ("F1", "age", "patient_age", "sex", "qrs_ms", "record_length", "beat_amplitude", "ecg", "case_load")


@pytest.mark.parametrize(("names", "kind"), [(PATIENT, "patient"), (RECORD, "record"), (COUNTER, "counter"), (FEATURE, None)])
def test_names_are_told_in_any_spelling(names, kind) -> None:
    """Case, blanks, dots, hyphens and underscores do not matter; what only begins like one is a feature."""
    assert {name: kind_of_name(name) for name in names} == dict.fromkeys(names, kind)


def test_the_patient_wins_over_the_record(rows) -> None:
    """Neither is a feature."""
    records = rows(
        {"ecg_id": range(40), "Patient ID": [i // 4 for i in range(40)], "file-name": [f"f{i // 2}" for i in range(40)]}
    )

    assert records.feature_names == ("F1",)
    assert records.groups.column == "Patient ID"
    assert split(records, 0).by == "patient"
    assert records.left_out == ("ecg_id", "file-name")


def test_without_a_patient_the_coarsest_record_keeps_rows_together(rows) -> None:
    """An admission holds several recordings."""
    records = rows({"filename": [f"f{i // 2}" for i in range(40)], "hadm_id": [i // 4 for i in range(40)], "row": range(40)})

    assert (records.groups.column, split(records, 0).by) == ("hadm_id", "record")
    assert records.left_out == ("filename", "row")


@pytest.mark.parametrize(
    "column",
    [
        range(40),
        range(40, 0, -1),
        range(0, 4000, 100),
        [i // 4 for i in range(40)],
        [i % 10 for i in range(40)],
        [(i * 7) % 40 for i in range(40)],
        [20_000_000 + (i * 7919 % 40) * 1000_003 for i in range(40)],
        [round(0.8 * i + 0.01 * (i % 3), 2) for i in range(40)],
    ],
)
def test_a_column_that_numbers_the_rows_is_refused_until_it_is_said_what_it_is(rows, column) -> None:
    """Whatever it is called: upwards, downwards, by patient, again and again, shuffled, large, as a time."""
    with pytest.raises(BadRecords, match=r"column x looks like a running number.*--group NAME.*--drop NAME.*--keep NAME"):
        rows({"x": column})

    assert rows({"x": column}, drop=("X",)).left_out == ("x",)
    assert rows({"x": column}, keep=("x",)).feature_names == ("x", "F1")
    assert rows({"x": column}, group="x").groups.column == "x"


@pytest.mark.parametrize(
    "column",
    [
        [i % 2 for i in range(40)],
        [0] * 40,
        [1e14 * (-1) ** i * (i % 7 + 0.1) for i in range(40)],
        np.random.default_rng(1).integers(600, 1100, 40),
    ],
)
def test_measurements_are_no_running_numbers(rows, column) -> None:
    """Two values in turn, one value, large ones, whole ones."""
    assert rows({"x": column}).feature_names == ("x", "F1")


def test_another_whole_number_in_every_row_is_told(rows) -> None:
    """It may be a measurement, so it is not refused."""
    records = rows({"x": np.random.default_rng(1).permutation(5000)[:40]})

    assert records.notes == (
        "column x holds another whole number in every row; if that is the row's number, leave it out with --drop x",
    )


@pytest.mark.parametrize(
    ("choices", "sentence"),
    [
        ({"drop": ("y",)}, "there is no column named y among x, F1, Label"),
        ({"group": "x", "drop": ("x",)}, "one column was named for two things"),
        ({"drop": ("Label",)}, "one column was named for two things"),
        ({"drop": ("x", "F1")}, "the header names no feature"),
    ],
)
def test_choices_that_cannot_be_are_refused(rows, choices, sentence) -> None:
    """With what there is."""
    with pytest.raises(BadRecords, match=sentence):
        rows({"x": [i % 2 for i in range(40)]}, **choices)


def test_a_column_without_a_name_can_be_left_out(rows) -> None:
    """As pandas writes its row numbers; it is called by its place."""
    with pytest.raises(BadRecords, match=r'column 1 has no name .* --drop "column 1"'):
        rows({"": range(40)})

    assert rows({"": range(40)}, drop=("column 1",)).feature_names == ("F1",)
