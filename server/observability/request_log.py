"""What every request passes that does not take the short way: it gets a name, a key is asked for, it is counted and told of."""

import logging
from collections.abc import Mapping, Sequence
from time import perf_counter
from typing import Any

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.api import responses as respond
from server.errors import Unauthorized
from server.observability.counters import OTHER_PATH
from server.observability.request_id import FIELD, request_id

OPEN_PATHS = frozenset(
    ("/", "/docs", "/page/{file}", "/ort/{file}", "/health", "/v2/health/live", "/v2/health/ready", "/openapi.json")
)
OPEN_FOLDERS = tuple(path.partition("{")[0] for path in OPEN_PATHS if "{" in path)

Fields = Sequence[tuple[bytes, bytes]]

log = logging.getLogger(__name__)


class Passage:
    """Goes round the application.

    paths  the path that an endpoint is counted under
    """

    def __init__(self, app: ASGIApp, paths: Mapping[Any, str]) -> None:
        self._app = app
        self._paths = paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, and tell of it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, given = perf_counter(), dict(scope["headers"]).get(FIELD)
        name, status = request_id(given), 500
        own = respond.SHOWN_FIELDS if scope["method"] in ("GET", "HEAD") else respond.FIELDS

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = _fields(message["headers"], own, name if given or status >= 400 else None)
            await send(message)

        try:
            await self._app(scope, receive, answer)
        finally:
            self._tell(scope, name, status, perf_counter() - began)

    def _tell(self, scope: Scope, name: bytes, status: int, seconds: float) -> None:
        path = self._paths.get(scope.get("endpoint"), OTHER_PATH)
        scope["state"]["counts"].answered(path, status, seconds)
        log.log(
            logging.INFO if status >= 400 else logging.DEBUG,
            "refused" if 400 <= status < 500 else "failed" if status == 500 else "answered",
            extra={"request_id": name.decode(), "path": path, "status": status, "seconds": round(seconds, 6)},
        )


def _fields(given: Fields, own: Fields, name: bytes | None) -> Fields:
    """The header fields of an answer with those that all answers have."""
    names = {field for field, _ in given}
    fields = [*given, *(field for field in own if field[0] not in names)]
    return fields if name is None else [*fields, (FIELD, name)]


class Guard:
    """Lets in who shows a key, if keys are wanted."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 401, or let it pass."""
        app = self._app
        if scope["type"] == "http" and not _is_open(scope["path"]):
            fields = [value for field, value in scope["headers"] if field == b"authorization"]
            if not scope["state"]["keys"].admit(fields[0] if len(fields) == 1 else None):
                error = Unauthorized("expected Authorization: Bearer and a key of this server")
                app = await respond.refused(Request(scope), error)
        await app(scope, receive, send)


def _is_open(path: str) -> bool:
    """Whether no key is asked for: browsers load a page's files without one."""
    return path in OPEN_PATHS or path.startswith(OPEN_FOLDERS)
