"""Records from files: every layout, every fault."""

import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from train.errors import BadRecords
from train.rows.data.identifiers import Choices
from train.rows.data.records import Records
from train.rows.reading import read

HEADER = "F1,F2,Label\n" + "1,2,a\n3,4,b\n" * 5
NO_HEADER = "1,2,0\n3,4,1\n" * 5
UCR = "  1.0e+00  1.0  2.0\n  2.0e+00  3.0  4.0\n" * 5


def read_one(path: Path, test: Path | None = None, choices: Choices | None = None) -> Records:
    """The records of one file, and of its test half."""
    return read([path], test, choices)


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
        (HEADER.replace("\n", "\r"), ("a", "b"), ("F1", "F2")),
        (HEADER.encode("utf-16"), ("a", "b"), ("F1", "F2")),
        (HEADER.encode("utf-16-le"), ("a", "b"), ("F1", "F2")),
        (HEADER.replace("F1", "Ü").encode("latin-1"), ("a", "b"), ("Ü", "F2")),
        ("\n\n" + HEADER + "\n\n", ("a", "b"), ("F1", "F2")),
        (HEADER.replace(",", ";"), ("a", "b"), ("F1", "F2")),
        ("sep=;\n" + HEADER.replace(",", ";"), ("a", "b"), ("F1", "F2")),
        ("F1;F2;Label\n" + "1,0;2,0;a\n3;4,0e0;b\n" * 5, ("a", "b"), ("F1", "F2")),
        ("F1,F2,Label\n" + '"1,0","2,0",a\n3,4,b\n' * 5, ("a", "b"), ("F1", "F2")),
        ("1,0 1,0 2,0\n2,0 3,0 4,0\n" * 5, ("1", "2"), ("F1", "F2")),
        (HEADER.replace(",", "\t"), ("a", "b"), ("F1", "F2")),
        (HEADER.replace(",", "|"), ("a", "b"), ("F1", "F2")),
        ("1\t1.0\t2.0\n2\t3.0\t4.0\n" * 5, ("1", "2"), ("F1", "F2")),
    ],
)
def test_each_layout_gives_the_same_rows(table, text, classes, names) -> None:
    """The label is found by name, last in a CSV without header, first in UCR text."""
    records = read_one(table(text))

    assert records.classes == classes
    assert records.feature_names == names
    assert records.features.dtype == np.float32
    assert records.features.tolist() == [[1, 2], [3, 4]] * 5
    assert records.labels.tolist() == [0, 1] * 5


def test_a_gzipped_file_is_read_whatever_its_name(table) -> None:
    """Compression is told from the bytes, not from the name."""
    records = read_one(table(gzip.compress(NO_HEADER.encode()), "rows.csv"))

    assert records.features.shape == (10, 2)


def test_the_label_column_can_have_another_name(table) -> None:
    """--label names it; a column called Label is then a feature like any other."""
    records = read_one(table("F1,rhythm\n" + "1,AF\n2,SR\n" * 5), choices=Choices(label="Rhythm"))

    assert records.classes == ("AF", "SR")
    assert records.feature_names == ("F1",)


def test_a_header_that_numbers_the_columns_is_no_row(table) -> None:
    """As pandas writes it over columns without names; that the last one was taken for the label is told."""
    records = read_one(table("0,1,2,3\n" + "1.5,2,3,0\n3.5,4,5,1\n" * 5))

    assert records.features.tolist() == [[1.5, 2, 3], [3.5, 4, 5]] * 5
    assert records.feature_names == ("0", "1", "2")
    assert "the header is numbers alone, so the last of 4 columns was taken for the label" in records.notes[0]


def test_a_label_first_is_said_by_its_number(table) -> None:
    """In a file without a header there is no name to say it by."""
    path = table("0,1.5,2.25\n1,3.5,4.75\n" * 5)

    records = read_one(path, choices=Choices(label="1"))

    assert records.classes == ("0", "1")
    assert records.features.tolist() == [[1.5, 2.25], [3.5, 4.75]] * 5


