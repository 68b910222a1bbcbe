"""Rhythm and readability, which a file of schema 2 tells: WFDB annotations, a table, the picture; of schema 1 nothing."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import wfdb
from annotating_files import RHYTHMS
from drawing import ecg

from predict.recordings.outputs.stretches import UNREADABLE, Stretch, lengths
from predict.recordings.outputs.strip_plot import draw, worth_seeing
from predict.recordings.outputs.tables import is_answer
from predict.recordings.signal import Signal
from server.models.annotator import Annotation, Beats

RATE_HZ = 100
# What is drawn, and what is told of it: a change may be told a second late, as hysteresis is.
DRAWN = [("N", 6), ("AF", 12), ("VF", 4), ("N", 3), (UNREADABLE, 3), ("O", 2)]
TOLD = [(0, 7, "N"), (7, 18, "AF"), (18, 23, "VF"), (23, 25, "N"), (25, 28, UNREADABLE), (28, 30, "O")]
NONE = Beats(np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0, np.float32), np.zeros((0, 4), np.float32))


@pytest.fixture
def told(predict_inside, beats_of_schema, tmp_path):
    """Annotate a file by the artifact of a schema into the folder `out`; what the command printed."""
    return lambda path, schema: predict_inside(path, tmp_path / "out", "--artifact", beats_of_schema[schema])


@pytest.fixture
def recording(tmp_path) -> Path:
    """Half a minute of DRAWN."""
    names = np.repeat([name for name, _ in DRAWN], [seconds * RATE_HZ for _, seconds in DRAWN])
    lifted_mv = [0 if name == UNREADABLE else RHYTHMS.index(name) for name in names]
    signal = np.where(names == UNREADABLE, 0.0, ecg(seconds=30) + lifted_mv)
    path = tmp_path / "ecg.csv"
    values = np.column_stack([np.arange(len(signal)) / RATE_HZ, signal])
    np.savetxt(path, values, "%.4f", ",", header="time_s,II_mV", comments="")
    return path


def test_the_table_of_rhythms_is_beside_that_of_beats(told, recording, tmp_path) -> None:
    """A row a stretch in order; no probability of what is unreadable; the printed line sums them up."""
    done = told(recording, 2)

    table = pd.read_csv(tmp_path / "out/ecg.rhythm.csv")
    assert list(table.columns) == ["start_s", "end_s", "rhythm", "probability"]
    assert list(table[["start_s", "end_s", "rhythm"]].itertuples(index=False, name=None)) == TOLD
    assert table["probability"].isna().tolist() == [name == UNREADABLE for *_, name in TOLD]
    assert table["probability"].dropna().between(0.5, 1).all()
    assert "; 9 s N, 11 s AF, 5 s VF, 2 s O, 3 s unreadable, in " in done.stdout


def test_rhythm_and_noise_are_annotations_as_physionet_writes_them(told, recording, tmp_path) -> None:
    """`+` with the code of the rhythm, `[` and `]` around ventricular fibrillation, `~` with the subtype of unreadable."""
    told(recording, 2)

    found = wfdb.rdann(str(tmp_path / "out/ecg"), "ecg")
    changes = [
        (sample / RATE_HZ, symbol, subtype, text)
        for sample, symbol, subtype, text in zip(found.sample, found.symbol, found.subtype, found.aux_note, strict=True)
        if symbol in "+~[]"
    ]
    assert changes == [
        (0.01, "+", 0, "(N"),
        (7, "+", 0, "(AFIB"),
        (18, "+", 0, "(VFL"),
        (18, "[", 0, ""),
        (23, "]", 0, ""),
        (23, "+", 0, "(N"),
        (25, "~", -1, ""),
        (28, "~", 0, ""),
        (28, "+", 0, "(O"),
    ]
    assert found.symbol[0] == '"'
    assert found.aux_note[0].startswith("II, ecg ")
    beats = [sample for sample, symbol in zip(found.sample, found.symbol, strict=True) if symbol in "NSVF"]
    assert beats == pd.read_csv(tmp_path / "out/ecg.csv")["sample"].tolist()


def test_a_file_of_schema_1_says_nothing_of_rhythm(told, recording, tmp_path) -> None:
    """Five files, beats alone in them; where a file of schema 2 has answered before, its table goes."""
    told(recording, 2)

    done = told(recording, 1)

    assert "earlier answers replaced" in done.stdout
    assert "unreadable" not in done.stdout
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["ecg.csv", "ecg.ecg", "ecg.html", "ecg.json", "ecg.png"]
    assert not set(wfdb.rdann(str(tmp_path / "out/ecg"), "ecg").symbol) & set("+~[]")
    assert "already done" in told(recording, 1).stdout


def test_answers_without_their_table_of_rhythms_are_not_done(told, recording, tmp_path) -> None:
    """It belongs to them as the others do."""
    told(recording, 2)
    table = tmp_path / "out/ecg.rhythm.csv"
    whole = table.read_text()
    again = told(recording, 2)
    table.write_text(whole.replace("AF", "N"))

    done = told(recording, 2)

    assert "already done" in again.stdout
    assert "already done" not in done.stdout
    assert table.read_text() == whole


def test_the_table_of_rhythms_is_no_recording(told, recording, tmp_path) -> None:
    """In a folder that is read again it is left out; the answers to a recording of its name have another."""
    told(recording, 2)
    (tmp_path / "in").mkdir()
    (tmp_path / "out/ecg.rhythm.csv").rename(tmp_path / "in/answer.csv")
    recording.rename(tmp_path / "in/ecg.rhythm.csv")

    done = told(tmp_path / "in", 2)

    assert done.returncode == 0, done.stderr
    assert is_answer(tmp_path / "in/answer.csv")
    assert done.stdout.count("\n") == 1
    assert "out/ecg.rhythm-csv.csv" in done.stdout


def test_the_picture_names_rhythms_and_shades_what_is_unreadable() -> None:
    """In words where there is room, else by its letters, else by its colour alone."""
    signal = Signal("r", "II", np.zeros(2000, np.float32), 100.0)
    found = [Stretch(0, 8, "AF", 0.9), Stretch(8, 9, "N", 0.9), Stretch(9, 9.05, "O", 0.9), Stretch(9.05, 20, UNREADABLE, None)]

    figure = draw(signal, Annotation(NONE, np.ones(20, np.float32), np.ones((20, 4), np.float32)), found, tuple("NSVF"), [])

    said = [[text.get_text() for text in axes.texts] for axes in figure.axes]
    assert said == [["atrial fibrillation or flutter", "N", "", "unreadable"], ["unreadable"]]
    assert "8 s AF, 1 s N, 0 s O, 11 s unreadable" in figure.get_suptitle()


def test_the_onset_of_a_rare_rhythm_is_worth_seeing() -> None:
    """More than a beat like all others; what is unreadable is not."""
    beats = Beats(*(np.zeros(600, kind) for kind in (np.int32, np.int32, np.float32)), np.zeros((600, 4), np.float32))
    beats = beats._replace(sample=np.arange(600, dtype=np.int32) * 100, probability=np.ones(600, np.float32))
    found = [
        Stretch(0, 305, "N", 0.9),
        Stretch(305, 330, "AF", 0.9),
        Stretch(330, 590, "N", 0.9),
        Stretch(590, 600, UNREADABLE, None),
    ]

    shown = worth_seeing(Signal("r", "II", np.zeros(60000, np.float32), 100.0), beats, found)

    assert 300.0 in shown
    assert 590.0 not in shown


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ([Stretch(0, 90, UNREADABLE, None), Stretch(90, 300, "N", 0.9)], "3.5 min N, 90 s unreadable"),
        ([Stretch(0, 60, "AF", 0.9), Stretch(60, 120, "N", 0.9), Stretch(120, 180, "AF", 0.9)], "2.0 min AF, 60 s N"),
        ([], ""),
    ],
)
def test_lengths_in_words(found, words) -> None:
    """In the order in which they come, what is unreadable last; in minutes from two of them on."""
    assert lengths(found) == words
