"""`python -m predict --ray` on a cluster of two nodes, one of which dies on the way."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

pytestmark = pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed here")

RAY = [sys.executable, "-m", "ray.scripts.scripts"]
SMALL = ["--num-cpus=1", "--object-store-memory=100000000", "--disable-usage-stats", "--block"]
SOON = {"RAY_health_check_period_ms": "500", "RAY_health_check_timeout_ms": "500"}
QUIET = {**os.environ, "RAY_USAGE_STATS_ENABLED": "0", "RAY_AUTH_MODE": "disabled", **SOON}


@pytest.fixture
def cluster(free_port) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The address of a cluster of two nodes on this machine, and the second of them; each has one processor."""
    port, folder = free_port(), tempfile.mkdtemp(prefix="ray")
    head = ["--head", f"--port={port}", "--include-dashboard=false", f"--temp-dir={folder}"]
    nodes = []
    try:
        for options in (head, [f"--address=127.0.0.1:{port}"]):
            command = [*RAY, "start", *options, *SMALL]
            nodes.append(subprocess.Popen(command, env=QUIET, stdout=subprocess.DEVNULL, start_new_session=True))
            _until_it_listens(port)
        _until_both_are_there(f"127.0.0.1:{port}")
        yield f"127.0.0.1:{port}", nodes[1]
    finally:
        for node in nodes:
            _kill(node)
        shutil.rmtree(folder, ignore_errors=True)


def _until_it_listens(port: int) -> None:
    for _ in range(600):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    pytest.fail("expected the head of a cluster within a minute")


def _until_both_are_there(address: str) -> None:
    """One driver looks again and again: each that is started takes seconds."""
    look = f"import ray, time; ray.init('{address}', log_to_driver=False)"
    code = f"{look}\nwhile sum(node['Alive'] for node in ray.nodes()) < 2: time.sleep(0.1)"
    subprocess.run([sys.executable, "-c", code], env=QUIET, capture_output=True, check=True, timeout=180)


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
    node.wait()


def test_a_node_that_dies_takes_no_row_with_it(cluster, command, artifact, root, rows, tmp_path) -> None:
    """The output is complete, no row is there twice, and it is what one machine alone answers."""
    address, second = cluster
    many = pa.concat_tables([rows] * 440)
    parquet.write_table(many, tmp_path / "rows.parquet", row_group_size=65_536)
    arguments = [sys.executable, "-m", "predict", tmp_path / "rows.parquet", tmp_path / "answers.parquet"]

    with subprocess.Popen([*arguments, "--artifact", artifact, "--ray", address], cwd=root, env=QUIET) as run:
        while not (_works(second) and list(tmp_path.glob(".answers.parquet.parts/*.arrow"))) and run.poll() is None:
            time.sleep(0.01)
        assert run.poll() is None
        _kill(second)
        run.wait(timeout=180)
    alone = command("predict", tmp_path / "rows.parquet", tmp_path / "alone.parquet", "--artifact", artifact)

    assert run.returncode == 0
    assert alone.returncode == 0
    answers = parquet.read_table(tmp_path / "answers.parquet")
    assert answers.num_rows == many.num_rows
    assert answers["beat"].equals(many["beat"])
    assert answers.equals(parquet.read_table(tmp_path / "alone.parquet"))


def test_without_a_cluster_there_is_one_sentence(command, artifact, rows, tmp_path) -> None:
    """Exit code 2, and what to do."""
    parquet.write_table(rows, tmp_path / "rows.parquet")

    done = command("predict", tmp_path / "rows.parquet", tmp_path / "answers.parquet", "--artifact", artifact, "--ray", "auto")

    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith("predict: expected a Ray cluster at auto")
