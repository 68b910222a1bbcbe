"""Several workers that train together, as processes on this machine, and what TF_CONFIG may say."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from train.cluster_config import Worker, this_worker
from train.errors import BadCluster

TWO = ["127.0.0.1:2001", "127.0.0.1:2002"]
Start = Callable[..., list[subprocess.Popen[str]]]


def described(cluster: object, task: object) -> str:
    """TF_CONFIG for one worker."""
    return json.dumps({"cluster": cluster, "task": task})


def files(folder: Path) -> dict[str, bytes]:
    """Every file of a folder, by name."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def start(root, free_port) -> Iterator[Start]:
    """Start one `python -m train` a list of arguments, as workers of one cluster; none outlives the tests."""
    running: list[subprocess.Popen[str]] = []

    def run(*each: list[object]) -> list[subprocess.Popen[str]]:
        addresses = [f"127.0.0.1:{free_port()}" for _ in each]
        for index, arguments in enumerate(each):
            config = described({"worker": addresses}, {"type": "worker", "index": index})
            running.append(
                subprocess.Popen(
                    [sys.executable, "-m", "train", *map(str, arguments)],
                    cwd=root,
                    env={**os.environ, "TF_CONFIG": config},
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    text=True,
                )
            )
        return running[-len(each) :]

    yield run
    for process in running:
        process.kill()
        process.communicate()


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """400 rows of two classes that ten epochs tell apart."""
    rng = np.random.default_rng(0)
    lines = [f"{rng.normal(4 * (i % 2)):.3f},{rng.normal():.3f},{i % 2}" for i in range(400)]
    path = tmp_path_factory.mktemp("rows") / "rows.csv"
    path.write_text("F1,F2,Label\n" + "\n".join(lines) + "\n")
    return path


@pytest.fixture(scope="module")
def pair(start: Start, rows: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, str]:
    """The folders that two workers were told to write into, and what the second said."""
    folder = tmp_path_factory.mktemp("pair")
    processes = start(*(["--data", rows, "--epochs", "10", "--out", folder / name] for name in ("chief", "other")))
    printed = [process.communicate(timeout=240) for process in processes]
    assert [process.returncode for process in processes] == [0, 0], printed
    return folder / "chief", folder / "other", printed[1][0]


def test_the_chief_alone_writes(pair, trained) -> None:
    """What one process would have written, and the other worker says so and makes not even a folder."""
    chief, other, said = pair

    ours = {name for name in files(trained) if not name.endswith((".log", ".onnx"))}
    assert set(files(chief)) == ours
    assert json.loads((chief / "ecg.json").read_text())["network"]["workers"] == 2
    assert not other.exists()
    assert said.splitlines()[-1] == "worker 1 is done; the chief writes."


def test_two_workers_are_as_accurate_as_one(pair, rows, command_inside, tmp_path) -> None:
    """After as many epochs with the same seed, but for a few of the 80 test rows."""
    done = command_inside("train", "--data", rows, "--epochs", "10", "--out", tmp_path)

    two, one = (json.loads((folder / "report/metrics.json").read_text()) for folder in (pair[0], tmp_path))
    assert done.returncode == 0, done.stderr
    assert two["accuracy"] == pytest.approx(one["accuracy"], abs=0.03)
    assert two["accuracy"] > 0.9


def test_what_two_workers_learned_is_exported_like_any_other(pair, command_inside, tmp_path) -> None:
    """The chief's network needs no other worker to answer."""
    folder = shutil.copytree(pair[0], tmp_path / "artifacts")

    done = command_inside("export", "--out", folder)

    assert done.returncode == 0, done.stderr
    assert (folder / "ecg.onnx").is_file()


def test_a_lost_worker_ends_the_training_and_nothing_is_replaced(start, pair, rows, tmp_path) -> None:
    """The chief stops, with one sentence and exit code 1."""
    folder = shutil.copytree(pair[0], tmp_path / "artifacts")
    before = files(folder)
    chief, other = start(*(["--data", rows, "--epochs", "9999", "--out", folder] for _ in range(2)))
    assert any(line.startswith("epoch 1/") for line in other.stdout)

    other.kill()

    error = chief.communicate(timeout=120)[1]
    assert chief.returncode == 1
    assert "train: another worker was lost and nothing was written, start all of them again\n" in error
    assert "Traceback" not in error
    assert files(folder) == before


def test_workers_with_different_arguments_are_refused(start, rows, tmp_path) -> None:
    """All of them, before the first batch: shares of different batches would teach nothing."""
    processes = start(*(["--data", rows, "--epochs", epochs, "--out", tmp_path / "artifacts"] for epochs in ("3", "4")))

    for process in processes:
        error = process.communicate(timeout=120)[1]
        assert process.returncode == 2
        assert "train: the workers were started with different data, --seed or --epochs, expected the same on all\n" in error


