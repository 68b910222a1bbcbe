"""Answers never stand under another recording's name; done means the same content, lead, rate, unit and model."""

import json
import os

import pandas as pd
import pytest
import wfdb
from PIL import Image

ENDINGS = ("csv", "ecg", "html", "json", "png", "rhythm.csv")


def beats_in(folder) -> dict[str, int]:
    """How many beats each table of answers holds; beside each is one of rhythms, and for a folder a summary of them all."""
    paths = [path for path in sorted(folder.rglob("*.csv")) if path.name != "summary.csv"]
    tables = {str(path.relative_to(folder)): len(pd.read_csv(path)) for path in paths}
    beats = {name: count for name, count in tables.items() if not name.endswith(".rhythm.csv")}
    assert tables.keys() - beats.keys() == {name.replace(".csv", ".rhythm.csv") for name in beats}
    return beats


def beats_annotated(record) -> int:
    """How many beats the WFDB annotations of a record of answers hold."""
    return sum(symbol in "NSVF" for symbol in wfdb.rdann(str(record), "ecg").symbol)


def test_two_files_of_one_name_are_both_annotated(annotated, csv_of, tmp_path) -> None:
    """Under names that tell them apart; a WFDB record beside a CSV too."""
    one, two = csv_of(tmp_path / "p1/ecg.csv", seconds=20), csv_of(tmp_path / "p2/ecg.csv")

    done = annotated(one, two)

    assert done.returncode == 0, done.stderr
    assert beats_in(tmp_path / "out") == {"p1-ecg.csv": 25, "p2-ecg.csv": 12}
    assert f"in {tmp_path / 'out/p1-ecg.csv'}" in done.stdout


def test_one_after_the_other_neither_replaces_the_other(annotated, csv_of, tmp_path) -> None:
    """The second gets another name; both stay done."""
    one, two = csv_of(tmp_path / "p1/ecg.csv", seconds=20), csv_of(tmp_path / "p2/ecg.csv")
    annotated(one)

    done = annotated(two)
    again = [annotated(path).stdout for path in (one, two)]

    assert "already done" not in done.stdout
    assert beats_in(tmp_path / "out") == {"ecg.csv": 25, "p2-ecg.csv": 12}
    assert all("already done" in text for text in again)


def test_files_of_one_name_and_of_letters_that_wfdb_does_not_know(annotated, csv_of, wfdb_of, tmp_path) -> None:
    """All are answered, and WFDB reads the annotations."""
    files = [csv_of(tmp_path / f"{name}.csv", seconds) for name, seconds in (("心電図", 10), ("心电图", 20), ("ecg", 10))]

    done = annotated(*files, wfdb_of(tmp_path / "ecg", 20), "--lead", "II")

    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert beats_in(tmp_path / "out") == {"ecg-csv.csv": 12, "ecg-hea.csv": 25, "心电图.csv": 25, "心電図.csv": 12}
    records = sorted(path.stem for path in (tmp_path / "out").glob("*.ecg"))
    assert sorted(beats_annotated(tmp_path / "out" / record) for record in records) == [12, 12, 25, 25]
    assert all(record.isascii() for record in records)


def test_folders_in_folders_keep_their_places(annotated, csv_of, tmp_path) -> None:
    """Files of one name in different folders need no other name; the folder of answers is not read again."""
    for name, seconds in (("in/a/ecg.csv", 10), ("in/b/c/ecg.csv", 20)):
        csv_of(tmp_path / name, seconds)

    first, second = annotated(tmp_path / "in"), annotated(tmp_path)

    assert first.returncode == second.returncode == 0, second.stderr
    found = beats_in(tmp_path / "out")
    assert found == {"a/ecg.csv": 12, "b/c/ecg.csv": 25, "in/a/ecg.csv": 12, "in/b/c/ecg.csv": 25}


@pytest.mark.parametrize("options", [("--sampling-rate", "200", "--unit", "mV"), ("--sampling-rate", "100", "--unit", "uV")])
def test_another_rate_or_unit_is_done_anew(annotated, tmp_path, options) -> None:
    """The same file, asked in another way: its answers are replaced, and that is said."""
    path = tmp_path / "x.csv"
    path.write_text("II\n" + "\n".join(["0.5", "0.25"] * 500))
    annotated(path, "--sampling-rate", "100", "--unit", "mV")

    other, again = annotated(path, *options), annotated(path, *options)

    assert "earlier answers replaced" in other.stdout
    assert "already done" in again.stdout
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == [f"x.{ending}" for ending in ENDINGS]


def test_changed_content_is_done_anew_and_the_same_content_is_not(annotated, csv_of, tmp_path) -> None:
    """Whatever time the file has; where it lies does not matter."""
    path = csv_of(tmp_path / "ecg.csv", seconds=10)
    annotated(path)
    state = path.stat()

    csv_of(path, seconds=20)
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    changed = annotated(path)
    moved = path.rename(tmp_path / "moved.csv").rename(tmp_path / "elsewhere.csv")
    (tmp_path / "folder").mkdir()
    moved = moved.rename(tmp_path / "folder/ecg.csv")
    os.utime(moved)
    same = annotated(moved)

    assert "earlier answers replaced" in changed.stdout
    assert "25 beats" in changed.stdout
    assert "already done" in same.stdout


def test_a_signal_file_that_changed_beside_its_header_is_noticed(annotated, wfdb_of, tmp_path) -> None:
    """A WFDB record is its header and the files that it names."""
    path = wfdb_of(tmp_path / "w")
    annotated(path, "--lead", "II")
    signals = path.with_suffix(".dat")
    signals.write_bytes(signals.read_bytes()[::-1])

    done = annotated(path, "--lead", "II")

    assert "earlier answers replaced" in done.stdout


@pytest.mark.parametrize("ending", ENDINGS)
def test_answers_that_are_not_whole_are_not_done(annotated, csv_of, tmp_path, ending) -> None:
    """One of them is missing or was changed: all are written again, or under another name if it is not known whose they are."""
    path = csv_of(tmp_path / "in/ecg.csv")
    annotated(path)
    (tmp_path / f"out/ecg.{ending}").write_bytes(b"half")

    done = annotated(path)

    assert done.returncode == 0
    assert "already done" not in done.stdout
    name = "ecg-csv" if ending in ("png", "html", "json") else "ecg"
    assert f"out/{name}.csv" in done.stdout
    assert beats_annotated(tmp_path / f"out/{name}") == 12


def test_the_input_itself_is_never_replaced(predict_inside, csv_of, beats, tmp_path) -> None:
    """Where the answers go into the folder of the recording, a CSV keeps its name and the answers get another."""
    path = csv_of(tmp_path / "in/ecg.csv")
    before = path.read_bytes()

    done = predict_inside(path, tmp_path / "in", "--artifact", beats)
    again = predict_inside(tmp_path / "in", tmp_path / "in", "--artifact", beats)

    assert path.read_bytes() == before
    assert f"{tmp_path / 'in/ecg-csv.csv'}" in done.stdout
    assert again.stdout.count("\n") == 1
    assert "already done" in again.stdout


def test_the_picture_tells_where_the_answers_come_from(annotated, csv_of, beats, tmp_path) -> None:
    """File, digests of its content and of the model, how it was read; no folder, which may be named after a person."""
    annotated(csv_of(tmp_path / "Jane Doe/ecg.csv"))

    with Image.open(tmp_path / "out/ecg.png") as picture:
        told = json.loads(picture.info["ecg"])

    assert told["file"] == "ecg.csv"
    assert {"content", "model", "options", "path_digest", "others"} < told.keys()
    assert "Jane" not in json.dumps(told)
