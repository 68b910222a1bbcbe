"""Limits on a connection: the size of a head, the time a request takes to arrive, and how many requests are pipelined.

uvicorn's protocol has no such limits, and answers what is not HTTP in plain text.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, cast

import httptools
from uvicorn._types import HTTPScope

from server.api import responses
from server.errors import HeadTooLarge, MalformedHttp, Overloaded, RequestError, TooSlow
from server.http.idle_timeout import IdleTimeoutProtocol
from server.http.lingering_close import LingeringClose, LingeringTransport
from server.http.read_timeout import ReadTimeout
from server.observability.counters import OTHER_PATH

if TYPE_CHECKING:
    from server.observability.counters import Counters

MAX_HEAD_BYTES = 65_536
MAX_HEADERS = 100
MAX_PIPELINED = 64
STREAM_PATH = b"/stream"
PIPELINE_LIMIT = f"expected at most {MAX_PIPELINED} requests to be sent before the first is answered"
HEAD_LIMITS = f"expected at most {MAX_HEADERS} header fields of {MAX_HEAD_BYTES} bytes in all"

log = logging.getLogger(__name__)


class LimitedProtocol(IdleTimeoutProtocol):
    """uvicorn's protocol with limits; a request over a limit gets a response in JSON, and the connection is closed."""

    counters: Counters
    _state: dict[str, Any]  # Added to the state of the request's scope.
    _received_bytes = 0
    _head_bytes = 0
    _request_bytes = 0
    _is_complete = False
    _is_head_complete = False
    _is_refused = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn narrows it
        """Read from the application's state what the limits are."""
        super().connection_made(transport)
        self.counters = self.app_state["counters"]
        self._stream_paths = (STREAM_PATH, self.app_state["root_path"].encode() + STREAM_PATH)

    def data_received(self, data: bytes) -> None:
        """Parse what arrived; as long as a request is incomplete its read timeout runs."""
        self.idle_since = None
        if self._is_complete:
            self._is_complete = False
            self._head_bytes = self._request_bytes = 0
        self._received_bytes = len(data)
        self._request_bytes += len(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            if self._should_upgrade():
                self.handle_websocket_upgrade()
                return
            # Any other request was answered as if it had not asked for one.
        except httptools.HttpParserError:
            if not self._is_refused and not self.transport.is_closing():
                self.refuse(MalformedHttp("expected a request of HTTP/1.1, this is none"))
        if not self._is_complete and not self.transport.is_closing():
            self._wait_for_more()

    def _wait_for_more(self) -> None:
        """Start the read timeout, and check the length of a head that has no end yet."""
        if self._read_timeout is None:
            self._read_timeout = ReadTimeout(self.loop, self.app_state["request_seconds"], self._read_timed_out)
        self._head_bytes = 0 if self._is_head_complete else self._head_bytes + self._received_bytes
        if self._head_bytes > MAX_HEAD_BYTES:
            self.refuse(HeadTooLarge(HEAD_LIMITS))

    def _read_timed_out(self) -> None:
        cycle = self.cycle
        if self._read_timeout and cycle and not cycle.response_complete and not cycle.more_body:
            self._read_timeout.restart()  # The response to the request before this one is not complete.
        elif self._read_timeout and self._read_timeout.extend(self.app_state["body_limits"].seconds(self._arrived_bytes())):
            pass
        elif not self.transport.is_closing():
            self.refuse(TooSlow(f"expected the whole request within {self.app_state['request_seconds']} seconds"))

    def _arrived_bytes(self) -> int:
        """How much of the request has arrived."""
        return self._request_bytes

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the read timeout."""
        self._cancel_read_timeout()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """Begin a head; the scope is made only if the request goes to the application."""
        self.url, self.headers, self.expect_100_continue = b"", [], False
        self.scope, self._state = cast(HTTPScope, None), {}
        self._is_complete = False

    def on_headers_complete(self) -> None:
        """Go on as uvicorn does: make the scope, and start the application's task or queue it."""
        if len(self.pipeline) == MAX_PIPELINED:
            self._refuse_in_parser(Overloaded(PIPELINE_LIMIT))
        url, headers, expects = self.url, self.headers, self.expect_100_continue
        super().on_message_begin()
        self.url, self.headers, self.expect_100_continue = url, headers, expects
        self.scope["headers"] = headers
        self.scope["state"] |= self._state
        super().on_headers_complete()
        if not self._should_upgrade():
            self.cycle.transport = cast(asyncio.Transport, LingeringTransport(self.transport, self._close_after_response))

    def _should_upgrade(self) -> bool:
        """Whether the request is to become a stream; not while the response to another one is being written."""
        is_busy = self.cycle is not None and not self.cycle.response_complete
        return not is_busy and self.url.partition(b"?")[0] in self._stream_paths and super()._should_upgrade()

    def handle_websocket_upgrade(self) -> None:
        """Give the connection to the WebSocket protocol; the timers of requests end."""
        self._cancel_read_timeout()
        if self.timeout_keep_alive_task:
            self.timeout_keep_alive_task.cancel()
        super().handle_websocket_upgrade()

    def _check_header_limits(self) -> None:
        """Refuse a complete head that is over MAX_HEADERS or MAX_HEAD_BYTES."""
        self._is_head_complete = True
        received, before = self._received_bytes, self._head_bytes
        if len(self.headers) <= MAX_HEADERS and received <= MAX_HEAD_BYTES and before + received <= MAX_HEAD_BYTES:
            return
        size = sum(len(name) + len(value) for name, value in self.headers) + len(self.url)
        if len(self.headers) > MAX_HEADERS or size > MAX_HEAD_BYTES:
            self._refuse_in_parser(HeadTooLarge(HEAD_LIMITS))

    def on_message_complete(self) -> None:
        """Stop the read timeout; go on as uvicorn does."""
        self._complete_message()
        if self._should_upgrade():
            return
        super().on_message_complete()
        self.cycle.more_body = False
        if self.cycle.response_complete:  # The request was answered before its body had arrived.
            self._become_idle()

    def _complete_message(self) -> None:
        self._is_complete = True
        self._is_head_complete = False
        self._head_bytes = -self._received_bytes  # What is left of the packet belongs to the next head, and is not counted.
        if self._read_timeout:
            self._cancel_read_timeout()

    def _cancel_read_timeout(self) -> None:
        if self._read_timeout:
            self._read_timeout.cancel()
            self._read_timeout = None

    def _close_after_response(self) -> None:
        """Close the connection; linger if the request's body has not arrived, so that the response is not lost."""
        if self.cycle.more_body and not self.transport.is_closing():
            LingeringClose(self.transport, self.loop, self.connection_lost)
        else:
            self.transport.close()

    def _refuse_in_parser(self, error: RequestError) -> None:
        """Refuse from a callback of the parser, and stop it."""
        self.refuse(error)
        raise httptools.HttpParserError

    def refuse(self, error: RequestError) -> None:
        """Respond to what is not, or not yet, a request, and close the connection; only close it if a response has begun."""
        cycle = self.cycle
        self._is_complete = self._is_refused = True
        self.counters.record_refusals(error.reason)
        if cycle and (getattr(cycle, "response_started", False) if cycle.more_body else not cycle.response_complete):
            self.transport.close()
            return
        self.counters.record_responses(OTHER_PATH, error.status, 0)
        log.info("%s", error, extra={"status": int(error.status), "reason": error.reason})
        self.transport.write(responses.raw(error))
        if cycle:
            cycle.disconnected = True
        LingeringClose(self.transport, self.loop, self.connection_lost)
