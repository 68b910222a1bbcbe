"""The access log: middleware that gives each request an ID, counts it, and logs it."""

import logging
from collections.abc import Mapping, Sequence
from time import perf_counter
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.api import responses
from server.observability.counters import OTHER_PATH
from server.observability.request_id import HEADER, TRACEPARENT, request_id, trace_id

Headers = Sequence[tuple[bytes, bytes]]

log = logging.getLogger(__name__)


class AccessLogMiddleware:
    """Outermost middleware; the fast path, which does not come by here, has its own in `MicroBatcher`.

    paths  from endpoint to the path that its requests are counted under
    """

    def __init__(self, app: ASGIApp, paths: Mapping[Any, str]) -> None:
        self._app = app
        self._paths = paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; add the headers that every response has, then count and log it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, fields = perf_counter(), dict(scope["headers"])
        traced = trace_id(fields[TRACEPARENT]) if TRACEPARENT in fields else None
        name, status = request_id(fields.get(HEADER), traced), 500
        is_named = bool(fields.get(HEADER) or traced)
        own = responses.SHOWN_FIELDS if scope["method"] in ("GET", "HEAD") else responses.FIELDS

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = _with_own(message["headers"], own, name if is_named or status >= 400 else None)
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        finally:
            self._record(scope, name, traced, status, perf_counter() - began)

    def _record(self, scope: Scope, name: bytes, traced: bytes | None, status: int, seconds: float) -> None:
        path = self._paths.get(scope.get("endpoint"), OTHER_PATH)
        scope["state"]["counters"].record_responses(path, status, seconds)
        extra = {"request_id": name.decode(), "path": path, "status": status, "seconds": round(seconds, 6)}
        log.log(
            logging.INFO if status >= 400 else logging.DEBUG,
            "refused" if 400 <= status < 500 else "failed" if status == 500 else "answered",
            extra=extra | ({"trace_id": traced.decode()} if traced else {}),
        )


def _with_own(headers: Headers, own: Headers, name: bytes | None) -> Headers:
    """A response's headers with those of `own` that it does not have itself, and with the request ID if it is to be sent."""
    names = {field for field, _ in headers}
    headers = [*headers, *(field for field in own if field[0] not in names)]
    return headers if name is None else [*headers, (HEADER, name)]
