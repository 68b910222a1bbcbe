"""Lingering close: a connection closed with data unread is reset, and the response may be lost; so read on for a moment."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

LINGER_S = 1.0


class LingeringClose(asyncio.Protocol):
    """Takes over a transport after the last response: sends EOF, discards what arrives, and closes after LINGER_S."""

    def __init__(
        self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop, lost: Callable[[Exception | None], None]
    ) -> None:
        """`lost` is called when the connection is lost, as the protocol before would have been."""
        self._lost = lost
        self._timer = loop.call_later(LINGER_S, transport.close)
        if transport.can_write_eof():
            transport.set_protocol(self)
            transport.write_eof()
        else:
            transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client has closed the connection, or LINGER_S is over."""
        self._timer.cancel()
        self._lost(exc)


class LingeringTransport:
    """The transport as a request's response sees it: to close it calls `close`, which may linger."""

    def __init__(self, transport: asyncio.Transport, close: Callable[[], None]) -> None:
        self.write = transport.write
        self.is_closing = transport.is_closing
        self.close = close
