"""Runs the network for all live streams of a process, and admits no more of them than it can run for in time."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter, thread_time
from typing import Any, Protocol, TypeVar

from server.errors import Overloaded
from server.serving.worker_thread import WorkerThread

SHARE = 0.85  # of the time of a processor core that runs may take, before streams are refused
RUN_S, RUN_OVER_S = 0.0055, 1.0  # processor time of a run over a full window, and its new signal, before any was measured
AVERAGED = 100  # runs
LATEST_S = 0.3  # A stream is refused if the last run had to wait for longer.

T = TypeVar("T")


class StreamCounters(Protocol):
    """What is counted of streams."""

    def record_stream(self, opened: int) -> None:
        """Count one stream more, or one less."""


class StreamScheduler:
    """A worker thread, of lower priority than the event loop's, runs the network for one stream after another.

    A stream asks again when its last run is done and some signal has come. If runs are late, each is over more signal:
    beats come later, but what is waiting does not grow.
    """

    def __init__(self, counters: StreamCounters) -> None:
        self._worker = WorkerThread("streams")
        self._counters = counters
        self._open = 0
        self._run_s, self._signal_s, self._waited_s = RUN_S, RUN_OVER_S, 0.0

    @property
    def most_streams(self) -> int:
        """How many streams it can run for, by the processor time of runs over full windows for each second that came lately."""
        return int(SHARE * self._signal_s / self._run_s)

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Hold one of the streams that can be open; raises Overloaded before those that are open are late."""
        if self._open and (self._open >= self.most_streams or self._waited_s > LATEST_S):
            raise Overloaded("expected fewer streams at a time")
        self._open += 1
        self._counters.record_stream(1)
        try:
            yield
        finally:
            self._open -= 1
            self._counters.record_stream(-1)

    async def run(self, signal_s: float, is_full: bool, function: Callable[..., T], *arguments: Any) -> T:
        """The result of `function`, called on the worker thread.

        signal_s  how much signal has come since the stream's last run
        is_full   whether the run is over a full window: those of a young stream are short, and say nothing of what it will cost
        """
        asked = perf_counter()
        began, run_s, result = await self._worker.run(_timed, function, *arguments)
        self._waited_s = began - asked
        if is_full:
            self._run_s += (run_s - self._run_s) / AVERAGED
            self._signal_s += (signal_s - self._signal_s) / AVERAGED
        return result


def _timed(function: Callable[..., T], *arguments: Any) -> tuple[float, float, T]:
    """When `function` was called, the processor time that it took, and what it returned."""
    began, before = perf_counter(), thread_time()
    result = function(*arguments)
    return began, thread_time() - before, result
