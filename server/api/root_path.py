"""The path prefix under which a proxy publishes the server: ECG_ROOT_PATH, or what the proxy says of itself."""

import re
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from server.settings import ROOT_PATH_PATTERN

FORWARDED_PREFIX = b"x-forwarded-prefix"
FORWARDED_SCHEME = b"x-forwarded-proto"
SCHEMES = ("http", "https")
DEFAULT_HOST = "localhost:5000"

_is_path = re.compile(ROOT_PATH_PATTERN).fullmatch
_is_host = re.compile(r"[\w.:\[\]-]{1,255}", re.ASCII).fullmatch


class RootPathMiddleware:
    """Answers under the prefix as without it, whether the proxy strips it or not.

    Only the configured prefix is taken from a request's path: by `X-Forwarded-Prefix`, which any client can send, a proxy's
    own rules for paths could be evaded. Its value is only shown, in the OpenAPI document and on the pages.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Strip the prefix from the path; redirect from the prefix alone to the page below it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        configured: str = scope["state"]["root_path"]
        shown = _forwarded(scope, FORWARDED_PREFIX)
        scope["state"]["root_path"] = shown if shown and _is_path(shown) else configured
        if configured and scope["path"] == configured:
            redirect = RedirectResponse(f"{scope['state']['root_path']}/", HTTPStatus.TEMPORARY_REDIRECT)
            await redirect(scope, receive, send)
            return
        if configured and scope["path"].startswith(f"{configured}/"):
            scope["path"] = scope["path"].removeprefix(configured)
        await self._app(scope, receive, send)


def root_path(request: Request) -> str:
    """The prefix of the paths that the client sees, without a slash at its end; empty if there is none."""
    prefix: str = request.state.root_path
    return prefix


def base_address(request: Request) -> str:
    """The address of this server as the client sees it, as far as it is plausible: scheme, host and prefix."""
    scheme, host = _forwarded(request.scope, FORWARDED_SCHEME), request.headers.get("host", "")
    known = scheme if scheme in SCHEMES else request.scope["scheme"]
    return f"{known}://{host if _is_host(host) else DEFAULT_HOST}{root_path(request)}"


def _forwarded(scope: Scope, name: bytes) -> str:
    """The value of a header that a proxy adds; empty unless it comes exactly once."""
    values = [value for header, value in scope["headers"] if header == name]
    return values[0].decode("latin-1").removesuffix("/") if len(values) == 1 else ""
