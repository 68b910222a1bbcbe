"""Time slicing (cooperative scheduling): long requests run a slice at a time and yield to the event loop in between."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import islice
from time import perf_counter
from typing import TypeVar

from server.errors import Overloaded

AVERAGED = 8

Slice = TypeVar("Slice")


class TimeSlicer:
    """Runs one slice of one long request per iteration of the event loop, in turn; single rows go first.

    One instance serves rows and recordings of all models, so that a single row waits for at most one slice.

    A thread would delay single rows for longer: decoding holds the GIL, which is released on request only after
    milliseconds, and on one processor the kernel's scheduler does the same to the network.
    """

    def __init__(self, rows_wait: Callable[[], bool], max_wait_s: float) -> None:
        """`rows_wait` says whether a micro-batch is scheduled; `max_wait_s` is how long a request may wait for others."""
        self._rows_wait, self._max_wait_s = rows_wait, max_wait_s
        self._request_s = 0.0  # What a request takes, averaged over about the last AVERAGED.
        self._lock = asyncio.Lock()
        self._waiting = 0

    async def run(self, work: Iterator[Slice]) -> list[Slice]:
        """All items of `work`, each of which takes a millisecond or less; raises Overloaded if it would wait for too long."""
        if self._waiting * self._request_s > self._max_wait_s:
            raise Overloaded("too many requests of many rows are waiting, expected fewer at a time")
        self._waiting += 1
        try:
            slices: list[Slice] = []
            took_s = 0.0
            while True:
                found, seconds = await self._slice(work)
                if not found:
                    break
                slices += found
                took_s += seconds
            self._request_s += (took_s - self._request_s) / AVERAGED
            return slices
        finally:
            self._waiting -= 1

    async def stream(self, work: Iterator[Slice]) -> AsyncIterator[Slice]:
        """The items of `work` as they are asked for, by a client that may be slow; never refused, for its answer has begun."""
        while (found := await self._slice(work))[0]:
            yield found[0][0]

    async def _slice(self, work: Iterator[Slice]) -> tuple[list[Slice], float]:
        """The next item, none at the end, and how many seconds it took."""
        async with self._lock:
            began = perf_counter()
            found = list(islice(work, 1))
            if found:
                await self._yield_to_event_loop()
            return found, perf_counter() - began

    async def _yield_to_event_loop(self) -> None:
        """Let the loop read from the network; if single rows arrived, let their batch run too."""
        await asyncio.sleep(0)
        if self._rows_wait():
            await asyncio.sleep(0)
