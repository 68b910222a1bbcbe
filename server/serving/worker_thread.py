"""Worker threads: what would hold the event loop, of recordings or streams, runs there, at a lower priority than single rows."""

import asyncio
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter, thread_time
from typing import Any, TypeVar

NICENESS, NICENESS_BESIDE_ROWS = 10, 19
BUSY = 0.1  # of the time
MEASURED_S = 0.05

T = TypeVar("T")


class WorkerThread:
    """Runs one function at a time, at a lower priority than the event loop's thread (onnxruntime releases the GIL).

    Where both want all of a core, the kernel gives each its share of it, some milliseconds at a time, and single rows wait for
    each of them. So while the event loop is busy the functions run on another thread, of the lowest priority there is.
    A thread cannot have its priority back without privileges.
    """

    def __init__(self, name: str) -> None:
        self._usual, self._lowest = (
            ThreadPoolExecutor(1, name, lower_thread_priority, (niceness,)) for niceness in (NICENESS, NICENESS_BESIDE_ROWS)
        )
        self._is_free = asyncio.Lock()
        self._asked, self._worked, self._is_busy = perf_counter(), thread_time(), False

    async def run(self, function: Callable[..., T], *arguments: Any) -> T:
        """What `function` returns; one whose caller has gone runs to its end before the next."""
        async with self._is_free:
            thread = self._lowest if self._event_loop_is_busy() else self._usual
            running = asyncio.get_running_loop().run_in_executor(thread, function, *arguments)
            try:
                return await asyncio.shield(running)
            finally:
                await asyncio.wait([running])

    def _event_loop_is_busy(self) -> bool:
        """Whether its thread worked for more than BUSY of the time since this was measured, at least MEASURED_S ago."""
        now, worked = perf_counter(), thread_time()
        if now - self._asked >= MEASURED_S:
            self._is_busy = worked - self._worked > BUSY * (now - self._asked)
            self._asked, self._worked = now, worked
        return self._is_busy


def lower_thread_priority(niceness: int) -> None:
    """Give this thread less processor time than the event loop's, where the system has priorities of threads."""
    if hasattr(os, "setpriority"):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), niceness)
