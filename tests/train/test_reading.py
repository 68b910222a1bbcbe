"""Records from files: every layout, every fault."""

import gzip

import numpy as np
import pytest

from train.rows.reading import read
from train.rows.records import BadRecords

HEADER = "F1,F2,Label\n" + "1,2,a\n3,4,b\n" * 5
NO_HEADER = "1,2,0\n3,4,1\n" * 5
UCR = "  1.0e+00  1.0  2.0\n  2.0e+00  3.0  4.0\n" * 5


@pytest.mark.parametrize(
    ("text", "classes", "names"),
    [
        (HEADER, ("a", "b"), ("F1", "F2")),
        (HEADER.replace("Label", "LABEL"), ("a", "b"), ("F1", "F2")),
        ("Label,F1,F2\n" + "a,1,2\nb,3,4\n" * 5, ("a", "b"), ("F1", "F2")),
        ("0,1,label\n" + "1,2,a\n3,4,b\n" * 5, ("a", "b"), ("0", "1")),
        (NO_HEADER, ("0", "1"), ("F1", "F2")),
        ("1,2,N\n3,4,V\n" * 5, ("N", "V"), ("F1", "F2")),
        (UCR, ("1", "2"), ("F1", "F2")),
        ("\ufeff" + HEADER, ("a", "b"), ("F1", "F2")),
        (HEADER.replace("\n", "\r\n"), ("a", "b"), ("F1", "F2")),
    ],
)
def test_each_layout_gives_the_same_rows(table, text, classes, names) -> None:
    """The label is found by name, last in a CSV without header, first in UCR text."""
    records = read(table(text))

    assert records.classes == classes
    assert records.feature_names == names
    assert records.features.dtype == np.float32
    assert records.features.tolist() == [[1, 2], [3, 4]] * 5
    assert records.labels.tolist() == [0, 1] * 5


def test_a_gzipped_file_is_read_whatever_its_name(table) -> None:
    """Compression is told from the bytes, not from the name."""
    records = read(table(gzip.compress(NO_HEADER.encode()), "rows.csv"))

    assert records.features.shape == (10, 2)


def test_the_label_column_can_have_another_name(table) -> None:
    """--label names it; a column called Label is then a feature like any other."""
    records = read(table("F1,rhythm\n" + "1,AF\n2,SR\n" * 5), label="Rhythm")

    assert records.classes == ("AF", "SR")
    assert records.feature_names == ("F1",)


@pytest.mark.parametrize("name", ["patient", "Record"])
def test_a_patient_column_is_no_feature(table, name) -> None:
    """It says whose row it is."""
    records = read(table(f"{name},F1,Label\n" + "p1,1,a\np2,2,b\n" * 5))

    assert records.feature_names == ("F1",)
    assert records.patients is not None
    assert set(records.patients) == {"p1", "p2"}


@pytest.mark.parametrize(
    ("labels", "classes"),
    [(["10", "9", "1"], ("1", "9", "10")), (["V", "N", "S"], ("N", "S", "V")), (["sinus", "AF"], ("AF", "sinus"))],
)
def test_classes_come_in_the_order_a_reader_expects(table, labels, classes) -> None:
    """Numbers by value, AAMI classes as the standard lists them, words by alphabet."""
    assert read(table("".join(f"1,{label}\n" for label in labels) * 5)).classes == classes


def test_the_official_halves_stay_apart(table) -> None:
    """Rows of the test file are marked, and labels written 1 and 1.0 are one class."""
    records = read(table(UCR, "train.txt"), table("1 5 6\n2 7 8\n", "test.txt"))

    assert records.official_test is not None
    assert records.official_test.sum() == 2
    assert records.features[records.official_test].tolist() == [[5, 6], [7, 8]]
    assert records.classes == ("1", "2")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "the file is empty"),
        ("F1,Label\n", "there is a header but no row below it"),
        (b"\xff\xfe\x00", "not a text file"),
        (b"\x1f\x8bdamaged", "the gzip file is damaged"),
        (HEADER + "5,x,a\n", "row 11 (line 12 of the file), column F2: not a number"),
        (NO_HEADER + "5,x,1\n", "row 11 (line 11 of the file), column F2: not a number"),
        (HEADER + "5,True,a\n", "column F2: not a number"),
        (HEADER + "5,,a\n", "column F2: a missing value"),
        (HEADER + "NA,5,a\n", "column F1: a missing value"),
        (NO_HEADER + "nan,5,1\n", "column F1: a missing value"),
        (HEADER + "5,inf,a\n", "column F2: a value that is not finite"),
        (HEADER + "5,1e39,a\n", "column F2: a value that is not finite"),
        (HEADER + "5,6,\n", "row 11 (line 12 of the file) has no label"),
        (HEADER + "5,a\n", "row 11 (line 12 of the file) has 2 columns, expected 3"),
        (HEADER + "5,6,7,a\n", "row 11 (line 12 of the file) has 4 columns, expected 3"),
        ("F1,Label\n" + "1,2,a\n" * 9, "row 1 (line 2 of the file) has 3 columns, expected 2"),
        ("1 2 3\n2 3\n", "row 2 (line 2 of the file) has 2 columns, expected 3"),
        ("1,2,a\n" * 9, "expected rows of at least two classes, found only class a"),
        (NO_HEADER + "1,2,7\n", "class 7 has 1 rows, expected at least 5"),
        ("F1,F2,kind\n1,2,a\n", "there is no column named label among F1, F2, kind"),
        ("F1,F1,Label\n1,2,a\n", "two columns of the header have the same name"),
        (",F1,Label\n0,2,a\n", "column 1 has no name"),
        ("patient,Label\n0,a\n", "the header names no feature"),
        ("F1;Label\n0;a\n", "separated by semicolons"),
        ("1\n2\n", "the first line has one column"),
    ],
)
def test_bad_data_is_refused_with_the_place_and_what_was_expected(table, text, sentence) -> None:
    """One sentence that names the file."""
    path = table(text)

    with pytest.raises(BadRecords) as error:
        read(path)

    assert sentence in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(("test", "sentence"), [("1 5\n", "expected the same 2 features"), ("3 5 6\n", "class 3 is not in")])
def test_a_test_half_of_another_kind_is_refused(table, test, sentence) -> None:
    """Its features and classes must be those of the training half."""
    with pytest.raises(BadRecords, match=sentence):
        read(table(UCR, "train.txt"), table(test, "test.txt"))


def test_a_label_column_cannot_be_named_without_a_header(table) -> None:
    """There is nothing to find the name in."""
    with pytest.raises(BadRecords, match="the file has no header"):
        read(table(NO_HEADER), label="rhythm")


def test_the_real_files_are_read_as_their_source_counts_them(real) -> None:
    """4,998 rows of ecg.csv; 500 and 4,500 of ECG5000."""
    widely_used = read(real / "ecg.csv")
    halves = read(real / "ecg5000/ECG5000_TRAIN.txt", real / "ecg5000/ECG5000_TEST.txt")

    assert np.bincount(widely_used.labels).tolist() == [2079, 2919]
    assert np.bincount(halves.labels[~halves.official_test]).tolist() == [292, 177, 10, 19, 2]
    assert np.bincount(halves.labels[halves.official_test]).tolist() == [2627, 1590, 86, 175, 22]
