"""The README is run, not believed: its commands in a fresh copy of the project, its answers compared with what comes."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas
import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"```console\n(.*?)```", README, re.DOTALL)
SHOWN = [tuple(part.partition("\n")[::2]) for block in BLOCKS for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]]
WAVE = next(command for command, _ in SHOWN if command.startswith("awk "))
CURLS = [(command, answer) for command, answer in SHOWN if "curl " in command]
# Run by .ci/compose and .ci/scale, which need a Docker engine.
BY_SCRIPTS = {
    "docker compose up --build",
    "docker compose -f docker-compose.yml -f deploy/proxy/compose.yml up --build --scale server=3",
}
ANNOTATING = {
    ".venv/bin/python -m predict 100.hea beats/ --lead MLII",
    ".venv/bin/python -m train --task annotation --data mitdb svdb --split de-chazal",
    ".venv/bin/python -m export --task annotation",
}
WITH_ORT = {
    "npm ci --prefix embed/onnxruntime-web",
    "ECG_ORT_WEB_DIR=embed/onnxruntime-web/node_modules/onnxruntime-web/dist make serve",
}
DESCRIBE = ".venv/bin/python -m export --describe artifacts/ecg.onnx"
needs = pytest.mark.skipif(not all(map(shutil.which, ("make", "curl"))), reason="make or curl is not installed here")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, free_port, until_healthy) -> Iterator[tuple[Path, int]]:
    """A copy of the project in which somebody typed `make serve`, and its port."""
    copy = tmp_path_factory.mktemp("house") / "ecg"
    ignored = shutil.ignore_patterns(
        ".git", ".venv", "__pycache__", ".*_cache", "*.onnx", "*.keras", "*.npz", "*.json", "report", "node_modules"
    )
    shutil.copytree(ROOT, copy, ignore=ignored)
    shutil.copy(ROOT / "artifacts/beats.onnx", copy / "artifacts")
    _installed(copy)
    port = free_port()
    environment = {**os.environ, "ECG_PORT": str(port)}
    with subprocess.Popen(["make", "serve"], cwd=copy, env=environment, start_new_session=True) as make:
        try:
            until_healthy(f"http://127.0.0.1:{port}")
            subprocess.run(["bash", "-c", WAVE], cwd=copy, check=True)
            yield copy, port
        finally:
            os.killpg(make.pid, signal.SIGTERM)


def _installed(copy: Path) -> None:
    """The environment these tests run in, where `make` expects its own: what it would install is installed already."""
    (copy / ".venv/bin").mkdir(parents=True)
    (copy / ".venv/bin/python").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    (copy / ".venv/bin/python").chmod(0o755)
    (copy / ".venv/ready").touch()


def test_every_command_shown_is_run_somewhere() -> None:
    """Here, or by the script that has a Docker engine."""
    here = {"make serve", ".venv/bin/python -m train --data my.csv", ".venv/bin/python -m predict rows.parquet answers.parquet"}
    here.add(DESCRIBE)
    here |= ANNOTATING  # Run by tests/predict/test_recordings.py and tests/train/test_annotation.py with other names of files.
    here |= WITH_ORT  # Run by make test and by tests/server/page.
    here.add(".venv/bin/python -m server.keys keys clinic")  # Run by tests/server/test_keys.py.
    scripts = "".join((ROOT / ".ci" / name).read_text() for name in ("compose", "scale"))

    assert {command for command, _ in SHOWN if "curl " not in command} == here | BY_SCRIPTS | {WAVE}
    for command in (*BY_SCRIPTS, "ECG_DATA=./my.csv docker compose up --build", "docker compose run --rm tests"):
        assert command in README
        assert command in scripts


@needs
@pytest.mark.parametrize(("command", "answer"), CURLS, ids=[command[:60] for command, _ in CURLS])
def test_curl_gets_the_answer_shown(house, command, answer) -> None:
    """To the letter, but for the digits an … stands for."""
    folder, port = house

    done = subprocess.run(
        ["bash", "-c", command.replace("localhost:5000", f"localhost:{port}").replace("curl ", "curl -s ", 1)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )

    pattern = re.escape(answer.strip()).replace("…", r"\d*")
    assert re.fullmatch(pattern, done.stdout.strip())


@needs
def test_the_file_is_embedded_as_shown(house) -> None:
    """The Python program of the README prints a class of the artifact and a probability."""
    folder, _ = house
    program = re.search(r"```python\n(.*?)```", README, re.DOTALL)
    assert program is not None

    done = subprocess.run([sys.executable, "-c", program[1]], cwd=folder, capture_output=True, text=True, check=True)

    name, probability = done.stdout.split()
    assert name in "NSVFQ"
    assert 0.5 < float(probability) <= 1


@needs
def test_the_file_is_described_as_shown(house) -> None:
    """Line by line, but for what an … stands for."""
    folder, _ = house

    done = subprocess.run(DESCRIBE.split(), cwd=folder, capture_output=True, text=True, check=True)

    assert re.fullmatch(re.escape(dict(SHOWN)[DESCRIBE].strip()).replace("…", ".*"), done.stdout.strip(), re.DOTALL)


@needs
def test_ones_own_file_is_served_by_the_commands_shown(house) -> None:
    """Train on it, and make exports and would serve it; what was there is replaced, and not before it is whole."""
    folder, _ = house
    rows = "".join(f"{i % 2 + i / 1000},{i % 7},{'ab'[i % 2]}\n" for i in range(300))
    (folder / "my.csv").write_text("F1,F2,Label\n" + rows)

    trained = subprocess.run([".venv/bin/python", "-m", "train", "--data", "my.csv", "--epochs", "2"], cwd=folder, check=False)
    made = subprocess.run(["make", "--question", "artifacts/ecg.onnx"], cwd=folder, check=False)
    subprocess.run(["make", "artifacts/ecg.onnx"], cwd=folder, check=True)

    assert trained.returncode == 0
    assert made.returncode == 1
    assert json.loads((folder / "artifacts/ecg.json").read_text())["classes"] == ["a", "b"]
    assert subprocess.run(["make", "--question", "artifacts/ecg.onnx"], cwd=folder, check=False).returncode == 0
    assert b'"classes": ["a", "b"]' in (folder / "artifacts/ecg.onnx").read_bytes()


@needs
def test_an_archive_is_answered_by_the_command_shown(house) -> None:
    """Every row of it, beside its keys."""
    folder, _ = house
    features = json.loads((folder / "artifacts/example.json").read_text())["features"]
    named = {f"F{number}": [value] * 5 for number, value in enumerate(features, 1)}
    pandas.DataFrame({"patient": list("abcde"), **named}).to_parquet(folder / "rows.parquet")

    subprocess.run([".venv/bin/python", "-m", "predict", "rows.parquet", "answers.parquet"], cwd=folder, check=True)

    answers = pandas.read_parquet(folder / "answers.parquet")
    assert list(answers["patient"]) == list("abcde")
    assert (answers["probability"] > 0.5).all()


@needs
def test_an_artifact_that_came_alone_is_served_as_it_is(tmp_path) -> None:
    """Without the training it came from, make neither trains nor exports over it, however old it is."""
    for name in ("Makefile", "requirements", "server", "export"):
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, tmp_path / name)
    _installed(tmp_path)
    (tmp_path / "artifacts").mkdir()
    nothing = subprocess.run(["make", "--question", "artifacts/ecg.onnx"], cwd=tmp_path, check=False)
    (tmp_path / "artifacts/ecg.onnx").touch()
    os.utime(tmp_path / "artifacts/ecg.onnx", (1e9, 1e9))

    alone = subprocess.run(["make", "--question", "artifacts/ecg.onnx"], cwd=tmp_path, check=False)

    assert (nothing.returncode, alone.returncode) == (1, 0)
