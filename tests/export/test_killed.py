"""Killed at any moment, training and export leave whole files behind: the old one or the new one, and no answer is lost."""

import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

from export.rows import BadSource, TrainedRows
from server.models.classifier import Classifier

IS_LONG = settings.get_current_profile_name() == "long"
WHOLE_COMMANDS = 30 if IS_LONG else 2
WRITING = 200 if IS_LONG else 60

TRAIN = ["train", "--epochs", "1", "--seed", "9"]

# What is imported takes longest and is done once; a child puts old and new into place in turns, for up to twice what both take,
# and the next child begins with the other one: a slow child shows one of them at least.
CHILDREN = """
import os, random, shutil, signal, sys, time
from pathlib import Path
from export.__main__ import replace as put_artifact
from train.rows.save import _replace as put_training
folder, sources, points = Path(sys.argv[1]), [Path(path) for path in sys.argv[2:4]], int(sys.argv[4])

def work(first):
    for source in (sources[first], sources[not first]):
        draft = folder / ".training"
        shutil.rmtree(draft, ignore_errors=True)
        shutil.copytree(source, draft, ignore=shutil.ignore_patterns("ecg.onnx", "*.log"))
        put_training(draft, folder)
        put_artifact(folder / "ecg.onnx", (source / "ecg.onnx").read_bytes())

began = time.monotonic()
work(False)
both = time.monotonic() - began
dice = random.Random(5)
for point in range(points):
    child = os.fork()
    while not child:
        work(point % 2 == 0)
    time.sleep(dice.uniform(0, 2 * both))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    print(point, flush=True)
    sys.stdin.readline()
"""


@pytest.fixture(scope="module")
def other(trained, tmp_path_factory) -> Path:
    """Another training, exported, as far as files tell: every one of them has other bytes than those of `trained`."""
    folder = Path(shutil.copytree(trained, tmp_path_factory.mktemp("other") / "artifacts"))
    with zipfile.ZipFile(folder / "ecg.keras", "a") as network:
        network.comment = b"another"
    with np.load(folder / "test.npz") as test:
        np.savez(folder / "test.npz", features=test["features"] + 1, labels=test["labels"])
    for path in (*folder.glob("*.json"), *(folder / "report").iterdir()):
        path.write_bytes(path.read_bytes() + b"\n")
    digest = hashlib.sha256((folder / "ecg.keras").read_bytes()).hexdigest()
    facts = json.loads((folder / "ecg.json").read_text())
    (folder / "ecg.json").write_text(json.dumps({**facts, "keras_sha256": digest}))
    version = Classifier.load(folder / "ecg.onnx").contract.version.encode()
    (folder / "ecg.onnx").write_bytes((folder / "ecg.onnx").read_bytes().replace(version, version[::-1]))
    return folder


@pytest.fixture
def folder(trained, tmp_path) -> Path:
    """A folder of its own, with a training and its artifact."""
    return Path(shutil.copytree(trained, tmp_path / "artifacts"))


def contents(folder: Path) -> dict[str, bytes]:
    """Every file that somebody reads."""
    hidden = [path for path in folder.rglob("*") if path.is_file() and path.name[0] != "." and ".training" not in path.parts]
    return {str(path.relative_to(folder)): path.read_bytes() for path in hidden if path.suffix != ".log"}


def require_whole(folder: Path) -> str:
    """Every file can be read, and what belongs together is together or is refused; which model is there."""
    json.loads((folder / "ecg.json").read_text())
    json.loads((folder / "example.json").read_text())
    json.loads((folder / "report/metrics.json").read_text())
    with np.load(folder / "test.npz") as test:
        assert len(test["features"]) == len(test["labels"])
    with zipfile.ZipFile(folder / "ecg.keras") as network:
        assert network.testzip() is None
    try:
        TrainedRows.read(folder)
    except BadSource as error:
        assert "are of two trainings" in str(error)
    return Classifier.load(folder / "ecg.onnx").contract.version


def test_files_are_put_into_place_whole(trained, other, folder, root) -> None:
    """Kills while files are written, one after the other: each file is wholly of one training, whichever."""
    command = [sys.executable, "-c", CHILDREN, str(folder), str(trained), str(other), str(WRITING)]
    either = [contents(trained), contents(other)]
    seen: set[str] = set()
    with subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as children:
        assert children.stdin
        assert children.stdout
        for _ in children.stdout:
            seen.add(require_whole(folder))
            for name, content in contents(folder).items():
                assert content in [some[name] for some in either if name in some], name
            children.stdin.write("\n")
            children.stdin.flush()

    assert children.returncode == 0
    assert len(seen) == 2


@pytest.mark.parametrize("what", ["export", "train"])
def test_a_command_killed_at_any_moment_loses_nothing(trained, folder, root, command_inside, what) -> None:
    """At random moments of its run; the model that was there is there, or the new one, and the next run mends the rest."""
    arguments = [*(TRAIN if what == "train" else ["export"]), "--out", str(folder)]
    command = [sys.executable, "-m", *arguments]
    duration = float((trained / f"{what}-seconds.log").read_text())
    dice = random.Random(7)
    old = Classifier.load(trained / "ecg.onnx").contract.version

    for _ in range(WHOLE_COMMANDS):
        with subprocess.Popen(command, cwd=root, start_new_session=True, stdout=subprocess.DEVNULL) as run:
            time.sleep(dice.choice([dice.uniform(0, duration), dice.uniform(0.8 * duration, duration)]))
            os.killpg(run.pid, signal.SIGKILL)
        assert require_whole(folder) == old
    assert command_inside(*arguments).returncode == 0
    if what == "train":
        assert command_inside("export", "--out", folder).returncode == 0

    assert (require_whole(folder) == old) == (what == "export")
    assert [path.name for path in folder.iterdir() if path.name[0] == "."] == []
