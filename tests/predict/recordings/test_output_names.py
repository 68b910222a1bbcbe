"""Names of the answers: no two alike, each telling its file, decided before anything is written."""

import re
from pathlib import Path

import pytest

from predict.recordings.outputs.output_names import lead_endings, of_lead, targets, wfdb_name
from predict.recordings.signal import BadRecording

OUT = Path("/out")


def named(*files: str, held: dict[str, str] | None = None) -> list[str]:
    """The names for files, where others hold some of them."""
    found = targets([(Path(file), OUT) for file in files], lambda target, file: (held or {}).get(target.name))
    assert all(target.parent == OUT for target in found)
    return [target.name for target in found]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (["/d/100.hea", "/d/7.edf"], ["100", "7"]),
        (["/d/noext", "/d/a.b.csv.gz", "/d/.csv"], ["noext", "a.b", ".csv"]),
        (["/d/ecg.hea", "/d/ecg.csv", "/d/ecg.edf"], ["ecg-hea", "ecg-csv", "ecg-edf"]),
        (["/d/p1/ecg.csv", "/d/p2/ecg.csv"], ["p1-ecg", "p2-ecg"]),
        (["/p1/day/ecg.csv", "/p2/day/ecg.csv"], ["p1-day-ecg", "p2-day-ecg"]),
        (["/d/ecg.csv", "/d/ecg.csv.gz"], ["ecg-csv", "ecg-csv-gz"]),
        (["/d/心電図.csv", "/d/心电图.csv"], ["心電図", "心电图"]),
    ],
)
def test_a_name_is_the_files_own_and_gains_what_tells_it_apart(files, expected) -> None:
    """Its ending, else folders, of all that are alike; what is unique keeps its own."""
    assert named(*files) == expected


def test_what_neither_ending_nor_folder_tells_apart_is_told_apart_all_the_same() -> None:
    """By both, or by a digest."""
    assert len(set(named("/d/p1/ecg.csv", "/d/p2/ecg.edf", "/d/p2/ecg.csv"))) == 3


def test_names_that_a_file_system_takes_for_one_are_told_apart() -> None:
    """Capital letters, and accents written in two ways."""
    assert len({name.casefold() for name in named("/d/ECG.csv", "/d/ecg.csv")}) == 2
    assert named("/p1/é.csv", "/p2/e\u0301.csv") == ["p1-é", "p2-e\u0301"]


def test_a_name_that_was_made_longer_meets_no_other() -> None:
    """`a-b` is both the file a-b and the file b in the folder a."""
    names = named("/x/a/b.csv", "/x/c/b.csv", "/y/a-b.csv")

    assert len(set(names)) == 3
    assert names[2] == "a-b"


def test_a_name_that_holds_anothers_answers_is_not_taken() -> None:
    """The folder is added to a file of the same name, the ending to one of another."""
    assert named("/d/p2/ecg.csv", held={"ecg": "ecg.csv"}) == ["p2-ecg"]
    assert named("/d/p2/ecg.csv", held={"ecg": "ecg.hea"}) == ["ecg-csv"]
    with pytest.raises(BadRecording, match="every name for its answers is taken"):
        targets([(Path("/d/ecg.csv"), OUT)], lambda target, file: "other.csv")


def test_long_names_are_cut_and_told_apart() -> None:
    """So that they fit into a file system."""
    names = named(f"/p1/{'x' * 240}a.csv", f"/p1/{'x' * 240}b.csv")

    assert len(set(names)) == 2
    assert max(map(len, names)) < 250


@pytest.mark.parametrize(
    ("name", "expected"), [("100", "100"), ("a_b-1", "a_b-1"), ("a b", "a-b-[0-9a-f]{8}"), ("心電図", "record-.{8}")]
)
def test_wfdb_gets_a_name_that_it_allows(name, expected) -> None:
    """The same where it can be; else its letters and a digest of the whole name."""
    assert re.fullmatch(expected, wfdb_name(name))
    assert len({wfdb_name(other) for other in (name, "心电图", "a-b", "a.b")}) == 4


@pytest.mark.parametrize(
    ("leads", "expected"),
    [
        (["I", "II", "aVR"], [".I", ".II", ".aVR"]),
        (["ECG I+", "V1/V2"], [".ECG-I+", ".V1-V2"]),
        (["ii", "II"], [".ii-1", ".II-2"]),
        (["µV", "心"], [".V-1", ".2"]),
        (["rhythm"], [".rhythm-1"]),
        (["1", "2"], [".1", ".2"]),
    ],
)
def test_a_lead_adds_its_name_to_its_answers(leads, expected) -> None:
    """What a file system minds is left out; all leads are numbered where two would be alike, or one is named as a table is."""
    assert lead_endings(leads) == expected


def test_no_name_is_that_of_anothers_lead() -> None:
    """A recording a.II beside the leads of a."""
    files = [Path("/d/a.edf"), Path("/d/a.II.edf")]

    names = targets([(file, OUT) for file in files], lambda *_: None, {file: [".I", ".II"] for file in files})

    assert len({of_lead(name, ending) for name in names for ending in ("", ".I", ".II")}) == 6