def test_several_files_are_read_one_after_another(table) -> None:
    """A patient may be in more than one of them; the digest is of all."""
    first = table("patient,F1,Label\n" + "7,1,a\n8,2,b\n" * 5, "a.csv")
    second = table("patient,F1,Label\n" + "007,3,a\n9.0,4,b\n" * 5, "b.csv")

    records = read([first, second])

    assert records.name == "a.csv + b.csv"
    assert records.features[:, 0].tolist() == [1, 2] * 5 + [3, 4] * 5
    assert set(records.groups.of_row) == {"7", "8", "9"}
    assert records.digest not in (read([first]).digest, read([second]).digest)


@pytest.mark.parametrize(
    ("other", "sentence"),
    [
        ("patient,F2,Label\n" + "7,3,a\n9,4,b\n" * 5, "expected the same 1 features as in"),
        ("F1,Label\n" + "3,a\n4,b\n" * 5, "expected the column that keeps rows together to be the same as in"),
        ("patient,F1,Label\n" + "7,1,a\n8,2,b\n" * 5, "the same as another of the files"),
    ],
)
def test_files_that_do_not_belong_together_are_refused(table, other, sentence) -> None:
    """Other columns, or the same rows twice, which would stand on both sides of the split."""
    first = table("patient,F1,Label\n" + "7,1,a\n8,2,b\n" * 5, "a.csv")

    with pytest.raises(BadRecords, match=sentence):
        read([first, table(other, "b.csv")])


@pytest.mark.parametrize(
    ("labels", "classes"),
    [(["10", "9", "1"], ("1", "9", "10")), (["V", "N", "S"], ("N", "S", "V")), (["sinus", "AF"], ("AF", "sinus"))],
)
def test_classes_come_in_the_order_a_reader_expects(table, labels, classes) -> None:
    """Numbers by value, AAMI classes as the standard lists them, words by alphabet."""
    assert read_one(table("".join(f"1,{label}\n" for label in labels) * 5)).classes == classes


def test_the_official_halves_stay_apart(table) -> None:
    """Rows of the test file are marked, and labels written 1 and 1.0 are one class."""
    records = read_one(table(UCR, "train.txt"), table("1 5 6\n2 7 8\n", "test.txt"))

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
        (
            NO_HEADER + "1,2,7\n",
            "if that is the label, add --label 1): its class 7 has 1 row, expected at least 5",
        ),
        ("F1,F2,kind\n1,2,a\n", "there is no column named label among F1, F2, kind"),
        ("F1,f1,Label\n1,2,a\n", "two columns of the header have the same name, F1"),
        (",F1,Label\n0,2,a\n", "column 1 has no name"),
        ("patient,Label\n0,a\n", "the header names no feature"),
        (HEADER + "?,5,a\n1,NA,b\n,,a\n", "row 11 (line 12 of the file), column F1: a missing value"),
        (HEADER + "?,5,a\n1,NA,b\n,,a\n", "4 values are missing in 3 of 13 rows"),
        (NO_HEADER + "?,5,1\n", "row 11 (line 11 of the file), column F1: a missing value"),
        ("?,5,1\n" + NO_HEADER, "row 1 (line 1 of the file), column F1: a missing value"),
        (HEADER + "5,6,?\n", "row 11 (line 12 of the file) has no label, expected one in column Label; 1 of 11 rows have none"),
        (HEADER.replace("F1", "patient") + ",6,a\n", "column patient: no value, expected whose row it is"),
        (HEADER + "5,1e30,a\n", "column F2: a value too large"),
        ("F1;Label\n" + "0,5;a\n1.5;b\n" * 5, "column F1: not a number, expected a finite number with a decimal comma"),
        ('F1,Label\n"1,a\n', "a quoted cell does not end on its line"),
        ("F1,sex,Label\n" + "1,F,a\n2,M,b\n" * 5, "column sex holds words in 10 of 10 rows, expected numbers"),
        ("Name,Anna\nBorn,1950\n", "there is no column named label; name the label column with --label"),
        ("0,1.5,0.25\n1,2.5,0.75\n0,3.5,0.5\n1,2.25,0.125\n" * 2, "so the last of 3 columns was taken for the label"),
        (
            "0,1.5,0.25\n1,2.5,0.75\n0,3.5,0.5\n1,2.25,0.125\n" * 2,
            "if that is the label, add --label 1), but it holds 4 different",
        ),
        ("1\n2\n", "the first line has one column"),
    ],
)
def test_bad_data_is_refused_with_the_place_and_what_was_expected(table, text, sentence) -> None:
    """One sentence that names the file."""
    path = table(text)

    with pytest.raises(BadRecords) as error:
        read_one(path)

    assert sentence in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(("test", "sentence"), [("1 5\n", "expected the same 2 features"), ("3 5 6\n", "class 3 is not in")])
