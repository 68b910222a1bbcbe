"""The documents are run, not believed: every command shown, in a copy of the project, its answer compared with what comes."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pandas
import pytest
import wfdb

ROOT = Path(__file__).parents[1]
DOCUMENTS = [
    ROOT / "README.md",
    *sorted(ROOT.glob("docs/*.md")),
    *sorted(ROOT.glob("deploy/*/README.md")),
    ROOT / "embed/README.md",
]
# Run by these instead: they need a Docker engine, kubectl or npm, or have a network of their own.
RUN_BY = {
    "docker compose up --build": ".ci/compose",
    "docker compose -f docker-compose.yml -f deploy/proxy/compose.yml up --build --scale server=3": ".ci/scale",
    (
        ".venv/bin/python -m train --task annotation --data mitdb svdb cinc2017 aftdb cudb nstdb --split cross-validation"
    ): "tests/train/recordings/test_command.py",
    ".venv/bin/python -m export --task annotation": "tests/train/recordings/test_command.py",
    (
        '.venv/bin/python -m predict 100.hea beats/ --lead MLII --language fr --title "Ward 3, bed 7"'
    ): "tests/predict/recordings/test_report_files.py",
    (
        ".venv/bin/python -m predict --live ws://127.0.0.1:5000/stream 100.hea --lead MLII"
    ): "tests/server/live/test_stream_over_socket.py",
    "npm ci --prefix embed/onnxruntime-web": "Makefile",
    "ECG_ORT_WEB_DIR=embed/onnxruntime-web/node_modules/onnxruntime-web/dist make serve": "tests/server/page/test_page.py",
    "kubectl apply -k deploy/kubernetes": "tests/deploy/test_kubernetes.py",
    "cp artifacts/ecg.onnx deploy/kubernetes/": "tests/deploy/test_kubernetes.py",
    "kubectl apply -f deploy/kserve/runtime.yaml -f deploy/kserve/service.yaml": "tests/deploy/test_kubernetes.py",
    "docker compose build server": "Makefile",
    "docker tag ecg-server registry.example/ecg-server:1": "tests/deploy/test_kubernetes.py",
    "docker push registry.example/ecg-server:1": "tests/deploy/test_kubernetes.py",
    "python embed/onnxruntime-python/classify.py rows.csv artifacts/ecg.onnx": "tests/embed/test_embed.py",
    "python -m onnxruntime.tools.convert_onnx_models_to_ort ecg.onnx --optimization_style Fixed": "tests/embed/test_embed.py",
}
IN_PROSE = {"ECG_DATA=./my.csv docker compose up --build": ".ci/compose", "docker compose run --rm tests": ".ci/compose"}

needs = pytest.mark.skipif(not all(map(shutil.which, ("make", "curl"))), reason="make or curl is not installed here")


class Shown(NamedTuple):
    """A command as a document shows it, and the answer below it."""

    document: Path
    command: str
    answer: str


def shown(document: Path) -> list[Shown]:
    """Every command of a document, in order."""
    blocks = re.findall(r"```console\n(.*?)```", document.read_text(), re.DOTALL)
    parts = [part for block in blocks for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]]
    return [Shown(document, command, answer) for command, _, answer in (part.partition("\n") for part in parts)]


SHOWN = [command for document in DOCUMENTS for command in shown(document)]
# These write the files that others of their document send.
PREPARE = [each.command for each in SHOWN if re.match(r"awk |\.venv/bin/python -c |sed (?!.*\|)", each.command)]
CURLS = [each for each in SHOWN if "curl " in each.command]
COMMANDS = {each.command: each.answer for each in SHOWN if each not in CURLS}
DESCRIBE = ".venv/bin/python -m export --describe artifacts/ecg.onnx"
ANNOTATE = ".venv/bin/python -m predict 100.hea beats/ --lead MLII"
ARCHIVE = ".venv/bin/python -m predict rows.parquet answers.parquet"
NEW_KEY = ".venv/bin/python -m server.keys keys clinic"
TRAIN = ".venv/bin/python -m train --data my.csv"
PROGRAMS = [
    pytest.param(program, id=f"{document.name} {number}")
    for document in DOCUMENTS
    for number, program in enumerate(re.findall(r"```python\n(.*?)```", document.read_text(), re.DOTALL), 1)
]


def as_pattern(answer: str) -> str:
    """An answer with … for what differs: digits after a digit, anything elsewhere; lines may be broken for the reader."""
    text = re.sub(r"\n\s*", "", answer.strip())
    return re.sub("(?<=[0-9])…", r"\\d*", re.escape(text)).replace("…", ".*")


def run(command: str, folder: Path) -> str:
    """What a command prints, run in a shell as a reader would."""
    return subprocess.run(["bash", "-c", command], cwd=folder, capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, free_port, until_healthy) -> Iterator[tuple[Path, int]]:
    """A copy of the project in which somebody typed `make serve`, and its port."""
    copy = tmp_path_factory.mktemp("house") / "ecg"
    ignored = shutil.ignore_patterns(
        ".git", ".venv", "__pycache__", ".*_cache", "*.onnx", "*.keras", "*.npz", "*.json", "node_modules"
    )
    shutil.copytree(ROOT, copy, ignore=ignored)
    shutil.rmtree(copy / "artifacts/report", ignore_errors=True)
    shutil.copy(ROOT / "artifacts/beats.onnx", copy / "artifacts")
    _installed(copy)
    port = free_port()
    environment = {**os.environ, "ECG_PORT": str(port)}
    with subprocess.Popen(["make", "serve"], cwd=copy, env=environment, start_new_session=True) as make:
        try:
            until_healthy(f"http://127.0.0.1:{port}", make)
            for command in PREPARE:
                run(command, copy)
            yield copy, port
        finally:
            os.killpg(make.pid, signal.SIGTERM)


def _installed(copy: Path) -> None:
    """The environment these tests run in, where `make` expects its own: what it would install is installed already."""
    (copy / ".venv/bin").mkdir(parents=True)
    (copy / ".venv/bin/python").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    (copy / ".venv/bin/python").chmod(0o755)
    for name in ("run", "dev"):
        (copy / ".venv" / name).touch()


def test_every_command_shown_is_run_somewhere() -> None:
    """Here, or by the test or script that is named for it and is there."""
    here = {"make serve", TRAIN, ARCHIVE, ANNOTATE, DESCRIBE, NEW_KEY, *PREPARE}

    assert set(COMMANDS) == here | RUN_BY.keys()
    for by in RUN_BY.values():
        assert (ROOT / by).is_file(), by
    for command, by in [*RUN_BY.items(), *IN_PROSE.items()]:
        assert not by.startswith(".ci/") or command in (ROOT / by).read_text(), command
    for command in IN_PROSE:
        assert any(command in document.read_text() for document in DOCUMENTS), command


@needs
@pytest.mark.parametrize("each", CURLS, ids=[f"{each.document.name} {each.command[:50]}" for each in CURLS])
def test_curl_gets_the_answer_shown(house, each) -> None:
    """To the letter, but for what an … stands for."""
    folder, port = house

    said = run(each.command.replace("localhost:5000", f"localhost:{port}").replace("curl ", "curl -s ", 1), folder)

    assert re.fullmatch(as_pattern(each.answer), said.strip())


@needs
@pytest.mark.parametrize("program", PROGRAMS)
def test_the_file_is_embedded_as_shown(house, program) -> None:
    """A Python program of a document prints classes of the artifact."""
    folder, _ = house

    done = subprocess.run([sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=True)

    words = [line.split() for line in done.stdout.splitlines()]
    assert words
    assert all(set(line) & {"N", "S", "V", "F", "Q"} for line in words)


@needs
def test_the_file_is_described_as_shown(house) -> None:
    """Line by line, but for what an … stands for."""
    folder, _ = house

    assert re.fullmatch(re.escape(COMMANDS[DESCRIBE].strip()).replace("…", ".*"), run(DESCRIBE, folder).strip(), re.DOTALL)


@needs
def test_a_recording_is_annotated_by_the_command_shown(house, recording) -> None:
    """Into WFDB annotations, a table and a picture."""
    folder, _ = house
    signal, rate = recording(10)
    wfdb.wrsamp("100", rate, ["mV"], ["MLII"], signal[:, None].astype(float), fmt=["16"], write_dir=str(folder))

    run(ANNOTATE, folder)

    assert len(wfdb.rdann(str(folder / "beats/100"), "ecg").sample) > 5
    assert {path.name for path in (folder / "beats").iterdir()} >= {"100.ecg", "100.csv", "100.png"}


@needs
def test_an_archive_is_answered_by_the_command_shown(house) -> None:
    """Every row of it, beside its keys."""
    folder, _ = house
    features = json.loads((folder / "artifacts/example.json").read_text())["features"]
    named = {f"F{number}": [value] * 5 for number, value in enumerate(features, 1)}
    pandas.DataFrame({"patient": list("abcde"), **named}).to_parquet(folder / "rows.parquet")

    run(ARCHIVE, folder)

    answers = pandas.read_parquet(folder / "answers.parquet")
    assert list(answers["patient"]) == list("abcde")
    assert (answers["probability"] > 0.5).all()


@needs
def test_a_key_is_made_by_the_command_shown(house) -> None:
    """It is printed; its name is in the file, and itself is not."""
    folder, _ = house

    key = run(NEW_KEY, folder).strip()

    assert len(key) > 20
    assert "clinic" in (folder / "keys").read_text()
    assert key not in (folder / "keys").read_text()


@needs
def test_ones_own_file_is_served_by_the_commands_shown(house) -> None:
    """Train on it, and make exports and would serve it; what was there is replaced, and not before it is whole."""
    folder, _ = house
    rows = "".join(f"{i % 2 + i * 7 % 11 / 10},{i * 3 % 13 / 4},{'ab'[i % 2]}\n" for i in range(300))
    (folder / "my.csv").write_text("F1,F2,Label\n" + rows)

    run(f"{TRAIN} --epochs 2", folder)
    made = subprocess.run(["make", "--question", "artifacts/ecg.onnx"], cwd=folder, check=False)
    run("make artifacts/ecg.onnx", folder)

    assert made.returncode == 1
    assert json.loads((folder / "artifacts/ecg.json").read_text())["classes"] == ["a", "b"]
    assert subprocess.run(["make", "--question", "artifacts/ecg.onnx"], cwd=folder, check=False).returncode == 0
    assert b'"classes": ["a", "b"]' in (folder / "artifacts/ecg.onnx").read_bytes()


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
