"""Load shedding: what would have to wait for too long is refused at once; overload is a time, not a count."""

from asyncio import AbstractEventLoop
from collections import deque
from collections.abc import Callable
from math import inf
from time import perf_counter

RECENT_BATCHES = 5
RESUME_EVERY_S = 0.01
RESUMED_AT_ONCE = 64


class LoadShedder:
    """Knows how many batches can be worked off within the longest wait, by the median time of the last ones.

    max_batches  of which the last waits for `max_wait_s`; infinite until batches have queued
    """

    def __init__(self, loop: AbstractEventLoop, max_wait_s: float) -> None:
        """`max_wait_s` is how long a row may have to wait for those before it, in seconds."""
        self.max_batches = inf
        self._loop, self._max_wait_s = loop, max_wait_s
        self._recent_s: deque[float] = deque(maxlen=RECENT_BATCHES)
        self._ended: float | None = None  # When the last batch was done (a time of perf_counter), if others queued then.
        self._deferred: deque[Callable[[], None]] = deque()

    def batch_done(self, others_queue: bool) -> None:
        """Measure the time since the end of the batch before, if this one queued and others do.

        That counts what the event loop does between two runs, too: reading requests takes as long as a run.
        """
        before, self._ended = self._ended, perf_counter() if others_queue else None
        if before is not None and self._ended is not None:
            self._recent_s.append(self._ended - before)
            self.max_batches = self._max_wait_s / sorted(self._recent_s)[len(self._recent_s) // 2]

    def defer(self, resume: Callable[[], None]) -> None:
        """Call `resume` in a moment, for a client that asks again at once whenever it is refused.

        A refusal costs half of what an answer does: such clients would take the time of all others, if not only so many of
        them were read in a second.
        """
        if not self._deferred:
            self._loop.call_later(RESUME_EVERY_S, self._resume)
        self._deferred.append(resume)

    def _resume(self) -> None:
        for _ in range(min(RESUMED_AT_ONCE, len(self._deferred))):
            self._deferred.popleft()()
        if self._deferred:
            self._loop.call_later(RESUME_EVERY_S, self._resume)
