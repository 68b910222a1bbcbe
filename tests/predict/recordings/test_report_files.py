"""`python -m predict` writes a report of each recording, its numbers, and a summary of a folder."""

import json

import msgspec
import pandas as pd
import pytest

from predict.recordings.outputs import summary
from predict.recordings.report.findings import Numbers
from predict.recordings.signal import BadRecording


def test_a_report_and_its_numbers_are_beside_the_other_answers(annotated, csv_of, tmp_path) -> None:
    """In the language and under the title that were asked for; another of either is written anew, the same is done."""
    path = csv_of(tmp_path / "ecg.csv")

    annotated(path)
    numbers = msgspec.json.decode((tmp_path / "out/ecg.json").read_bytes(), type=Numbers)
    english = (tmp_path / "out/ecg.html").read_text()
    other = annotated(path, "--language", "fr", "--title", "Lit 7")
    again = annotated(path, "--language", "fr", "--title", "Lit 7")
    untitled = annotated(path, "--language", "fr")

    assert numbers.beats["N"] == len(numbers.rr_ms) + 1 == 12
    assert (numbers.lead, numbers.sampling_rate_hz, numbers.duration_s) == ("II", 100.0, 10.0)
    assert '<html lang="en">' in english
    assert "earlier answers replaced" in other.stdout
    assert "already done" in again.stdout
    assert "earlier answers replaced" in untitled.stdout
    assert "Lit 7" not in (tmp_path / "out/ecg.html").read_text()
    assert "Lit" not in (tmp_path / "out/ecg.png").read_bytes().decode("latin-1")


def test_a_page_that_somebody_else_wrote_is_not_replaced(annotated, csv_of, tmp_path) -> None:
    """Nor a file of numbers: the answers get another name."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out/ecg.json").write_text('{"patient": 7}')

    done = annotated(csv_of(tmp_path / "ecg.csv"))

    assert (tmp_path / "out/ecg.json").read_text() == '{"patient": 7}'
    assert f"in {tmp_path / 'out/ecg-csv.csv'}" in done.stdout


def test_a_folder_ends_with_a_summary(annotated, csv_of, tmp_path) -> None:
    """A line a recording, those that are done already too; it is no recording itself, and none takes its name."""
    csv_of(tmp_path / "in/deep/a.csv", seconds=20)
    csv_of(tmp_path / "in/summary.csv")
    annotated(tmp_path / "in")

    again = annotated(tmp_path / "in")
    table = pd.read_csv(tmp_path / "out/summary.csv")

    assert again.stdout.count("already done") == 2
    assert table["answers"].tolist() == ["deep/a", "summary-csv"]
    assert table["beats"].tolist() == [25, 12]
    assert table["mean_bpm"].tolist() == pytest.approx([75, 75], abs=1)
    assert json.loads((tmp_path / "out/deep/a.json").read_text())["duration_s"] == 20


def test_a_summary_that_somebody_else_wrote_is_not_replaced(tmp_path) -> None:
    """It is named, and stays."""
    (tmp_path / "summary.csv").write_text("mine")

    with pytest.raises(BadRecording, match="expected an earlier summary or no file"):
        summary.write(tmp_path, [])