def test_nobody_waits_for_ever(root, free_port) -> None:
    """A worker whose others do not come gives up; TensorFlow itself waits on, and lets no Python run meanwhile."""
    config = described({"worker": [f"127.0.0.1:{free_port()}" for _ in range(2)]}, {"type": "worker", "index": 0})
    program = (
        "from train import cluster_config, distributed; distributed.JOIN_TIMEOUT_S = 3; "
        "distributed.strategy_scope(cluster_config.Worker('a', True, 2)).__enter__()"
    )

    environment = {**os.environ, "TF_CONFIG": config}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=root, env=environment, capture_output=True, text=True, timeout=60, check=False
    )

    assert done.returncode == 1
    assert done.stdout == "a of 2: waits for the others, for at most 3 s\n"
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("config", [None, ""])
def test_without_a_cluster_there_is_no_worker(config) -> None:
    """TF_CONFIG not set, or set to nothing."""
    assert this_worker(config) is None


@pytest.mark.parametrize(
    ("cluster", "task", "worker"),
    [
        ({"worker": TWO}, {"type": "worker", "index": 0}, Worker("worker 0", True, 2)),
        ({"worker": TWO}, {"type": "worker", "index": 1}, Worker("worker 1", False, 2)),
        ({"chief": ["ecg-0:9000"], "worker": TWO}, {"type": "chief", "index": 0}, Worker("chief 0", True, 3)),
        ({"chief": ["ecg-0:9000"], "worker": TWO}, {"type": "worker", "index": 0}, Worker("worker 0", False, 3)),
        ({"worker": ["[::1]:9000"]}, {"type": "worker", "index": 0}, Worker("worker 0", True, 1)),
    ],
)
def test_the_chief_is_the_one_named_so_else_the_first(cluster, task, worker) -> None:
    """And every worker knows how many they are."""
    assert this_worker(described(cluster, task)) == worker


FIRST = {"type": "worker", "index": 0}


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        ("worker 0", "TF_CONFIG is not JSON, expected {"),
        ("[]", "TF_CONFIG has no cluster, expected {"),
        (json.dumps({"task": FIRST}), "TF_CONFIG has no cluster, expected {"),
        (json.dumps({"cluster": {"worker": TWO}}), "TF_CONFIG has no task, expected {"),
        (described({}, FIRST), "TF_CONFIG has another cluster than of workers"),
        (described({"worker": TWO, "ps": ["c:1"]}, FIRST), "TF_CONFIG has another cluster than of workers"),
        (described({"worker": []}, FIRST), "TF_CONFIG has no addresses of job worker"),
        (described({"worker": "a:1"}, FIRST), "TF_CONFIG has no addresses of job worker"),
        (described({"worker": ["a:1", "b"]}, FIRST), "TF_CONFIG has no addresses of job worker"),
        (described({"worker": ["a:1", "b:70000"]}, FIRST), "TF_CONFIG has no addresses of job worker"),
        (described({"worker": ["a:1", ":2"]}, FIRST), "TF_CONFIG has no addresses of job worker"),
        (described({"worker": ["a:1", 2]}, FIRST), "TF_CONFIG has no addresses of job worker"),
        (described({"chief": TWO, "worker": ["c:3"]}, FIRST), "TF_CONFIG has 2 chiefs, expected one"),
        (described({"worker": ["a:1", "a:1"]}, FIRST), "TF_CONFIG has one address twice"),
        (described({"worker": TWO}, {"index": 0}), "TF_CONFIG has no task type of its cluster, expected worker"),
        (described({"worker": TWO}, {"type": "chief", "index": 0}), "TF_CONFIG has no task type of its cluster"),
        (described({"worker": TWO}, {"type": [], "index": 0}), "TF_CONFIG has no task type of its cluster"),
        (described({"worker": TWO}, {"type": "worker"}), "TF_CONFIG has no task index of its cluster"),
        (described({"worker": TWO}, {"type": "worker", "index": 2}), "expected a whole number from 0 to 1"),
        (described({"worker": TWO}, {"type": "worker", "index": "0"}), "expected a whole number from 0 to 1"),
        (described({"worker": TWO}, {"type": "worker", "index": True}), "expected a whole number from 0 to 1"),
    ],
)
def test_another_tf_config_is_refused_with_one_sentence(config, sentence) -> None:
    """That says what was expected."""
    with pytest.raises(BadCluster) as caught:
        this_worker(config)

    assert sentence in str(caught.value)
    assert "expected" in str(caught.value)


def test_the_command_refuses_it_before_tensorflow_is_loaded(command, tmp_path) -> None:
    """With exit code 2 and nothing but the sentence; TensorFlow would have logged more."""
    done = command("train", "--out", tmp_path / "artifacts", env={**os.environ, "TF_CONFIG": "{"})

    assert done.returncode == 2
    assert done.stderr.startswith("train: TF_CONFIG is not JSON, expected ")
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "artifacts").exists()
