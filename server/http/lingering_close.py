"""The end of a connection on which something is still coming."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from server.http.limits import Bounded

LINGER_S = 1.0


class Ending:
    """Stands before the transport of a request that is answered before it has come whole: to close it is to linger."""

    def __init__(self, connection: Bounded) -> None:
        self._connection = connection
        self.write = connection.transport.write
        self.is_closing = connection.transport.is_closing

    def close(self) -> None:
        """End the connection, so that the answer arrives."""
        connection = self._connection
        if connection.cycle.more_body and not connection.transport.is_closing():
            Lingering(connection)
        else:
            connection.transport.close()


class Lingering(asyncio.Protocol):
    """Reads on for a moment after the last answer: a connection closed with something unread takes the answer along."""

    def __init__(self, connection: Bounded) -> None:
        self._connection = connection
        self._transport = transport = connection.transport
        self._timer = connection.loop.call_later(LINGER_S, transport.close)
        if transport.can_write_eof():
            transport.set_protocol(self)
            transport.write_eof()
        else:
            transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client has gone, or its time is up."""
        self._timer.cancel()
        self._connection.connection_lost(exc)
