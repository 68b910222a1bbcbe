"""What a client may do to a connection: how long a request may take to come, how long it may be, how many may wait.

uvicorn's connection has no such bounds, and says what it does not understand in plain text.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, cast

import httptools
from uvicorn._types import HTTPScope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from server.api import responses as respond
from server.errors import HeadTooLarge, MalformedHttp, Overloaded, RequestError
from server.http.lingering_close import Ending, Lingering
from server.http.read_timeout import Deadline
from server.observability.counters import OTHER_PATH

if TYPE_CHECKING:
    from server.observability.counters import Counters
    from server.serving.classifier_service import ClassifierService
    from server.serving.graceful_shutdown import GracefulShutdown
    from server.serving.hot_reload import HotReload

LONGEST_HEAD_BYTES = 65_536
MOST_FIELDS = 100
MOST_PIPELINED = 64

log = logging.getLogger(__name__)


class Bounded(HttpToolsProtocol):
    """uvicorn's connection within bounds; the application's state holds what they are."""

    classifier: HotReload[ClassifierService]
    graceful_shutdown: GracefulShutdown
    counters: Counters
    _came_bytes = 0
    _marks: dict[str, object]
    _idle_since: float | None = None
    _has_come = False
    _is_over = False
    _head_has_come = False
    _head_bytes = 0
    _held_bytes = 0
    _deadline: Deadline | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Learn from the application's state what answers."""
        super().connection_made(transport)
        self.classifier, self.graceful_shutdown = self.app_state["classifier"], self.app_state["shutdown"]
        self.counters = self.app_state["counters"]
        self._idle()

    def data_received(self, data: bytes) -> None:
        """Parse what came."""
        self._idle_since = None
        self._has_come = False
        self._came_bytes = len(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            pass  # It was answered without one.
        except httptools.HttpParserError:
            self._stop_at(MalformedHttp("expected a request of HTTP/1.1, this is none"))
        if not self._has_come and not self.transport.is_closing():
            self._wait_for_more()

    def on_message_begin(self) -> None:
        """Wait for a head; a scope is made when there is somebody to read it."""
        self.url, self.headers, self.expect_100_continue = b"", [], False
        self.scope, self._marks = cast(HTTPScope, None), {}

    def _wait_for_more(self) -> None:
        """The request has not come whole: its time runs, and the head may not be longer than it may."""
        if self._deadline is None:
            self._deadline = Deadline(self)
        self._head_bytes = 0 if self._head_has_come else self._head_bytes + self._came_bytes
        if self._head_bytes > LONGEST_HEAD_BYTES:
            self.refuse(HeadTooLarge(f"expected at most {MOST_FIELDS} header fields of {LONGEST_HEAD_BYTES} bytes in all"))

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody is left to wait for."""
        self._end_deadline()
        self._let_go()
        super().connection_lost(exc)

    def on_headers_complete(self) -> None:
        """Go uvicorn's way, if not too many requests wait before this one."""
        if len(self.pipeline) == MOST_PIPELINED:
            self._stop(Overloaded(f"expected at most {MOST_PIPELINED} requests to be sent before the first is answered"))
        url, headers, expects = self.url, self.headers, self.expect_100_continue
        super().on_message_begin()
        self.url, self.headers, self.expect_100_continue = url, headers, expects
        self.scope["headers"] = headers
        self.scope["state"] |= self._marks
        super().on_headers_complete()
        self.cycle.transport = cast(asyncio.Transport, Ending(self))

    def _bear_head(self) -> None:
        """Go on if the head that has come is of bearable size."""
        self._head_has_come = True
        if len(self.headers) <= MOST_FIELDS and self._head_bytes + self._came_bytes <= LONGEST_HEAD_BYTES:
            return
        size = sum(len(name) + len(value) for name, value in self.headers) + len(self.url)
        if len(self.headers) > MOST_FIELDS or size > LONGEST_HEAD_BYTES:
            self._stop(HeadTooLarge(f"expected at most {MOST_FIELDS} header fields of {LONGEST_HEAD_BYTES} bytes in all"))

    def on_body(self, body: bytes) -> None:
        """Hold what has come for the application; what comes after its answer is nobody's."""
        if not self.cycle.response_complete:
            self._hold(len(body))
            super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is whole."""
        self._whole()
        super().on_message_complete()
        self.cycle.more_body = False
        if self.cycle.response_complete:  # It was answered before it had come.
            self._idle()

    def _whole(self) -> None:
        self._has_come = True
        self._head_has_come = False
        if self._deadline:
            self._end_deadline()

    def on_response_complete(self) -> None:
        """Go on as uvicorn does, but let a timer that runs already run on: one serves many requests."""
        self._idle_since = self.loop.time()
        if self._held_bytes:
            self._let_go()
        if self.timeout_keep_alive_task is None or self.pipeline or self.transport.is_closing():
            super().on_response_complete()
        else:
            self.server_state.total_requests += 1
            self.flow.resume_reading()

    def _idle(self) -> None:
        """Nothing is under way; if nothing comes for long, the connection ends."""
        self._idle_since = self.loop.time()
        if self.timeout_keep_alive_task is None:
            self.timeout_keep_alive_task = self.loop.call_later(self.timeout_keep_alive, self.timeout_keep_alive_handler)

    def _unset_keepalive_if_required(self) -> None:
        if self.transport.is_closing():
            super()._unset_keepalive_if_required()

    def timeout_keep_alive_handler(self) -> None:
        """Close a connection on which nothing has come for long; look again later if something has."""
        self.timeout_keep_alive_task = None
        if self._idle_since is None:
            return
        left_s = self._idle_since + self.timeout_keep_alive - self.loop.time()
        if left_s > 0:
            self.timeout_keep_alive_task = self.loop.call_later(left_s, self.timeout_keep_alive_handler)
        else:
            super().timeout_keep_alive_handler()

    def _hold(self, size: int) -> bool:
        """Take room for so much of a body; without it the application refuses the request."""
        if self.app_state["memory_budget"].take(size):
            self._held_bytes += size
            return True
        (self.scope["state"] if self.scope else self._marks)["is_full"] = True
        return False

    def _let_go(self) -> None:
        self.app_state["memory_budget"].give(self._held_bytes)
        self._held_bytes = 0

    def _end_deadline(self) -> None:
        if self._deadline:
            self._deadline.end()
            self._deadline = None

    def _stop(self, error: RequestError) -> None:
        """Refuse from within the parser, which goes no further."""
        self.refuse(error)
        raise httptools.HttpParserError

    def _stop_at(self, error: RequestError) -> None:
        """Refuse what the parser could not go on with, if that was not because of a refusal."""
        if not self._is_over and not self.transport.is_closing():
            self.refuse(error)

    def refuse(self, error: RequestError) -> None:
        """Answer what will not come, or is no request, and end the connection; silently if another answer is under way."""
        cycle = self.cycle
        self._has_come = self._is_over = True
        self.counters.record_refusals(error.reason)
        if cycle and (getattr(cycle, "response_started", False) if cycle.more_body else not cycle.response_complete):
            self.transport.close()
            return
        self.counters.record_responses(OTHER_PATH, error.status, 0)
        log.info("%s", error, extra={"status": int(error.status), "reason": error.reason})
        self.transport.write(respond.raw(error))
        if cycle:
            cycle.disconnected = True
        Lingering(self)
