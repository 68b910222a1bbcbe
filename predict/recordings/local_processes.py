"""Recordings annotated on this machine, in as many processes as it has processors, each with a session of its own."""

import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_all_start_methods, get_context, parent_process
from typing import Any, NamedTuple

from tqdm import tqdm

from predict.recordings.annotate import Report, Task
from predict.recordings.answer import answer
from predict.rows.local_threads import processors
from server.models.annotator import Annotator

STEP_S = 0.5  # between two looks at how far the processes are
KILLED = "expected a recording that fits into memory: the process that annotated it was killed"


class Worker(NamedTuple):
    """What a process has: the model, and how many seconds of signal all of them have read and annotated."""

    annotator: Annotator
    seconds: Any  # a synchronised array of two doubles

    def progress(self, read_s: float, annotated_s: float) -> None:
        """Add to what is read and annotated."""
        with self.seconds.get_lock():
            self.seconds[0] += read_s
            self.seconds[1] += annotated_s


def annotate_here(tasks: Sequence[Task], annotator: Annotator) -> Iterator[tuple[Task, Report]]:
    """Each recording once it is annotated, with what is to be said of it; how far they are is shown on a terminal."""
    processes = min(len(tasks), processors())
    with tqdm(total=0, unit="s of signal", unit_scale=True, disable=None) as bar:
        if processes > 1:
            yield from in_processes(_answer, tasks, annotator.file, bar, processes)
            return

        def progress(read_s: float, annotated_s: float) -> None:
            bar.total += read_s
            bar.update(annotated_s)

        yield from ((task, answer(task, annotator, progress)) for task in tasks)


def in_processes(
    work: Callable[[Task], Report], tasks: Sequence[Task], file: bytes, bar: "tqdm[None]", processes: int
) -> Iterator[tuple[Task, Report]]:
    """Each task with its report, whichever is done first.

    Where a process is killed, as for want of memory, what is left is done one after another, so that only the one that has a
    process killed then is without answers.
    """
    left = list(tasks)
    while left:
        try:
            for task, report in _in_pool(work, left, file, bar, processes):
                left.remove(task)
                yield task, report
        except BrokenProcessPool:
            if processes == 1:
                yield left[0], Report("", fault=f"{left.pop(0).path}: {KILLED}")
            processes = 1


def _in_pool(
    work: Callable[[Task], Report], tasks: Sequence[Task], file: bytes, bar: "tqdm[None]", processes: int
) -> Iterator[tuple[Task, Report]]:
    context = get_context("forkserver" if "forkserver" in get_all_start_methods() else "spawn")
    context.set_forkserver_preload([_start.__module__])  # what all processes import is imported once
    seconds = context.Array("d", [bar.total, bar.n])
    pool = ProcessPoolExecutor(processes, context, _start, (file, seconds))
    try:
        futures: dict[Future[Report], Task] = {pool.submit(work, task): task for task in tasks}
        while futures:
            done, _ = wait(futures, STEP_S, FIRST_COMPLETED)
            bar.total, bar.n = seconds[0], seconds[1]
            bar.refresh()
            for future in sorted(done, key=_has_failed):  # What was done before a process was killed is told of first.
                yield futures.pop(future), future.result()
    finally:
        pool.shutdown(cancel_futures=True)


def _has_failed(future: Future[Report]) -> bool:
    return future.exception() is not None


_worker: list[Worker] = []


def _start(file: bytes, seconds: Any) -> None:
    """Load the model in a new process, which ends when the command does, and leaves Ctrl-C to it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _worker.append(Worker(Annotator(file), seconds))


def _end_with_parent() -> None:
    parent = parent_process()
    if parent:
        parent.join()
        os._exit(1)


def _answer(task: Task) -> Report:
    [worker] = _worker
    return answer(task, worker.annotator, worker.progress)
