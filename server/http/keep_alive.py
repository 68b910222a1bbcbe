"""Keep-alive: the response header that states the idle timeout, and a limit on the number of idle connections."""

from __future__ import annotations

import resource
from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_IDLE = 8192
SWEEP_S = 1.0


class Connection(Protocol):
    """A connection that may be idle."""

    idle_since: float | None

    def close_idle(self) -> None:
        """Close the connection."""


class IdleLimit:
    """Caps the idle connections of a process: beyond the cap those that are idle for longest are closed.

    The cap is MAX_IDLE, or half of the file descriptors that the process may open if that is less. Requests do not pay for
    it: nothing is looked at until there are more connections than that, and then once every SWEEP_S.
    """

    def __init__(self, max_idle: int | None = None) -> None:
        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        allowed = MAX_IDLE if soft == resource.RLIM_INFINITY else min(MAX_IDLE, soft // 2)
        self.max_idle = allowed if max_idle is None else max_idle
        self._is_scheduled = False

    def check(self, connections: set[Connection], loop: AbstractEventLoop) -> None:
        """Schedule a sweep if there are more connections than may be idle."""
        if len(connections) > self.max_idle and not self._is_scheduled:
            self._is_scheduled = True
            loop.call_later(SWEEP_S, self._sweep, connections, loop)

    def _sweep(self, connections: set[Connection], loop: AbstractEventLoop) -> None:
        """Close the longest idle beyond the cap, except those idle for less than SWEEP_S: their request may be on its way."""
        self._is_scheduled = False
        latest, every = loop.time() - SWEEP_S, list(connections)
        idle = sorted((one.idle_since, number) for number, one in enumerate(every) if one.idle_since is not None)
        for since, number in idle[: max(0, len(idle) - self.max_idle)]:
            if since <= latest:
                every[number].close_idle()
        loop.call_soon(self.check, connections, loop)


class KeepAliveMiddleware:
    """Adds `Keep-Alive: timeout=` to responses on connections that stay open, `Connection: close` during shutdown."""

    def __init__(self, app: ASGIApp, seconds: int) -> None:
        self._app = app
        self._header = keep_alive_header(seconds)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; add the header when its response starts."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_header(message: Message) -> None:
            if message["type"] == "http.response.start" and not _has(message["headers"], b"connection"):
                if scope["state"]["shutdown"].has_begun:
                    message["headers"] = [*message["headers"], (b"connection", b"close")]
                elif _stays_open(scope):
                    message["headers"] = [*message["headers"], self._header]
            await send(message)

        await self._app(scope, receive, send_with_header)


def keep_alive_header(seconds: int) -> tuple[bytes, bytes]:
    """The header that tells the client how long an idle connection is kept open."""
    return b"keep-alive", b"timeout=%d" % seconds


def _stays_open(scope: Scope) -> bool:
    """Whether the client keeps the connection open: HTTP/1.1 without `Connection: close`."""
    asked = [value.lower() for name, value in scope["headers"] if name == b"connection"]
    return bool(scope["http_version"] == "1.1") and not any(b"close" in value for value in asked)


def _has(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> bool:
    return any(field.lower() == name for field, _ in headers)
