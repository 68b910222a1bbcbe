"""The worker thread of recordings has the lowest priority while the event loop is busy."""

import asyncio
import os
import threading

import pytest

from server.serving import worker_thread
from server.serving.worker_thread import MEASURED_S, NICENESS, NICENESS_BESIDE_ROWS, WorkerThread


def niceness() -> int:
    """Of this thread."""
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


@pytest.mark.parametrize(
    ("worked_s", "passed_s", "expected"),
    [
        (0.0, MEASURED_S, NICENESS),
        (0.05 * MEASURED_S, MEASURED_S, NICENESS),
        (0.15 * MEASURED_S, MEASURED_S, NICENESS_BESIDE_ROWS),
        (0.9 * MEASURED_S, 0.9 * MEASURED_S, NICENESS),
    ],
    ids=["idle", "less than is busy", "more than that", "for less than is measured"],
)
def test_functions_run_at_the_priority_that_leaves_rows_the_core(monkeypatch, worked_s, passed_s, expected) -> None:
    """The event loop's thread having worked for so long of the time that passed."""
    passed, worked = iter([0.0, passed_s]), iter([worked_s])
    monkeypatch.setattr(worker_thread, "perf_counter", lambda: next(passed))
    monkeypatch.setattr(worker_thread, "thread_time", lambda: next(worked))

    assert asyncio.run(WorkerThread("annotator").run(niceness)) == expected


def test_priority_comes_back(monkeypatch) -> None:
    """Once the event loop has less to do."""
    now, worked = iter([0.0, 1.0, 2.0]), iter([0.9, 1.0])
    monkeypatch.setattr(worker_thread, "perf_counter", lambda: next(now))
    monkeypatch.setattr(worker_thread, "thread_time", lambda: next(worked))

    async def twice() -> list[int]:
        worker = WorkerThread("annotator")
        return [await worker.run(niceness), await worker.run(niceness)]

    assert asyncio.run(twice()) == [NICENESS_BESIDE_ROWS, NICENESS]


def test_one_function_runs_at_a_time() -> None:
    """Whichever thread it is on: two runs of the network at once would take the memory of two."""
    running, most = 0, 0

    def count() -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        threading.Event().wait(0.01)
        running -= 1

    async def many() -> None:
        worker = WorkerThread("annotator")
        busy = iter([False, True] * 4)
        worker._event_loop_is_busy = lambda: next(busy)
        await asyncio.gather(*(worker.run(count) for _ in range(8)))

    asyncio.run(many())
    assert most == 1
