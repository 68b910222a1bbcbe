"""Large bodies: collected past the parser before the application runs."""

from __future__ import annotations

from asyncio import Event, Transport
from typing import TYPE_CHECKING, cast

import httptools

from server.api.memory_budget import BodyLimit, Reservation
from server.http.body_reader import BodyReader
from server.http.limits import LimitedProtocol

if TYPE_CHECKING:
    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

    from server.api_keys import ApiKeys

LARGE_BYTES = 65_536
SLOW_HEADERS = frozenset((b"content-encoding", b"expect", b"transfer-encoding", b"upgrade"))


class CollectedRequest:
    """Takes the place of uvicorn's `RequestResponseCycle` while a body is collected; the attributes are those uvicorn uses."""

    message_event = Event()  # Only ever set, by uvicorn when the client goes away; nothing waits for it.
    more_body = True
    disconnected = False
    response_complete = False

    def __init__(self, keep_alive: bool) -> None:
        self.keep_alive = keep_alive


class LargeBodyProtocol(LimitedProtocol):
    """uvicorn's protocol with limits; a body of more than LARGE_BYTES goes to the application in one piece."""

    _large_body: BodyReader | None = None
    _slow_headers = SLOW_HEADERS

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]  # as uvicorn narrows it
        """Read from the application's state who may send, and how much."""
        super().connection_made(transport)
        keys: ApiKeys = self.app_state["api_keys"]
        self._api_keys = keys if keys.are_required else None
        self._limits = self.app_state["body_limits"]
        self._reservation = Reservation(self._limits.bodies.budget)
        self._prefix = self.app_state["root_path"]
        if self.app_state["origins"]:
            self._slow_headers = SLOW_HEADERS | {b"origin"}

    def connection_lost(self, exc: Exception | None) -> None:
        """Release the memory of a body."""
        self._reservation.release()
        super().connection_lost(exc)

    def on_headers_complete(self) -> None:
        """Collect the body if nothing speaks against it, else go on as uvicorn does."""
        self._check_header_limits()
        self._large_body = None
        headers = dict(self.headers)
        length = self._length_to_collect(headers)
        if length is None or (self._api_keys and not self._api_keys.accepts(headers.get(b"authorization"))):
            super().on_headers_complete()
        else:
            self._collect(length, headers)

    def _length_to_collect(self, headers: dict[bytes, bytes]) -> int | None:
        """The length of the body, if the body can be collected before anything else happens."""
        length = int(headers.get(b"content-length", 0))
        is_busy = (self.cycle is not None and not self.cycle.response_complete) or self.flow.write_paused
        if is_busy or length <= 0 or len(headers) < len(self.headers):
            return None
        if length > self._limits.bodies.max_bytes and length > self._limit(headers).max_bytes:
            return None
        return length if headers.keys().isdisjoint(self._slow_headers) and self.parser.get_http_version() == "1.1" else None

    def _limit(self, headers: dict[bytes, bytes]) -> BodyLimit:
        """The limit of the body."""
        path = self.url.partition(b"?")[0].decode("latin-1")
        limit: BodyLimit = self._limits.of(path.removeprefix(self._prefix), headers)
        return limit

    def _collect(self, length: int, headers: dict[bytes, bytes]) -> None:
        """Prepare for a large body if there is memory for it; without, the application refuses the request."""
        if length > LARGE_BYTES:
            self._reservation = Reservation(self._limit(headers).budget)
        if length > LARGE_BYTES and self._reservation.acquire(length):
            self._large_body = BodyReader(self.transport, self, self.loop, length, self._large_body_read)
            self._set_cycle(CollectedRequest(self.parser.should_keep_alive()))
        else:
            super().on_headers_complete()

    def _wait_for_more(self) -> None:
        """Behind the head of a request with a large body, read that from the transport."""
        super()._wait_for_more()
        if self._large_body:
            self._large_body.read_from_transport()

    def _arrived_bytes(self) -> int:
        """How much of the request has arrived; a large body does not come by the parser."""
        return self._large_body.filled if self._large_body else super()._arrived_bytes()

    def on_body(self, body: bytes) -> None:
        """Add what came in one packet with the head."""
        if self._large_body:
            self._large_body.add(body)
        else:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """Pass a large body on that came in one packet with the head."""
        if self._large_body:
            self._pass_large_body_to_application(self._large_body)
        else:
            super().on_message_complete()

    def on_response_complete(self) -> None:
        """Release the memory of the body."""
        self._reservation.release()
        super().on_response_complete()

    def _large_body_read(self) -> None:
        """The body was read past the parser, which starts anew."""
        if self._large_body:
            self._pass_large_body_to_application(self._large_body)
            self.parser = httptools.HttpRequestParser(self)
            self.parser.set_dangerous_leniencies(lenient_data_after_close=True)

    def _pass_large_body_to_application(self, large: BodyReader) -> None:
        self._complete_message()
        self._state = {"body": large.body, "reservation": self._reservation}
        self._large_body = None
        self._pass_to_application(b"")
        self._state = {}  # Whoever answers can let go of the body before the answer is sent.

    def _pass_to_application(self, body: bytes) -> None:
        """Give a complete request to the application as if it had just arrived."""
        keep_alive = self.cycle.keep_alive
        self._set_cycle(None)
        LimitedProtocol.on_headers_complete(self)
        self.cycle.keep_alive = self.cycle.keep_alive and keep_alive
        LimitedProtocol.on_body(self, body)
        LimitedProtocol.on_message_complete(self)

    def _set_cycle(self, request: CollectedRequest | None) -> None:
        self.cycle = cast("RequestResponseCycle", request)
