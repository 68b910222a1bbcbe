"""How a CSV file of rows is laid out: read where it is certain, refused by one sentence where a row might be shifted."""

from pathlib import Path

import pytest

from predict.rows.archive import BadArchive
from predict.rows.csv_dialect import LABEL, dialect_of

FEATURES = ("a", "b", "c")
PATH = Path("rows.csv")


def dialect(text: str):
    """Of a file with this text."""
    return dialect_of(PATH, text.split("\n"), FEATURES)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a,b,c\n1,2,3", (",", ".", True, ["a", "b", "c"])),
        ("key;c;b;a\nx;0,5;1;2", (";", ",", True, ["key", "c", "b", "a"])),
        ("a\tb\tc\n0,5\t1\t2", ("\t", ",", True, ["a", "b", "c"])),
        ("0.1;0.2;0.3", (";", ".", False, ["a", "b", "c"])),
        ("0,1;0,2;0,3;1", (";", ",", False, ["a", "b", "c", LABEL])),
        ('"0,1","0,2","0,3"', (",", ",", False, ["a", "b", "c"])),
        ('"key;x",a,b,c\n"1;2",1,2,3', (",", ".", True, ["key;x", "a", "b", "c"])),
        ("0.1,0.2,0.3,normal", (",", ".", False, ["a", "b", "c", LABEL])),
        ("0.1,0.2,0.3,1.0\n0.4,,0.6,0.0", (",", ".", False, ["a", "b", "c", LABEL])),
        ("812,2,3,1\n790,5,6,0\n801,8,9,1\n799,1,2,0", (",", ".", False, ["a", "b", "c", LABEL])),
        ("1.2e-01,3.0e+00,4.1e+00,1.0000000e+00", (",", ".", False, ["a", "b", "c", LABEL])),
        ("1,5,9", (",", ".", False, ["a", "b", "c"])),
    ],
)
def test_separator_decimal_mark_header_and_columns_are_told_from_the_first_lines(text, expected) -> None:
    """Commas, semicolons, tabs; decimal commas; a header, or the features in order and perhaps a label."""
    assert tuple(dialect(text)) == expected


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("0,-0.7,-0.5,0.1\n1,0.9,0.2,2.2\n0,0.4,0.1,0.3", "the first column looks like one, the last does not"),
        ("normal,0.1,0.2,0.3", "line 1 is a word and 3 numbers, expected the label last"),
        ("1,0.5,0.5,0\n0,0.5,0.5,1\n1,0.1,0.2,0\n0,0.1,0.2,1", "the first column may be one as well"),
        ("17,0.5,0.5,0.25\n18,0.5,0.5,0.75", "the first column looks like one"),
        ("0.1,0.2,0.3,0.4\n0.1,0.2,0.3,0.4", "no column looks like one"),
        ("1,2,3\n0.1,0.2,0.3", "line 1 counts the columns"),
        ("0,1,2\n0.1,0.2,0.3", "line 1 counts the columns"),
        (",0,1,2\n0,0.1,0.2,0.3", "line 1 counts the columns"),
        ("1,2,3,label\n0.1,0.2,0.3,1", "line 1 counts the columns"),
        ("1,2,3,4\n0.1,0.2,0.3,1", "line 1 counts the columns"),
        ("1 2 3", "expected a column for each"),
        ("1,2", "expected 3 numbers a line, or 4 with a label last, line 1 has 2"),
    ],
)
def test_what_may_be_shifted_is_refused(text, sentence) -> None:
    """One sentence on what the first line and column look like, and a header named as the way to settle it."""
    with pytest.raises(BadArchive) as refused:
        found = dialect(text)
        if missing := [name for name in FEATURES if name not in found.columns]:
            raise BadArchive(f"expected a column for each, {missing} are missing")

    assert sentence in str(refused.value)
    assert "0." not in str(refused.value)
