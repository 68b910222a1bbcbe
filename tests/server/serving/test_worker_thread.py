"""The worker thread of recordings has the lowest priority while the event loop is busy."""

import asyncio
import os
import threading
from collections.abc import Awaitable, Callable
from itertools import cycle

import pytest

from server.serving import worker_thread
from server.serving.worker_thread import MEASURED_S, NICENESS, NICENESS_BESIDE_ROWS, WorkerThread

Many = Callable[[WorkerThread, Callable[[], None]], Awaitable[None]]


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
    passed, worked = iter([0.0, passed_s]), iter([9.0, 9.0 + worked_s])
    monkeypatch.setattr(worker_thread, "perf_counter", lambda: next(passed))
    monkeypatch.setattr(worker_thread, "thread_time", lambda: next(worked))

    assert asyncio.run(WorkerThread("annotator").run(niceness)) == expected


def test_priority_comes_back(monkeypatch) -> None:
    """Once the event loop has less to do."""
    now, worked = iter([0.0, 1.0, 2.0]), iter([0.0, 0.9, 0.95])
    monkeypatch.setattr(worker_thread, "perf_counter", lambda: next(now))
    monkeypatch.setattr(worker_thread, "thread_time", lambda: next(worked))

    async def twice() -> list[int]:
        worker = WorkerThread("annotator")
        return [await worker.run(niceness), await worker.run(niceness)]

    assert asyncio.run(twice()) == [NICENESS_BESIDE_ROWS, NICENESS]


@pytest.fixture
def most(monkeypatch) -> Callable[[Many], int]:
    """How many functions ran at once at most, on a worker that changes its thread with each."""
    running, most = 0, 0

    def count() -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        threading.Event().wait(0.01)
        running -= 1

    def measure(many: Many) -> int:
        busy = cycle([False, True])
        monkeypatch.setattr(WorkerThread, "_event_loop_is_busy", lambda worker: next(busy))

        async def run() -> None:
            await many(WorkerThread("annotator"), count)

        asyncio.run(run())
        return most

    return measure


def test_one_function_runs_at_a_time(most) -> None:
    """Whichever thread it is on: two runs of the network at once would take the memory of two."""

    async def many(worker, function) -> None:
        await asyncio.gather(*(worker.run(function) for _ in range(8)))

    assert most(many) == 1


def test_a_function_whose_caller_has_gone_ends_before_the_next(most) -> None:
    """A client that leaves cannot stop a run of the network."""

    async def many(worker, function) -> None:
        for _ in range(4):
            caller = asyncio.create_task(worker.run(function))
            await asyncio.sleep(0.002)
            caller.cancel()
        await worker.run(function)

    assert most(many) == 1
