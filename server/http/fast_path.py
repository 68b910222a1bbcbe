"""A client's connection: uvicorn's, with a shorter way for the commonest request.

One row as JSON, POSTed to /predict, is answered from the parser's callbacks, without the ASGI scope, task and messages that
cost more than the network does. The short way says 200, or 500 if the run itself fails: a request that is in any way unlike
that, or whose body is not plainly one good row, goes to the application as it came, and what is to be said is said there.
"""

from asyncio import Transport
from typing import cast

import httptools
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from server.api.responses import FIELDS
from server.api_keys import ApiKeys
from server.http.fast_request import Exchange
from server.http.large_body import LongBody
from server.http.limits import Bounded
from server.observability.request_id import HEADER
from server.serving.classifier_service import ClassifierService
from server.serving.micro_batcher import PATH

LONGEST_BYTES = 65_536
REST_S = 0.9
PLAIN_TYPES = frozenset((b"application/json", b"application/json; charset=utf-8"))
PLAIN_PATH = PATH.encode()
NOT_PLAIN = frozenset((b"content-encoding", b"expect", b"transfer-encoding", b"upgrade"))


class Connection(Bounded):
    """A connection; the application's state holds what answers it."""

    exchange: Exchange | None = None
    long: LongBody | None = None
    _keys: ApiKeys | None
    _not_plain = NOT_PLAIN
    _fields = b""
    _made_from: list[tuple[bytes, bytes]] | None = None
    _made_for: ClassifierService | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        """Learn who may ask."""
        super().connection_made(transport)
        keys: ApiKeys = self.app_state["api_keys"]
        self._keys = keys if keys.are_required else None
        if self.app_state["answers_other_sites"]:
            self._not_plain = NOT_PLAIN | {b"origin"}

    def _wait_for_more(self) -> None:
        """After the head of a request with a long body, read that into its place."""
        super()._wait_for_more()
        if self.long:
            self.long.read_the_rest()

    def on_headers_complete(self) -> None:
        """Choose the way: short, long body first, or uvicorn's own."""
        self._bear_head()
        self.exchange = self.long = None
        headers = dict(self.headers)
        length = self._length(headers)
        if length is None or (self._keys and not self._keys.accepts(headers.get(b"authorization"))):
            self._usual_way()
            return
        exchange = Exchange(self, self.parser.should_keep_alive(), headers.get(HEADER))
        if length > LONGEST_BYTES and self._hold(length):
            self.long = LongBody(self, length)
        elif length <= LONGEST_BYTES and self._is_plain(headers):
            self.exchange = exchange
        else:
            self._usual_way()
            return
        self._set_cycle(exchange)

    def _usual_way(self) -> None:
        """Let uvicorn go on; a connection of a server that stops ends with this answer."""
        if not self.graceful_shutdown.has_begun:
            super().on_headers_complete()
            return
        self.headers.append((b"connection", b"close"))
        super().on_headers_complete()
        self.cycle.keep_alive = False

    def _length(self, headers: dict[bytes, bytes]) -> int | None:
        """How long the body is, if nothing speaks against waiting for all of it."""
        length = int(headers.get(b"content-length", 0))
        waits = (self.cycle is not None and not self.cycle.response_complete) or self.flow.write_paused
        if waits or not 0 < length <= self.app_state["max_body_bytes"] or len(headers) < len(self.headers):
            return None
        return length if headers.keys().isdisjoint(self._not_plain) and self.parser.get_http_version() == "1.1" else None

    def _is_plain(self, headers: dict[bytes, bytes]) -> bool:
        return (
            self.url == PLAIN_PATH
            and headers.get(b"content-type") in PLAIN_TYPES
            and self.parser.get_method() == b"POST"
            and self.classifier.service is not None
        )

    def on_body(self, body: bytes) -> None:
        """Keep what has come."""
        if self.exchange:
            self.exchange.body += body
        elif self.long:
            self.long.add(body)
        else:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """Let a plain row join the turn."""
        if self.exchange:
            self._whole()
            exchange = self.exchange
            exchange.more_body = False
            exchange.service = service = cast(ClassifierService, self.classifier.service)
            if service.batcher.is_full:
                service.batcher.reject(exchange)
            elif row := service.reader.plain_row(exchange.body):
                service.batcher.submit(row, exchange)
            else:
                self._hand_over(exchange.body)
        elif self.long:
            self.long_body_is_whole(parsed=True)
        else:
            super().on_message_complete()

    def _hand_over(self, body: bytes) -> None:
        """Give a request with its whole body to the application as if it had just come."""
        keep_alive = self.cycle.keep_alive
        self.exchange = None
        self._set_cycle(None)
        self._usual_way()
        self.cycle.keep_alive = self.cycle.keep_alive and keep_alive
        super().on_body(body)
        super().on_message_complete()

    def long_body_is_whole(self, parsed: bool) -> None:
        """Give a request whose long body has come to the application; `parsed` says whether the parser has seen it all."""
        assert self.long
        self._whole()
        self._marks["body"] = self.long.body
        self.long = None
        self._hand_over(b"")
        if not parsed:
            self.parser = httptools.HttpRequestParser(self)
            self.parser.set_dangerous_leniencies(lenient_data_after_close=True)

    def rest(self) -> None:
        """Hear nothing from a client that was told to ask again later: to refuse it anew would cost what an answer costs."""
        self.flow.pause_reading()
        self.loop.call_later(REST_S, self._hear_again)

    def _hear_again(self) -> None:
        if not self.transport.is_closing():
            self.flow.resume_reading()

    def _set_cycle(self, exchange: Exchange | None) -> None:
        self.cycle = cast(RequestResponseCycle, exchange)

    def fields(self, service: ClassifierService) -> bytes:
        """The header fields of every response, made anew for another model, or when uvicorn renews its own, with the date."""
        if self._made_from is not self.server_state.default_headers or self._made_for is not service:
            self._made_from, self._made_for = self.server_state.default_headers, service
            own = {"Content-Type": "application/json", **service.headers}
            fields = [*self._made_from, *((name.lower().encode(), value.encode()) for name, value in own.items()), *FIELDS]
            self._fields = b"".join([name + b": " + value + b"\r\n" for name, value in fields])
        return self._fields
