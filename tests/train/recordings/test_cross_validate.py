"""The processes in which folds are learned."""

import os
import subprocess
import sys
import time
from pathlib import Path

TRAINING = """
import multiprocessing, os, time
from concurrent.futures import ProcessPoolExecutor
from train.recordings.cross_validate import end_with_parent

def learn():
    print(os.getpid(), flush=True)
    time.sleep(600)

if __name__ == "__main__":
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), end_with_parent, max_tasks_per_child=1) as pool:
        pool.submit(learn).result()
"""


def test_a_training_that_is_killed_leaves_no_fold_learning(tmp_path) -> None:
    """Not even by SIGKILL, of which nobody is told."""
    script = tmp_path / "training.py"
    script.write_text(TRAINING)
    environment = os.environ | {"PYTHONPATH": os.getcwd()}
    with subprocess.Popen(
        [sys.executable, script], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
    ) as training:
        fold = int(training.stdout.readline())
        training.kill()
    deadline = time.monotonic() + 60
    while _works(fold) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _works(fold)


def _works(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"
