"""`python -m predict --ray` on a cluster of two nodes, one of which dies on the way."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from predict.recordings import local_processes

pytestmark = pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed here")

ROOT = Path(__file__).parents[2]
RAY = [sys.executable, "-m", "ray.scripts.scripts"]
SMALL = ["--num-cpus=1", "--object-store-memory=100000000", "--disable-usage-stats", "--block"]
SOON = {"RAY_worker_niceness": "0", "RAY_health_check_period_ms": "500", "RAY_health_check_timeout_ms": "500"}
QUIET = {**os.environ, "RAY_USAGE_STATS_ENABLED": "0", "RAY_AUTH_MODE": "disabled", **SOON}


class Cluster(NamedTuple):
    """The address of its head, and the second of its nodes."""

    address: str
    second: subprocess.Popen[bytes]


@pytest.fixture(scope="module")
def cluster(free_port) -> Iterator[Callable[[], Cluster]]:
    """Clusters of two nodes on this machine, each of one processor: one head, and each time another second node."""
    port, folder = free_port(), tempfile.mkdtemp(prefix="ray")
    nodes: list[subprocess.Popen[bytes]] = []

    def start(*options: str) -> None:
        command = [*RAY, "start", *options, *SMALL]
        nodes.append(subprocess.Popen(command, env=QUIET, stdout=subprocess.PIPE, start_new_session=True))
        _until_started(nodes[-1])

    def with_second() -> Cluster:
        start(f"--address=127.0.0.1:{port}")
        return Cluster(f"127.0.0.1:{port}", nodes[-1])

    try:
        start("--head", f"--port={port}", "--include-dashboard=false", f"--temp-dir={folder}")
        yield with_second
    finally:
        for node in nodes:
            _kill(node)
        shutil.rmtree(folder, ignore_errors=True)


def _until_started(node: subprocess.Popen[bytes]) -> None:
    """Until `ray start` says so, which it does once the cluster knows the node."""
    assert node.stdout
    if not any(b"Ray runtime started" in line for line in node.stdout):
        pytest.fail("expected a node that starts within half a minute")


def _processes(node: subprocess.Popen[bytes]) -> Iterator[Path]:
    """Everything that runs on this node, by its folder in /proc: a node is a session."""
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # It may have ended meanwhile.
            if int(process.joinpath("stat").read_text().rpartition(")")[2].split()[3]) == node.pid:
                yield process


def _works(node: subprocess.Popen[bytes]) -> bool:
    """Whether an actor of ours is on this node: Ray names processes after what they are."""
    with suppress(OSError):
        return any(b"MapWorker" in process.joinpath("cmdline").read_bytes() for process in _processes(node))
    return False


def _kill(node: subprocess.Popen[bytes]) -> None:
    """All of it at once, as if its machine lost power."""
    for process in _processes(node):
        with suppress(ProcessLookupError):
            os.kill(int(process.name), signal.SIGKILL)
    node.communicate()


def _run_until_a_node_dies(cluster: Cluster, arguments: list[object], begun: Callable[[], bool]) -> int:
    """Run the command, kill the second node once it works and something is done; the exit code."""
    command = [sys.executable, "-m", "predict", *map(str, arguments), "--ray", cluster.address]
    with subprocess.Popen(command, cwd=ROOT, env=QUIET) as run:
        while not (_works(cluster.second) and begun()) and run.poll() is None:
            time.sleep(0.01)
        assert run.poll() is None
        _kill(cluster.second)
        return run.wait(timeout=180)


def test_a_node_that_dies_takes_no_row_with_it(cluster, command, artifact, rows, tmp_path) -> None:
    """The output is complete, no row is there twice, and it is what one machine alone answers."""
    many = pa.concat_tables([rows] * 440)
    parquet.write_table(many, tmp_path / "rows.parquet", row_group_size=65_536)
    arguments = [tmp_path / "rows.parquet", tmp_path / "answers.parquet", "--artifact", artifact]

    done = _run_until_a_node_dies(cluster(), arguments, lambda: any(tmp_path.glob(".answers.parquet.parts/*.arrow")))
    alone = command("predict", tmp_path / "rows.parquet", tmp_path / "alone.parquet", "--artifact", artifact)

    assert done == 0
    assert alone.returncode == 0
    answers = parquet.read_table(tmp_path / "answers.parquet")
    assert answers.num_rows == many.num_rows
    assert answers["beat"].equals(many["beat"])
    assert answers.equals(parquet.read_table(tmp_path / "alone.parquet"))


def test_a_node_that_dies_takes_no_recording_with_it(cluster, predict_inside, recording, beats, tmp_path, monkeypatch) -> None:
    """Each is answered once, a long one in shares, by the same bytes as on one machine alone."""
    signal, rate = recording(60)
    how = ["--lead", "I", "--artifact", beats]
    folder = tmp_path / "in"
    folder.mkdir()
    for name, minutes, leads in (("a", 1, 1), ("b", 1, 1), ("long", 40, 12)):
        lines = [f"{name}.dat 16 200 16 0 0 0 0 I{number or ''}" for number in range(leads)]
        (folder / f"{name}.hea").write_text("\n".join([f"{name} {leads} {rate:g}", *lines]) + "\n")
        np.tile(np.round(200 * signal).astype("<i2")[:, None], (minutes, leads)).tofile(folder / f"{name}.dat")

    done = _run_until_a_node_dies(cluster(), [folder, tmp_path / "out", *how], (tmp_path / "out").exists)
    monkeypatch.setattr(local_processes, "processors", lambda: 1)
    alone = predict_inside(folder, tmp_path / "alone", *how)

    assert done == 0
    assert alone.returncode == 0
    answers, expected = ({path.name: path.read_bytes() for path in (tmp_path / out).iterdir()} for out in ("out", "alone"))
    assert len(answers) == 3 * 6 + 1
    assert answers == expected


def test_without_a_cluster_there_is_one_sentence(command, artifact, rows, tmp_path) -> None:
    """Exit code 2, and what to do."""
    parquet.write_table(rows, tmp_path / "rows.parquet")

    done = command("predict", tmp_path / "rows.parquet", tmp_path / "answers.parquet", "--artifact", artifact, "--ray", "auto")

    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith("predict: expected a Ray cluster at auto")
