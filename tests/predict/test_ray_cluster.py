"""`python -m predict --ray` on a cluster of two nodes, one of which dies on the way."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from predict.recordings import local_processes

ROOT = Path(__file__).parents[2]
SMALL = {"num_cpus": 1, "object_store_memory": 80_000_000, "include_log_monitor": False, "no_monitor": True}
SETTINGS = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_AUTH_MODE": "disabled",
    "RAY_worker_niceness": "0",
    "RAY_health_check_period_ms": "500",
    "RAY_health_check_timeout_ms": "500",
}


class Nodes(NamedTuple):
    """The address of a cluster, and the second of its nodes."""

    address: str
    second: Any


@pytest.fixture(scope="module")
def cluster() -> Iterator[Callable[[], Nodes]]:
    """A cluster on this machine, its nodes of one processor each: one head, and each time it is asked for another second node."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in SETTINGS.items():
            patch.setenv(name, value)
        from ray.cluster_utils import Cluster

        nodes = Cluster(initialize_head=True, head_node_args={**SMALL, "include_dashboard": False}, shutdown_at_exit=False)
        yield lambda: Nodes(nodes.address, nodes.add_node(**SMALL))
        nodes.shutdown()


def _workers(node: Any) -> Iterator[Path]:
    """The processes of a node's actors, by their folders in /proc: Ray names them after what they are."""
    [raylet] = node.all_processes["raylet"]
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # It may have ended meanwhile.
            parent = int(process.joinpath("stat").read_text().rpartition(")")[2].split()[1])
            if parent == raylet.process.pid and b"MapWorker" in process.joinpath("cmdline").read_bytes():
                yield process


def _kill(node: Any) -> None:
    """All of it at once, as if its machine lost power."""
    for pid in [node.all_processes["raylet"][0].process.pid, *(int(worker.name) for worker in _workers(node))]:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _run_until_a_node_dies(cluster: Nodes, arguments: list[object], begun: Callable[[], bool]) -> int:
    """Run the command, kill the second node once it works and something is done; the exit code."""
    command = [sys.executable, "-m", "predict", *map(str, arguments), "--ray", cluster.address]
    with subprocess.Popen(command, cwd=ROOT, env={**os.environ, **SETTINGS}) as run:
        while not (any(_workers(cluster.second)) and begun()) and run.poll() is None:
            time.sleep(0.01)
        assert run.poll() is None
        _kill(cluster.second)
        return run.wait(timeout=180)


def test_without_a_cluster_there_is_one_sentence(command, artifact, rows, free_port, tmp_path) -> None:
    """Exit code 2, and what to do, at once."""
    address = f"127.0.0.1:{free_port()}"
    parquet.write_table(rows, tmp_path / "rows.parquet")

    done = command("predict", tmp_path / "rows.parquet", tmp_path / "answers.parquet", "--artifact", artifact, "--ray", address)

    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith(f"predict: expected a Ray cluster at {address}: there is none")


def test_a_node_that_dies_takes_no_row_with_it(cluster, command, artifact, rows, tmp_path) -> None:
    """The output is complete, no row is there twice, and it is what one machine alone answers."""
    many = pa.concat_tables([rows] * 220)
    parquet.write_table(many, tmp_path / "rows.parquet", row_group_size=32_768)
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
    answers, expected = ({path.name: path.read_bytes() for path in (tmp_path / out).glob("[!.]*")} for out in ("out", "alone"))
    assert len(answers) == 3 * 6 + 1
    assert answers == expected
