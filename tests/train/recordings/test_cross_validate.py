"""The processes in which folds are learned."""

import os
import subprocess
import sys
import time
from concurrent.futures import Future
from pathlib import Path
from threading import Timer

from train.recordings.cross_validate import CrossValidation

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


def test_the_training_on_everything_waits_until_a_processor_is_free() -> None:
    """Of three folds on two processors, two have to be done; on four none."""
    folds = CrossValidation.__new__(CrossValidation)
    folds.folds, folds.processors = [Future(), Future(), Future()], 4
    folds.wait_for_processor()

    folds.processors = 2
    for fold in folds.folds[1:]:
        Timer(0.05, fold.set_result, [{}]).start()
    folds.wait_for_processor()

    assert [fold.done() for fold in folds.folds] == [False, True, True]
