"""The access log: middleware that gives each request an ID, counts it, and logs it."""

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from time import perf_counter
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.api import responses
from server.observability.counters import OTHER_PATH
from server.observability.request_id import HEADER, TRACEPARENT, request_id, trace_id

STARTS = ("http.response.start", "websocket.accept", "websocket.close")  # what a response begins with

Headers = Sequence[tuple[bytes, bytes]]

log = logging.getLogger(__name__)


class AccessLogMiddleware:
    """Outermost middleware; the fast path, which does not come by here, has its own in `MicroBatcher`.

    A WebSocket counts as a request that its handshake answers.

    paths  from endpoint to the path that its requests are counted under
    """

    def __init__(self, app: ASGIApp, paths: Mapping[Any, str]) -> None:
        self._app = app
        self._paths = paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; add the headers that every response has, then count and log it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        began, fields = perf_counter(), dict(scope["headers"])
        traced = trace_id(fields[TRACEPARENT]) if TRACEPARENT in fields else None
        name, status, took = request_id(fields.get(HEADER), traced), 500, None
        is_named = bool(fields.get(HEADER) or traced)
        own = responses.SHOWN_FIELDS if scope.get("method") in ("GET", "HEAD") else responses.FIELDS

        async def send_with_headers(message: Message) -> None:
            nonlocal status, took
            if took is None and message["type"].endswith(STARTS):
                status, took = _status(message), perf_counter() - began
                sent = name if is_named or status >= 400 else None
                message["headers"] = _with_own(message.get("headers", ()), own, sent)
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        finally:
            seconds = perf_counter() - began
            self._record(scope, name, traced, status, took if took is not None and scope["type"] == "websocket" else seconds)

    def _record(self, scope: Scope, name: bytes, traced: bytes | None, status: int, seconds: float) -> None:
        path = self._paths.get(scope.get("endpoint"), OTHER_PATH)
        scope["state"]["counters"].record_responses(path, status, seconds)
        extra = {"request_id": name.decode(), "path": path, "status": status, "seconds": round(seconds, 6)}
        log.log(
            logging.INFO if status >= 400 else logging.DEBUG,
            "refused" if 400 <= status < 500 else "failed" if status == 500 else "answered",
            extra=extra | ({"trace_id": traced.decode()} if traced else {}),
        )


def _status(message: Message) -> int:
    """The status of a response, or of the handshake of a WebSocket, which is answered with 403 if it is closed at once."""
    handshake = {"websocket.accept": HTTPStatus.SWITCHING_PROTOCOLS, "websocket.close": HTTPStatus.FORBIDDEN}
    return int(handshake.get(message["type"]) or message["status"])


def _with_own(headers: Headers, own: Headers, name: bytes | None) -> Headers:
    """A response's headers with those of `own` that it does not have itself, and with the request ID if it is to be sent."""
    names = {field for field, _ in headers}
    headers = [*headers, *(field for field in own if field[0] not in names)]
    return headers if name is None else [*headers, (HEADER, name)]
