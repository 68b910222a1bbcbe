"""Idle connections: uvicorn's protocol with one keep-alive timer per connection instead of one per request."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from server.http.read_timeout import ReadTimeout

if TYPE_CHECKING:
    from server.http.keep_alive import Connection


class IdleTimeoutProtocol(HttpToolsProtocol):
    """Closes the connection when no request has come for `timeout_keep_alive` seconds, the first one included.

    idle_since  when the connection became idle, in seconds of the event loop's clock; None while a request is in progress
    """

    idle_since: float | None = None
    _read_timeout: ReadTimeout | None = None  # Runs while a request has arrived in part.

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn narrows it
        """Start the timer; if there are many connections, have the longest idle closed."""
        super().connection_made(transport)
        self._become_idle()
        self.app_state["idle_limit"].check(cast("set[Connection]", self.connections), self.loop)

    def on_response_complete(self) -> None:
        """Go on as uvicorn does, but let a timer that runs already run on."""
        if not self.pipeline and self._read_timeout is None:
            self.idle_since = self.loop.time()
        if self.timeout_keep_alive_task is None or self.pipeline or self.transport.is_closing():
            super().on_response_complete()
        else:
            self.server_state.total_requests += 1
            self.flow.resume_reading()

    def _become_idle(self) -> None:
        self.idle_since = self.loop.time()
        if self.timeout_keep_alive_task is None:
            self._start_timer(self.timeout_keep_alive)

    def _start_timer(self, seconds: float) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(seconds, self.timeout_keep_alive_handler)

    def _unset_keepalive_if_required(self) -> None:
        if self.transport.is_closing():
            super()._unset_keepalive_if_required()

    def timeout_keep_alive_handler(self) -> None:
        """Close the connection if it was idle all the time; if a request came in between, wait for what is left."""
        self.timeout_keep_alive_task = None
        if self.idle_since is None:
            return
        left_s = self.idle_since + self.timeout_keep_alive - self.loop.time()
        if left_s > 0:
            self._start_timer(left_s)
        else:
            self.close_idle()

    def close_idle(self) -> None:
        """Close the connection."""
        super().timeout_keep_alive_handler()
