"""Answers to rows of one file are never taken for, nor replaced by, those to another; one bad file stops no other."""

import os
import resource

import numpy as np
import pandas as pd
import pytest


@pytest.fixture
def predict(predict_inside, artifact):
    """Run it with the artifact of these tests."""
    return lambda *arguments: predict_inside(*arguments, "--artifact", artifact)


@pytest.fixture
def table(model):
    """So many rows, drawn with a seed."""

    def draw(rows: int, seed: int = 0) -> pd.DataFrame:
        values = np.random.default_rng(seed).normal(size=(rows, len(model.contract.features))).round(5)
        return pd.DataFrame(values, columns=list(model.contract.features))

    return draw


def written(folder, name: str, rows: pd.DataFrame):
    """A file of rows with a time that is the same for all, as in an unpacked archive."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    rows.to_parquet(path) if name.endswith(".parquet") else rows.to_csv(path, index=False)
    os.utime(path, (1_700_000_000, 1_700_000_000))
    return path


def test_an_output_of_another_file_is_neither_done_nor_replaced(predict, tmp_path, table) -> None:
    """Of the same name, size and time: one sentence and exit code 2."""
    one = written(tmp_path / "p1", "rows.parquet", table(20))
    two = written(tmp_path / "p2", "rows.parquet", table(20, seed=1))
    out = tmp_path / "answers.csv"
    assert predict(one, out).returncode == 0
    before = out.read_bytes()

    other, again = predict(two, out), predict(one, out)

    assert other.returncode == 2
    assert other.stderr.count("\n") == 1
    assert "holds something other than answers to" in other.stderr
    assert out.read_bytes() == before
    assert again.returncode == 0
    assert "already done" in again.stdout


def test_a_file_that_predict_did_not_write_is_not_replaced(predict, tmp_path, table) -> None:
    """Not even where a mark says that answers once stood there."""
    source, out = written(tmp_path / "p1", "rows.csv", table(5)), tmp_path / "answers.csv"
    out.write_text("mine")

    refused = predict(source, out)

    assert refused.returncode == 2
    assert "expected another OUTPUT, or delete it first" in refused.stderr
    assert out.read_text() == "mine"


def test_a_changed_file_is_answered_anew(predict, tmp_path, table) -> None:
    """Also where neither its size nor its time tells."""
    out = tmp_path / "answers.parquet"
    predict(written(tmp_path / "p1", "rows.csv", table(8)), out)
    before = pd.read_parquet(out)

    again = predict(written(tmp_path / "p1", "rows.csv", -table(8)), out)

    assert "already done" not in again.stdout
    assert not pd.read_parquet(out).equals(before)


def test_parts_of_other_content_are_not_joined(predict, tmp_path, table) -> None:
    """What an earlier run left behind of another content of the file goes."""
    source, out = written(tmp_path / "p1", "rows.csv", table(8)), tmp_path / "answers.csv"
    parts = tmp_path / ".answers.csv.parts"
    parts.mkdir()
    (parts / "0123456789abcdef-000000000000000-000000000000999.arrow").write_bytes(b"of another content")

    done = predict(source, out)

    assert done.returncode == 0
    assert len(pd.read_csv(out)) == 8
    assert not parts.exists()


def test_one_bad_file_of_a_folder_stops_no_other(predict, tmp_path, table) -> None:
    """A line for each bad one, exit code 2, and the others are answered."""
    folder = tmp_path / "in"
    written(folder, "a.csv", table(5))
    written(folder, "z.parquet", table(5))
    (folder / "bad.csv").write_text("1,2,3\n")
    (folder / "late.csv").write_text(table(5).to_csv(index=False) + "Doe\n")
    (folder / "torn.parquet").write_bytes(b"PAR1 and no more")
    (folder / "empty.csv").write_text(table(0).to_csv(index=False))
    (folder / "folder.csv").mkdir()

    done = predict(folder, tmp_path / "out")

    assert done.returncode == 2
    assert sorted(path.name for path in (tmp_path / "out").glob("[!.]*")) == ["a.csv", "z.parquet"]
    lines = done.stderr.splitlines()
    assert len(lines) == 4, lines
    assert all(line.startswith("predict: ") for line in lines)
    assert {name for name in ("bad", "late", "torn", "empty") if f"{name}." in done.stderr} == {"bad", "late", "torn", "empty"}
    assert "Doe" not in done.stderr


@pytest.mark.parametrize("end", ["\r", "\r\n", "\n"])
@pytest.mark.parametrize("header", [True, False])
def test_every_line_end_is_read(predict, tmp_path, table, end, header) -> None:
    """Old Mac ones too."""
    path = tmp_path / "rows.csv"
    path.write_bytes(table(6).to_csv(index=False, header=header).replace("\n", end).encode())

    done = predict(path, tmp_path / "answers.csv")

    assert done.returncode == 0, done.stderr
    assert len(pd.read_csv(tmp_path / "answers.csv")) == 6


def test_semicolons_and_decimal_commas_give_the_same_answers(predict, tmp_path, table) -> None:
    """As spreadsheets of half of Europe write them."""
    table(9).to_csv(tmp_path / "us.csv", index=False)
    table(9).to_csv(tmp_path / "eu.csv", index=False, sep=";", decimal=",")

    done = [predict(tmp_path / f"{name}.csv", tmp_path / f"{name}-out.csv") for name in ("us", "eu")]

    assert [run.returncode for run in done] == [0, 0], done
    assert (tmp_path / "us-out.csv").read_text() == (tmp_path / "eu-out.csv").read_text()


@pytest.mark.parametrize("number", ["3.4e38", "3.5e38", "1e39", "-1e300", "1e999"])
def test_a_number_at_or_beyond_the_limit_of_float32_has_no_answer(predict, tmp_path, table, number) -> None:
    """From CSV and Parquet alike: the row is counted, its neighbours are answered."""
    rows = table(4)
    rows.iloc[2] = float(number)
    rows.to_parquet(tmp_path / "rows.parquet")
    text = rows.to_csv(index=False).replace(str(float(number)), number).replace("inf", number)
    (tmp_path / "rows.csv").write_text(text)

    done = [predict(tmp_path / name, tmp_path / f"{name}-answers.csv") for name in ("rows.parquet", "rows.csv")]

    assert [run.returncode for run in done] == [0, 0], done
    assert all("4 rows, 1 without an answer" in run.stdout for run in done)
    assert all(run.stderr == "" for run in done)


def test_a_full_disk_is_one_sentence(predict, tmp_path, table) -> None:
    """And nothing half-written stands where answers belong."""
    source, out = written(tmp_path / "p1", "rows.csv", table(3000)), tmp_path / "out"
    out.mkdir()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, hard))
    try:
        done = predict(source, out / "answers.csv")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "File too large" in done.stderr
    assert not [path for path in out.rglob("*") if path.is_file() and not path.name.startswith(".answers.csv.done")]


def test_a_label_first_is_never_answered(predict, tmp_path, table) -> None:
    """One sentence, exit code 2, no output."""
    rows = table(30)
    rows.insert(0, "label", [number % 2 for number in range(30)])
    rows.to_csv(tmp_path / "first.csv", index=False, header=False)

    done = predict(tmp_path / "first.csv", tmp_path / "answers.csv")

    assert done.returncode == 2
    assert "the first column looks like one, the last does not: name the features in a header line" in done.stderr
    assert not (tmp_path / "answers.csv").exists()
