"""`python -m predict` on files and folders: the answers are the server's, and nothing is done twice or lost."""

import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import csv, parquet

from predict import __main__ as predict_command
from predict.rows import csv_reader, local_threads

ADDED = ["predicted_class", "class", "probability"]
AND_ITS_PEAK = """
import resource, sys
from predict.__main__ import main
status = main()
print("peak", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
sys.exit(status)
"""


@pytest.fixture
def predict(predict_inside, artifact):
    """Run it with the artifact of these tests."""
    return lambda *arguments: predict_inside(*arguments, "--artifact", artifact)


def read(path: Path) -> pd.DataFrame:
    """A file of answers."""
    return pd.read_csv(path) if path.suffix == ".csv" else pd.read_parquet(path)


def require_right(answers: pd.DataFrame, model, features) -> None:
    """Row by row what the model says."""
    predicted, probability, each = model.run(["predicted_class", "probability", "probabilities"], features)
    classes = model.contract.classes

    assert list(answers["predicted_class"]) == list(predicted)
    assert list(answers["class"]) == [classes[number] for number in predicted]
    assert np.allclose(answers["probability"], probability, atol=1e-6)
    assert np.allclose(answers[[f"probability_{name}" for name in classes]], each, atol=1e-6)


def written(rows: pa.Table, path: Path) -> Path:
    """The table in a file of the format that its name says."""
    if path.suffix == ".parquet":
        parquet.write_table(rows, path, row_group_size=700)
    else:
        with pa.CompressedOutputStream(path, "gzip") if path.suffix == ".gz" else path.open("wb") as file:
            csv.write_csv(rows, file)
    return path


@pytest.mark.parametrize("output", ["answers.csv", "answers.parquet"])
@pytest.mark.parametrize("name", ["rows.csv", "rows.csv.gz", "rows.parquet"])
def test_every_row_gets_its_answer_beside_its_keys(predict, model, rows, features, tmp_path, name, output) -> None:
    """In order, whatever the format of the one and the other."""
    done = predict(written(rows, tmp_path / name), tmp_path / output)

    answers = read(tmp_path / output)
    assert done.returncode == 0, done.stderr
    assert f"{len(rows)} rows" in done.stdout
    assert list(answers.columns) == ["patient", "beat", *ADDED, *(f"probability_{name}" for name in model.contract.classes)]
    assert list(answers["patient"]) == rows["patient"].to_pylist()
    assert [int(beat) for beat in answers["beat"]] == rows["beat"].to_pylist()
    require_right(answers, model, features)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([name, output, f".{output}.done"])


def test_features_may_stand_in_any_order_and_type(predict, model, rows, features, tmp_path) -> None:
    """By name; doubles and whole numbers become float32."""
    shuffled = rows.select(sorted(rows.column_names, reverse=True))
    first = model.contract.features[0]
    changed = shuffled.set_column(shuffled.column_names.index(first), first, rows[first].cast(pa.float64()))

    assert predict(written(changed, tmp_path / "rows.parquet"), tmp_path / "answers.parquet").returncode == 0

    require_right(read(tmp_path / "answers.parquet"), model, features)


def test_a_column_of_lists_holds_the_features_too(predict, model, features, tmp_path) -> None:
    """The form in which embeddings and beats are often kept."""
    lists = pa.FixedSizeListArray.from_arrays(pa.array(features.ravel()), features.shape[1])
    written(pa.table({"features": lists, "beat": np.arange(len(features))}), tmp_path / "rows.parquet")

    assert predict(tmp_path / "rows.parquet", tmp_path / "answers.parquet").returncode == 0

    require_right(read(tmp_path / "answers.parquet"), model, features)


@pytest.mark.parametrize("kind", [pa.list_, pa.large_list])
def test_a_row_without_a_list_has_no_answer(predict, model, features, tmp_path, kind) -> None:
    """And its neighbours keep theirs."""
    lists = pa.array([None if number == 3 else row for number, row in enumerate(features[:9].tolist())], kind(pa.float64()))
    written(pa.table({"features": lists}), tmp_path / "rows.parquet")

    assert predict(tmp_path / "rows.parquet", tmp_path / "answers.parquet").returncode == 0

    answers = read(tmp_path / "answers.parquet")
    assert list(answers.index[answers["probability"].isna()]) == [3]
    good = np.delete(np.arange(9), 3)
    require_right(answers.iloc[good], model, features[good])


