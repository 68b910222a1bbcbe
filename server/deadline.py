"""How long a request may take to come: who sends a byte now and then holds a connection for so long and no longer."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from server import protocol

if TYPE_CHECKING:
    from server.connection import Connection


class Deadline:
    """Runs from the first byte of a request that has not come whole until it has, or is answered 408."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._seconds: int = connection.app_state["request_seconds"]
        self._timer = connection.loop.call_later(self._seconds, self._over)

    def end(self) -> None:
        """The request has come, or nobody is left to answer."""
        self._timer.cancel()

    def _over(self) -> None:
        connection = self._connection
        if connection.transport.is_closing():
            return
        cycle = connection.cycle
        if cycle is None or cycle.response_complete:
            self._refuse()
        elif not cycle.more_body:  # The request before this one is still being answered.
            self._timer = connection.loop.call_later(self._seconds, self._over)
        elif getattr(cycle, "response_started", False):
            connection.transport.close()
        else:
            self._refuse()

    def _refuse(self) -> None:
        status = HTTPStatus.REQUEST_TIMEOUT
        body = protocol.encode(protocol.Failure(f"expected the whole request within {self._seconds} seconds"))
        head = b"HTTP/1.1 %d %b\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: %d\r\n\r\n"
        self._connection.transport.write(head % (status, status.phrase.encode(), len(body)) + body)
        self._connection.transport.close()