def test_a_test_half_of_another_kind_is_refused(table, test, sentence) -> None:
    """Its features and classes must be those of the training half."""
    with pytest.raises(BadRecords, match=sentence):
        read_one(table(UCR, "train.txt"), table(test, "test.txt"))


def test_a_label_column_cannot_be_named_without_a_header(table) -> None:
    """There is nothing to find the name in."""
    with pytest.raises(BadRecords, match="the file has no header"):
        read_one(table(NO_HEADER), choices=Choices(label="rhythm"))


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"PAR1....PAR1", "a Parquet file"),
        (b"PK\x03\x04..xl/workbook.xml", "an Excel workbook (.xlsx)"),
        (b"PK\x03\x04..rows.csv", "a zip archive"),
        (b"\xd0\xcf\x11\xe0....", "an old Excel workbook (.xls)"),
        (gzip.compress(b"rows.csv".ljust(257, b"\0") + b"ustar", mtime=0), "a tar archive"),
        (b"0       someone".ljust(300), "an EDF recording"),
        (b'{"F1": 1}', "JSON"),
        (b"<html>", "XML or HTML"),
        (b"@RELATION beats\n@DATA\n1,2\n", "an ARFF file"),
        (b"100 2 360 650000\n100.dat 212 200 11 1024 995 -22131 0 MLII\n", "the header of a WFDB record"),
        (bytes(range(256)), "not a text file"),
    ],
)
def test_what_is_no_text_of_rows_is_told_what_it_is(table, data, kind) -> None:
    """With what is read instead."""
    with pytest.raises(BadRecords) as error:
        read_one(table(data))

    assert f"{kind}, expected rows as text: CSV (commas, semicolons or tabs)" in str(error.value)
    assert "someone" not in str(error.value)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.binary(max_size=100), st.text('01a;,\t.\r\n"?-| e\0\x85', max_size=100).map(str.encode)))
def test_any_bytes_are_read_or_refused(table, data) -> None:
    """Never with a traceback, always in one line."""
    try:
        read_one(table(data))
    except BadRecords as error:
        assert "\n" not in str(error)


def test_the_real_files_are_read_as_their_source_counts_them(real) -> None:
    """4,998 rows of ecg.csv; 500 and 4,500 of ECG5000."""
    widely_used = read_one(real / "ecg.csv")
    halves = read_one(real / "ecg5000/ECG5000_TRAIN.txt", real / "ecg5000/ECG5000_TEST.txt")

    assert np.bincount(widely_used.labels).tolist() == [2079, 2919]
    assert np.bincount(halves.labels[~halves.official_test]).tolist() == [292, 177, 10, 19, 2]
    assert np.bincount(halves.labels[halves.official_test]).tolist() == [2627, 1590, 86, 175, 22]