def test_lists_are_refused_that_are_not_all_of_one_length_and_numbers(predict, features, tmp_path) -> None:
    """Also where the lengths even out: nothing may be answered with the numbers of its neighbour."""
    n = features.shape[1]
    uneven = pa.table({"features": [[0.5] * (n + 1), [0.5] * (n - 1)]})
    words = pa.table({"features": [["a"] * n]})
    beside = pa.table({"features": [[0.5] * n], "leads": [["I", "II"]]})

    said = [
        predict(written(table, tmp_path / f"{number}.parquet"), tmp_path / "answers.csv").stderr
        for number, table in enumerate((uneven, words, beside))
    ]

    assert f"expected lists of {n} numbers in the column features, some are not" in said[0]
    assert "expected numbers in the column features, it holds string" in said[1]
    assert "CSV cannot hold leads" in said[2]
    assert all(text.startswith("predict: ") and text.count("\n") == 1 for text in said)
    assert not (tmp_path / "answers.csv").exists()


def test_a_header_may_begin_with_a_mark_and_hold_spaces(predict, model, rows, features, tmp_path) -> None:
    """As spreadsheets write it."""
    header, _, rest = written(rows.slice(0, 20), tmp_path / "rows.csv").read_text().partition("\n")
    (tmp_path / "marked.CSV").write_text("\ufeff" + header.replace('"', "").replace(",", ", ") + "\n" + rest)

    done = predict(tmp_path / "marked.CSV", tmp_path / "answers.csv")

    assert done.returncode == 0, done.stderr
    require_right(read(tmp_path / "answers.csv"), model, features[:20])


def test_a_file_without_a_header_may_miss_a_number_and_end_with_a_word(predict, model, features, tmp_path) -> None:
    """The first line too: it is no header for that."""
    frame = pd.DataFrame(features[:20]).assign(label="normal")
    frame.iloc[0, 5] = np.nan
    frame.to_csv(tmp_path / "rows.csv", header=False, index=False)

    done = predict(tmp_path / "rows.csv", tmp_path / "answers.csv")

    answers = read(tmp_path / "answers.csv")
    assert "20 rows, 1 without an answer" in done.stdout
    assert done.stderr == ""
    assert set(answers["Label"]) == {"normal"}
    require_right(answers.iloc[1:], model, features[1:20])


