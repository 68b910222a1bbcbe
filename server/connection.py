"""A client's connection: uvicorn's, with a shorter way for the commonest request.

One row as JSON, POSTed to /predict, is answered from the parser's callbacks, without the ASGI scope, task and messages that
cost more than the network does. The short way only ever says 200: a request that is in any way unlike that, or whose
body is not plainly one good row, goes to the application as it came, and what is to be said about it is said there.
"""

from asyncio import Event
from typing import cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from server import protocol
from server.service import Service

LONGEST_BYTES = 65_536
PLAIN_TYPES = frozenset((b"application/json", b"application/json; charset=utf-8"))
NOT_PLAIN = frozenset((b"content-encoding", b"expect", b"transfer-encoding", b"upgrade"))


class Exchange:
    """A request on the short way and its answer; it stands where uvicorn keeps its cycle of request and response."""

    message_event = Event()  # Nobody ever waits for it: uvicorn sets it when the client goes away.

    def __init__(self, connection: "Connection", keep_alive: bool) -> None:
        self.connection = connection
        self.keep_alive = keep_alive
        self.body = b""
        self.disconnected = False
        self.response_complete = False

    def answer(self, predicted_class: int, probability: float) -> None:
        """Write the prediction."""
        self._write(b"200 OK", protocol.encode(protocol.Prediction(predicted_class, probability)))

    def fail(self) -> None:
        """Write that the server failed."""
        self._write(b"500 Internal Server Error", protocol.FAILED)

    def _write(self, status: bytes, body: bytes) -> None:
        """Write the response; what comes next is uvicorn's: another request, or the end of the connection."""
        self.response_complete = True
        connection = self.connection
        if self.disconnected or connection.transport.is_closing():
            return
        close = b"" if self.keep_alive else b"connection: close\r\n"
        head = b"HTTP/1.1 %b\r\n%b%bcontent-length: %d\r\n\r\n" % (status, connection.fields(), close, len(body))
        connection.transport.write(head + body)
        if not self.keep_alive:
            connection.transport.close()
        connection.on_response_complete()


class Connection(HttpToolsProtocol):
    """A connection; the application's state holds what answers it."""

    exchange: Exchange | None = None
    _fields = b""
    _made_from: list[tuple[bytes, bytes]] | None = None

    def on_headers_complete(self) -> None:
        """Take the short way if nothing but the body can still speak against it."""
        if self._is_plain():
            self.exchange = Exchange(self, self.parser.should_keep_alive())
            self._set_cycle(self.exchange)
        else:
            self.exchange = None
            super().on_headers_complete()

    def _is_plain(self) -> bool:
        if self.url != b"/predict" or self.parser.get_method() != b"POST" or self.app_state["service"] is None:
            return False
        if self.cycle is not None and not self.cycle.response_complete:
            return False
        if self.flow.write_paused:
            return False
        headers = dict(self.headers)
        length = headers.get(b"content-length")
        return (
            headers.get(b"content-type") in PLAIN_TYPES
            and length is not None
            and int(length) <= min(LONGEST_BYTES, self.app_state["max_body_bytes"])
            and len(headers) == len(self.headers)
            and headers.keys().isdisjoint(NOT_PLAIN)
            and self.parser.get_http_version() == "1.1"
        )

    def on_body(self, body: bytes) -> None:
        """Keep what has come; on the short way the length is known and small."""
        if self.exchange is None:
            super().on_body(body)
        else:
            self.exchange.body += body

    def on_message_complete(self) -> None:
        """Let a plain row join the turn."""
        exchange = self.exchange
        if exchange is None:
            super().on_message_complete()
            return
        service: Service = self.app_state["service"]
        row = service.reader.plain_row(exchange.body)
        if row is None:
            self.hand_over(exchange)
        else:
            service.turn.join(row, exchange)

    def hand_over(self, exchange: Exchange) -> None:
        """Give the request to the application as if it had just come."""
        self.exchange = None
        self._set_cycle(None)
        super().on_headers_complete()
        self.cycle.keep_alive = self.cycle.keep_alive and exchange.keep_alive
        super().on_body(exchange.body)
        super().on_message_complete()

    def _set_cycle(self, exchange: Exchange | None) -> None:
        self.cycle = cast(RequestResponseCycle, exchange)

    def fields(self) -> bytes:
        """The header fields of every response, made anew when uvicorn renews its own, which holds the date."""
        if self._made_from is not self.server_state.default_headers:
            self._made_from = self.server_state.default_headers
            fields = [*self._made_from, (b"content-type", b"application/json")]
            self._fields = b"".join([name + b": " + value + b"\r\n" for name, value in fields])
        return self._fields
