"""How long a request may take to come: who sends a byte now and then holds a connection for so long and no longer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.errors import TooSlow

if TYPE_CHECKING:
    from server.http.limits import Bounded


class Deadline:
    """Runs from the first byte of a request that has not come whole until it has, or is refused."""

    def __init__(self, connection: Bounded) -> None:
        self._connection = connection
        self._seconds: int = connection.app_state["request_seconds"]
        self._start()

    def _start(self) -> None:
        self._timer = self._connection.loop.call_later(self._seconds, self._over)

    def end(self) -> None:
        """The request has come, or nobody is left to answer."""
        self._timer.cancel()

    def _over(self) -> None:
        cycle = self._connection.cycle
        if cycle and not cycle.response_complete and not cycle.more_body:
            self._start()  # The request before this one is still being answered.
        elif not self._connection.transport.is_closing():
            self._connection.refuse(TooSlow(f"expected the whole request within {self._seconds} seconds"))