def test_a_gzipped_file_that_was_cut_off_is_refused(predict, rows, tmp_path) -> None:
    """With one sentence."""
    whole = written(rows, tmp_path / "rows.csv.gz").read_bytes()
    (tmp_path / "rows.csv.gz").write_bytes(whole[: len(whole) // 2])

    done = predict(tmp_path / "rows.csv.gz", tmp_path / "answers.csv")

    assert done.returncode == 2
    assert "expected" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("name", ["rows.csv", "rows.csv.gz"])
def test_a_long_text_is_read_in_pieces(predict, model, rows, features, tmp_path, monkeypatch, name) -> None:
    """Each row once, and a fault is told of by its line in the file."""
    monkeypatch.setattr(csv_reader, "RANGE_BYTES", 100_000)
    bad = rows.to_pandas().astype({model.contract.features[7]: object})
    bad.iloc[2000, 8] = "Doe"
    bad.to_csv(tmp_path / f"bad-{name}", index=False)

    done = predict(written(rows, tmp_path / name), tmp_path / "answers.parquet")
    refused = predict(tmp_path / f"bad-{name}", tmp_path / "bad.parquet")

    assert done.returncode == 0, done.stderr
    require_right(read(tmp_path / "answers.parquet"), model, features)
    assert f"line 2002: expected a number in the column {model.contract.features[7]}" in refused.stderr


@pytest.mark.parametrize("word", ["", "NA", "nan", "-nan", "1.#IND", "-1.#QNAN", "1e300"])
def test_what_is_missing_or_too_large_has_no_answer(predict, model, rows, features, tmp_path, word) -> None:
    """However a program writes it."""
    frame = rows.slice(0, 20).to_pandas().astype({model.contract.features[0]: object})
    frame.iloc[3, 1] = word
    frame.to_csv(tmp_path / "rows.csv", index=False)

    done = predict(tmp_path / "rows.csv", tmp_path / "answers.csv")

    answers = read(tmp_path / "answers.csv")
    assert "20 rows, 1 without an answer" in done.stdout
    good = np.delete(np.arange(20), 3)
    require_right(answers.iloc[good], model, features[good])


def test_a_file_without_a_header_holds_the_features_in_order(predict, model, features, tmp_path) -> None:
    """And perhaps a label last, as the widely used ecg.csv does."""
    frame = pd.DataFrame(features[:50]).assign(label=1.0)
    frame.to_csv(tmp_path / "rows.csv", header=False, index=False)

    assert predict(tmp_path / "rows.csv", tmp_path / "answers.csv").returncode == 0

    answers = read(tmp_path / "answers.csv")
    require_right(answers, model, features[:50])
    assert set(answers["Label"]) == {1.0}


def test_a_row_that_is_not_all_numbers_has_no_answer(predict, model, rows, features, tmp_path) -> None:
    """It is there, with its keys, and it is counted; all others are answered."""
    frame = rows.to_pandas()
    frame.iloc[3, 5], frame.iloc[900, 7] = np.nan, np.inf
    frame.to_parquet(tmp_path / "rows.parquet")

    done = predict(tmp_path / "rows.parquet", tmp_path / "answers.parquet")

    answers = read(tmp_path / "answers.parquet")
    assert done.returncode == 0
    assert f"{len(rows)} rows, 2 without an answer" in done.stdout
    assert list(answers.index[answers["probability"].isna()]) == [3, 900]
    assert answers["class"].isna().sum() == answers["predicted_class"].isna().sum() == 2
    good = np.delete(np.arange(len(rows)), [3, 900])
    require_right(answers.iloc[good], model, features[good])


def test_a_folder_is_answered_file_by_file(predict, model, rows, features, tmp_path) -> None:
    """To the same names; what is answered already is not answered again, but for files that have changed."""
    (tmp_path / "in/clinic").mkdir(parents=True)
    written(rows, tmp_path / "in/a.parquet")
    written(rows.slice(0, 10), tmp_path / "in/clinic/b.csv")
    assert predict(tmp_path / "in", tmp_path / "out").returncode == 0
    times = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*") if path.is_file()}
    written(rows.slice(5, 20), tmp_path / "in/clinic/b.csv")

    again = predict(tmp_path / "in", tmp_path / "out")

    assert f"{tmp_path / 'out/a.parquet'}: already done" in again.stdout
    assert (tmp_path / "out/a.parquet").stat().st_mtime_ns == times[tmp_path / "out/a.parquet"]
    require_right(read(tmp_path / "out/a.parquet"), model, features)
    require_right(read(tmp_path / "out/clinic/b.csv"), model, features[5:25])


def test_a_run_that_is_killed_loses_nothing(predict, artifact, root, rows, tmp_path) -> None:
    """Killed at any moment there are whole parts or none; the next run does the others, and the answers are the same."""
    many = pa.concat_tables([rows] * 160)
    parquet.write_table(many, tmp_path / "rows.parquet", row_group_size=65_536)
    assert predict(tmp_path / "rows.parquet", tmp_path / "whole.parquet").returncode == 0
    command = [sys.executable, "-m", "predict", tmp_path / "rows.parquet", tmp_path / "answers.parquet", "--artifact", artifact]
    parts, kept = tmp_path / ".answers.parquet.parts", {}

    for _ in range(2):
        with subprocess.Popen(command, cwd=root, stderr=subprocess.DEVNULL) as run:
            before = len(kept)
            while len(list(parts.glob("*.arrow"))) <= before and run.poll() is None:
                time.sleep(0.005)
            run.send_signal(signal.SIGKILL)
        assert not (tmp_path / "answers.parquet").exists() or run.returncode == 0
        assert all(path.stat().st_mtime_ns == time for path, time in kept.items() if path.exists())
        kept = {path: path.stat().st_mtime_ns for path in parts.glob("*.arrow")}
    assert kept
    last = predict(tmp_path / "rows.parquet", tmp_path / "answers.parquet")

    assert f"{len(kept)} of 8 parts are done already" in last.stdout
    assert parquet.read_table(tmp_path / "answers.parquet").equals(parquet.read_table(tmp_path / "whole.parquet"))
    assert not parts.exists()


def test_memory_does_not_grow_with_the_archive(predict, artifact, root, rows, tmp_path) -> None:
    """Sixteen times as many rows take hardly more."""
    peak = {}
    for times in (44, 704):
        path = tmp_path / f"{times}.parquet"
        with parquet.ParquetWriter(path, rows.schema) as file:
            for _ in range(times // 44):
                file.write_table(pa.concat_tables([rows] * 44))

        command = [sys.executable, "-c", AND_ITS_PEAK, path, tmp_path / f"answers-{times}.parquet", "--artifact", artifact]
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
        peak[times] = int(done.stdout.split("peak ")[1]) / 1024

    assert peak[704] < peak[44] + 150, peak


def fault(name: str, content: str | bytes, expected: str):
    """A wrong input and the sentence for it."""
    return pytest.param(name, content, expected, id=expected)


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        fault("rows.xml", "<?xml version='1.0'?><gpx/>", "this is an XML file"),
        fault("rows.bin", b"\0\1\2\3" * 99, "expected a recording, this is"),
        fault("rows.txt", "1,2", "expected 140 numbers a line, or 141 with a label last, line 1 has 2"),
        fault("rows.csv", "", "expected a column for each of the 140 features"),
        fault("rows.csv", "patient,F1\na,1\n", "is missing"),
        fault("rows.csv", "1,2,3\n", "expected 140 numbers a line, or 141 with a label last, line 1 has 3"),
        fault("rows.csv", ",".join(["1"] * 140) + "\n" + ",".join(["1"] * 139 + ["Doe"]) + "\n", "line 2: expected a number in"),
        fault("rows.csv", ",".join(["1"] * 140) + "\n" + ",".join(["1"] * 9) + "\n", "line 2: expected 140 cells"),
        fault("rows.csv", b"\xff\xfe1,2", "expected CSV in UTF-8"),
        fault("rows.csv.gz", b"no gzip", "expected CSV in UTF-8"),
        fault("rows.parquet", b"PAR1", "expected Parquet, it cannot be read"),
    ],
)
def test_a_wrong_file_is_refused_with_one_sentence(predict, tmp_path, name, content, expected) -> None:
    """Exit code 2, where and what was expected, no value of a patient, nothing written."""
    (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())

    done = predict(tmp_path / name, tmp_path / "answers.csv")

    assert done.returncode == 2
    assert expected in done.stderr
    assert done.stderr.startswith("predict: ")
    assert done.stderr.count("\n") == 1
    assert "Doe" not in done.stderr
    assert not (tmp_path / "answers.csv").exists()


def test_a_key_may_not_be_named_as_an_answer(predict, rows, tmp_path) -> None:
    """Nor may what there is be written over, or answers go among the rows."""
    taken = rows.rename_columns({"beat": "probability"})

    refused = predict(written(taken, tmp_path / "rows.parquet"), tmp_path / "answers.parquet")
    same = predict(tmp_path / "rows.parquet", tmp_path / "rows.parquet")
    (tmp_path / "in").mkdir()
    empty = predict(tmp_path / "in", tmp_path / "out")
    inside = predict(tmp_path, tmp_path / "out")
    absent = predict(tmp_path / "none.csv", tmp_path / "answers.csv")

    assert "expected no column 'probability'" in refused.stderr
    assert "expected an output that is not the input" in same.stderr
    assert "there are none" in empty.stderr
    assert "outside of" in inside.stderr
    assert "expected a file or a folder" in absent.stderr
    assert {run.returncode for run in (refused, same, empty, inside, absent)} == {2}


def test_ctrl_c_says_that_it_can_go_on(predict, rows, tmp_path, monkeypatch) -> None:
    """Exit code 130; what was answered before is not answered again."""
    parquet.write_table(pa.concat_tables([rows] * 50), tmp_path / "rows.parquet", row_group_size=65_536)

    def stopped_after_the_first(parts, model):
        yield next(local_threads.answer_parts(parts[:1], model))
        assert (tmp_path / ".answers.parquet.draft").exists()  # joined beside the work
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(predict_command, "local_threads", SimpleNamespace(answer_parts=stopped_after_the_first))
        stopped = predict(tmp_path / "rows.parquet", tmp_path / "answers.parquet")
    left = {path.name for path in tmp_path.iterdir()}
    resumed = predict(tmp_path / "rows.parquet", tmp_path / "answers.parquet")

    assert stopped.returncode == 130
    assert ".answers.parquet.parts" in left and ".answers.parquet.draft" not in left
    assert "the same command goes on from here" in stopped.stderr
    assert "1 of 3 parts are done already" in resumed.stdout
