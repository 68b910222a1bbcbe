"""The fast path: one row as JSON, POSTed to /predict, is answered from the parser's callbacks, without the ASGI application.

It answers only what is plainly a good row. Every other request goes to the application as it came, and is answered, or
refused, there; a request with a large body does so once its body is complete. A head that the parser has seen before, byte
by byte, is not parsed again.
"""

from asyncio import Transport
from typing import cast

from server.api.responses import FIELDS
from server.http.fast_request import FastRequest, HeadCache, KnownHead
from server.http.keep_alive import keep_alive_header
from server.http.large_body import LARGE_BYTES, LargeBodyProtocol
from server.http.limits import LimitedProtocol
from server.observability.request_id import HEADER, TRACEPARENT
from server.serving.classifier_service import ClassifierService
from server.serving.graceful_shutdown import GracefulShutdown
from server.serving.hot_reload import HotReload
from server.serving.micro_batcher import PATH

END_OF_HEAD = b"\r\n\r\n"
JSON_TYPES = frozenset((b"application/json", b"application/json; charset=utf-8"))


class FastPathProtocol(LargeBodyProtocol):
    """uvicorn's protocol with limits, large bodies in one piece, and the fast path."""

    _request: FastRequest | None = None
    _was_rejected = False  # The last row, because of overload.
    _default_headers: list[tuple[bytes, bytes]] | None = None
    _headers_of: ClassifierService | None = None
    _headers: tuple[bytes, bytes] = (b"", b"")

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]  # as uvicorn narrows it
        """Read from the application's state what answers."""
        super().connection_made(transport)
        self._classifier: HotReload[ClassifierService] = self.app_state["classifier"]
        self._shutdown: GracefulShutdown = self.app_state["shutdown"]
        self._head_cache: HeadCache = self.app_state["head_cache"]
        self._paths = (PATH.encode(), self.app_state["root_path"].encode() + PATH.encode())

    def data_received(self, data: bytes) -> None:
        """Submit a plain row with a known head; parse anything else, and keep the head if it was that of a plain row."""
        before = self.cycle
        is_first = self._is_complete and before is not None and before.response_complete and not self.flow.write_paused
        end = data.find(END_OF_HEAD) + len(END_OF_HEAD)
        known = self._head_cache.get(data[:end])
        if known and is_first and len(data) == end + known.body_bytes and self._submit_known(known, data[end:]):
            return
        super().data_received(data)
        if is_first and self.cycle is not before and isinstance(self.cycle, FastRequest):
            self._keep_head(data[:end], len(data) - end, self.cycle)

    def _keep_head(self, head: bytes, body_bytes: int, request: FastRequest) -> None:
        """Keep a head if one packet was `request` and nothing else."""
        if request.is_usual and len(request.body) == body_bytes:
            self._head_cache.add(head, KnownHead(body_bytes, dict(self.headers).get(b"authorization")))

    def _submit_known(self, known: KnownHead, body: bytes) -> bool:
        """Queue the row if there is a model, the key is good, and it is a plain row; False if nothing was done."""
        service = self._classifier.service
        if service is None or (self._api_keys and not self._api_keys.accepts(known.authorization)):
            return False
        before, request = self.cycle, FastRequest(self, True, None)
        request.more_body = False
        request.service = service
        self._set_cycle(request)
        self.idle_since = None
        if self._queue(request, body):
            return True
        self.cycle = before
        return False

    def _queue(self, request: FastRequest, body: bytes) -> bool:
        """Submit a plain row to the micro-batcher, or reject it under overload; False if it is no plain row."""
        batcher = request.service.batcher
        if batcher.is_overloaded:
            batcher.reject(request)
            if self._was_rejected:
                self.flow.pause_reading()
                batcher.shedder.defer(self._resume_reading)
            self._was_rejected = True
            return True
        row = request.service.reader.plain_row(body)
        if row is None:
            return False
        self._was_rejected = False
        batcher.submit(row, request)
        return True

    def _resume_reading(self) -> None:
        if not self.transport.is_closing():
            self.flow.resume_reading()

    def _collect(self, length: int, headers: dict[bytes, bytes]) -> None:
        """Collect the body of what may be a plain row, or a large body."""
        if length <= LARGE_BYTES and self._is_fast(headers):
            self._request = FastRequest(self, self.parser.should_keep_alive(), headers.get(HEADER), headers.get(TRACEPARENT))
            self._set_cycle(self._request)
        else:
            super()._collect(length, headers)

    def _is_fast(self, headers: dict[bytes, bytes]) -> bool:
        return (
            self.url in self._paths
            and headers.get(b"content-type") in JSON_TYPES
            and self.parser.get_method() == b"POST"
            and self._classifier.service is not None
        )

    def on_body(self, body: bytes) -> None:
        """Collect it."""
        if self._request:
            self._request.body += body
        else:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """Submit a plain row to the micro-batcher; pass anything else to the application."""
        if not self._request:
            super().on_message_complete()
            return
        self._complete_message()
        request, self._request = self._request, None
        request.more_body = False
        request.service = cast(ClassifierService, self._classifier.service)
        if not self._queue(request, request.body):
            self._pass_to_application(request.body)

    def respond(self, request: FastRequest, status: bytes, body: bytes, headers: bytes = b"") -> None:
        """Write a response; then uvicorn goes on with the next request, or the connection is closed."""
        request.response_complete = True
        if request.disconnected or self.transport.is_closing():
            return
        stays_open = request.keep_alive and not self._shutdown.has_begun
        if request.request_id:
            headers += b"%b: %b\r\n" % (HEADER, request.request_id)
        own = self._response_headers(request.service)[stays_open]
        self.transport.write(b"HTTP/1.1 %b\r\n%b%bcontent-length: %d\r\n\r\n%b" % (status, own, headers, len(body), body))
        if not stays_open:
            self.transport.close()
        LimitedProtocol.on_response_complete(self)  # A small body has reserved no memory.

    def _response_headers(self, service: ClassifierService) -> tuple[bytes, bytes]:
        """The headers of a last response and of one before others, made anew for another model or with uvicorn's own (date)."""
        if self._default_headers is not self.server_state.default_headers or self._headers_of is not service:
            self._default_headers, self._headers_of = self.server_state.default_headers, service
            own = {"content-type": "application/json", **service.headers}
            encoded = [(name.lower().encode(), value.encode()) for name, value in own.items()]
            headers = b"".join([name + b": " + value + b"\r\n" for name, value in [*self._default_headers, *encoded, *FIELDS]])
            keep_alive = b"%b: %b\r\n" % keep_alive_header(self.timeout_keep_alive)
            self._headers = headers + b"connection: close\r\n", headers + keep_alive
        return self._headers
