"""`python -m predict` on recordings: warnings, one bad file among good ones, and what cannot be annotated at all."""

import os
import resource
import time

import numpy as np
import pandas as pd
import pytest
import wfdb

from predict.recordings.outputs.strip_plot import draw
from predict.recordings.signal import Signal
from server.models.annotator import Annotation, Beats


def test_what_is_unusual_is_warned_of_on_standard_error_and_in_the_answers(annotated, csv_of, tmp_path) -> None:
    """A gain a thousand times off: a line for each warning, and a note in the annotations."""
    usual = annotated(csv_of(tmp_path / "usual.csv"))
    done = annotated(csv_of(tmp_path / "tiny.csv", scale=0.001, seconds=10))

    assert usual.stderr == ""
    assert done.returncode == 0
    assert f"predict: warning: {tmp_path / 'tiny.csv'}: an amplitude of" in done.stderr
    annotations = wfdb.rdann(str(tmp_path / "out/tiny"), "ecg")
    notes = [text for symbol, text in zip(annotations.symbol, annotations.aux_note, strict=True) if symbol == '"']
    assert any("are gain and unit right?" in note for note in notes)


def test_the_title_of_the_picture_holds_the_warnings() -> None:
    """A line each; letters that the font does not have are question marks, and dollars are dollars."""
    none = Beats(np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0, np.float32), np.zeros((0, 2), np.float32))

    annotation = Annotation(none, None, None)
    figure = draw(Signal("心電図", "$II$", np.zeros(1000, np.float32), 100.0), annotation, [], ("N", "V"), ["no beat", "small"])

    assert figure.get_suptitle().splitlines()[1:] == ["Warning: no beat", "Warning: small"]
    assert figure.get_suptitle().startswith("???, lead $II$: 0 N, 0 V")
    figure.draw_without_rendering()


def test_one_bad_file_stops_no_other(annotated, csv_of, tmp_path) -> None:
    """Each bad one is a line on standard error, the others are annotated, the exit code is 2."""
    folder = tmp_path / "in"
    csv_of(folder / "a.csv")
    csv_of(folder / "deep/er/z.csv")
    csv_of(folder / "words.csv").write_text("time_s,II_mV\n0,Doe\n0.01,Doe\n")
    csv_of(folder / "huge.csv", scale=1e38)
    (folder / "bad.edf").write_bytes(b"0       and no more")
    (folder / "bad.dcm").write_bytes(bytes(128) + b"DICM")
    (folder / "bad.hea").write_bytes(b"bad 1 100 1000\nnone.dat 16 200 16 0 0 0 0 II\n")
    (folder / "folder.csv").mkdir()
    (folder / "loop.csv").symlink_to("loop.csv")
    missing, unknown = tmp_path / "none.edf", tmp_path / "x.bin"
    unknown.write_bytes(bytes(range(256)))

    done = annotated(folder, missing, unknown)

    lines = done.stderr.splitlines()
    assert done.returncode == 2
    assert len(lines) == 8, lines
    assert all(line.startswith("predict: ") and "Traceback" not in line and "unexpected" not in line for line in lines)
    assert "Doe" not in done.stderr
    assert sorted(str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*.csv")) == [
        "a.csv",
        "a.rhythm.csv",
        "deep/er/z.csv",
        "deep/er/z.rhythm.csv",
        "summary.csv",
    ]
    assert pd.read_csv(tmp_path / "out/summary.csv")["answers"].tolist() == ["a", "deep/er/z"]


def test_what_a_killed_run_left_half_written_is_removed(annotated, csv_of, tmp_path) -> None:
    """A day later; before that another run may be writing it."""
    old, new = (tmp_path / "out" / name / "a.csv" for name in (".draft-old", ".draft-new"))
    for file in (old, new):
        file.parent.mkdir(parents=True)
        file.touch()
    two_days_ago = time.time() - 2 * 86_400
    os.utime(old.parent, (two_days_ago, two_days_ago))

    annotated(csv_of(tmp_path / "a.csv"))

    assert not old.parent.exists()
    assert new.exists()


@pytest.mark.parametrize(
    ("content", "arguments", "sentence"),
    [
        (b"<?xml version='1.0'?><gpx/>", [], "this is an XML file"),
        (b"<?xml version='1.0'?><AnnotatedECG/>", ["--lead", "II"], "expected an HL7 aECG file with"),
        (bytes(64), [], "expected a recording, this is"),
        (b"PAR1" + bytes(9), ["--lead", "II"], "this is a Parquet file"),
        (b"0.1\n0.2\n0.1\n" * 300, [], "say --unit"),
        (b"0.1\n0.2\n0.1\n" * 300, ["--unit", "millivolts"], "expected --sampling-rate HZ"),
        (b"0.1\n0.2\n0.1\n" * 300, ["--unit", "furlong"], "expected a unit of voltage"),
        (b"0.1\n0.2\n0.1\n" * 300, ["--sampling-rate", "0"], "expected a number of Hz"),
    ],
)
def test_what_a_file_is_is_told_without_an_artifact_named(
    predict_inside, root, tmp_path, monkeypatch, content, arguments, sentence
):
    """And before anything is said of leads, units or outputs; no ending is needed."""
    monkeypatch.chdir(root)
    (tmp_path / "x").write_bytes(content)

    done = predict_inside(tmp_path / "x", tmp_path / "out", *arguments)

    assert done.returncode == 2
    assert sentence in done.stderr
    assert "ends with .csv" not in done.stderr


@pytest.mark.parametrize("unit", ["mV", "MV", "millivolts", "[mV]"])
def test_text_of_one_column_is_a_recording_in_a_unit_of_any_spelling(predict_inside, csv_of, tmp_path, unit) -> None:
    """Without --artifact, without an ending."""
    lines = csv_of(tmp_path / "c.csv").read_text().splitlines()[1:]
    (tmp_path / "noext").write_text("\n".join(line.partition(",")[2] for line in lines))

    done = predict_inside(tmp_path / "noext", tmp_path / "out", "--unit", unit, "--sampling-rate", "100")

    assert done.returncode == 0, done.stderr
    assert len(pd.read_csv(tmp_path / "out/noext.csv")) == 12


def test_an_output_that_is_a_file_is_refused(annotated, csv_of, tmp_path) -> None:
    """And stays as it is."""
    (tmp_path / "out").write_text("mine")

    done = annotated(csv_of(tmp_path / "ecg.csv"))

    assert done.returncode == 2
    assert "expected a folder for the answers, this is a file" in done.stderr
    assert (tmp_path / "out").read_text() == "mine"


def test_a_full_disk_leaves_nothing_half_written(annotated, csv_of, tmp_path) -> None:
    """One sentence for each file that could not be written."""
    path = csv_of(tmp_path / "ecg.csv")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5_000, hard))
    try:
        done = annotated(path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "File too large" in done.stderr
    assert not list((tmp_path / "out").iterdir())


@pytest.mark.parametrize("name", ["a$b$c_{.csv", "100%.csv", " .csv", os.fsdecode(b"\xe9cg.csv")])
def test_any_name_of_a_file_is_taken(annotated, csv_of, tmp_path, name) -> None:
    """Also one that TeX would read, and one that is no text."""
    done = annotated(csv_of(tmp_path / name))

    assert done.returncode == 0, done.stderr
    assert len(list((tmp_path / "out").iterdir())) == 6
