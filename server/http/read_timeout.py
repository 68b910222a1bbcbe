"""The read timeout: how long a request may take to arrive."""

from asyncio import AbstractEventLoop
from collections.abc import Callable


class ReadTimeout:
    """Runs from the first byte of a request that has not arrived whole; it is extended for a long recording that keeps pace."""

    def __init__(self, loop: AbstractEventLoop, seconds: float, expired: Callable[[], None]) -> None:
        """Start it; `expired` is called once, after so many seconds."""
        self._loop, self._seconds, self._expired = loop, seconds, expired
        self.restart()

    def restart(self) -> None:
        """Start it anew."""
        self._began = self._loop.time()
        self._timer = self._loop.call_later(self._seconds, self._expired)

    def extend(self, seconds: float) -> bool:
        """Once expired, run on until `seconds` after its start; False if they are over."""
        left_s = self._began + seconds - self._loop.time()
        if left_s > 0:
            self._timer = self._loop.call_later(left_s, self._expired)
        return left_s > 0

    def cancel(self) -> None:
        """Stop it: the request has arrived, or the connection is gone."""
        self._timer.cancel()
