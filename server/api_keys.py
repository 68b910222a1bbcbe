"""API keys: the file of their SHA-256, the check of a request's key, and the command that makes one.

`python -m server.api_keys FILE NAME` makes a key, adds a line for it to FILE and prints it; deleting the line revokes it.
"""

import argparse
import hashlib
import hmac
import logging
import re
import secrets
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from server.errors import Unauthorized
from server.serving.hot_reload import file_identity

KEY_BYTES = 32
KEY_PROTOCOL = "key."  # and a key: a value of Sec-WebSocket-Protocol
OPEN_PATHS = frozenset(
    ("/", "/docs", "/page/{file}", "/ort/{file}", "/health", "/ping", "/v2/health/live", "/v2/health/ready", "/openapi.json")
)
OPEN_FOLDERS = tuple(path.partition("{")[0] for path in OPEN_PATHS if "{" in path)

log = logging.getLogger(__name__)
_line = re.compile(r"([0-9a-f]{64})(?:\s.*)?")


class BadKeys(Exception):
    """The file is not a file of keys, or holds none; the message says what was expected."""


class ApiKeys:
    """The keys of a file, hot reloaded; without a file, no key is required."""

    def __init__(self, path: Path | None) -> None:
        """Raises BadKeys if the file is not usable."""
        self.path = path or Path()
        self.identity = file_identity(self.path)
        self._digests = read_digests(path) if path else ()

    @property
    def are_required(self) -> bool:
        """Whether requests need a key."""
        return bool(self._digests)

    def accepts(self, authorization: bytes | None) -> bool:
        """Whether an Authorization header is `Bearer` and one of the keys; compares in constant time."""
        if not self._digests:
            return True
        scheme, _, key = (authorization or b"").partition(b" ")
        digest = hashlib.sha256(key.strip()).digest()
        matches = [hmac.compare_digest(digest, good) for good in self._digests]
        return any(matches) and scheme.lower() == b"bearer"

    async def reload(self) -> None:
        """Load the file as it is now; if it is not usable, log why and keep the keys there are."""
        self.identity = file_identity(self.path)
        try:
            self._digests = read_digests(self.path)
            log.info("API keys reloaded: %d", len(self._digests))
        except BadKeys as error:
            log.error("%s; the former keys stay valid", error)


class ApiKeyMiddleware:
    """Answers 401 to a request without a valid key, if keys are required and the path is not in OPEN_PATHS.

    respond       makes the response of an error
    health_route  another path that needs none
    """

    def __init__(
        self, app: ASGIApp, respond: Callable[[HTTPConnection, Exception], Awaitable[ASGIApp]], health_route: str = ""
    ) -> None:
        self._app = app
        self._respond = respond
        self._open_paths = OPEN_PATHS | {health_route}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        app = self._app
        if scope["type"] != "lifespan" and not (scope["type"] == "http" and self._is_open(scope["path"])):
            fields = [value for field, value in scope["headers"] if field == b"authorization"] + _key_protocols(scope)
            if not scope["state"]["api_keys"].accepts(fields[0] if len(fields) == 1 else None):
                error = Unauthorized("expected Authorization: Bearer and a key of this server")
                app = await self._respond(HTTPConnection(scope), error)
        await app(scope, receive, send)

    def _is_open(self, path: str) -> bool:
        """Whether no key is required: browsers load the files of a page without one."""
        return path in self._open_paths or path.startswith(OPEN_FOLDERS)


def _key_protocols(scope: Scope) -> list[bytes]:
    """The keys among the protocols that a WebSocket offers, as Authorization: a page can set no header of a WebSocket."""
    offered = [name for name in scope.get("subprotocols", ()) if name.startswith(KEY_PROTOCOL)]
    return [b"Bearer " + name.removeprefix(KEY_PROTOCOL).encode() for name in offered]


def read_digests(path: Path) -> tuple[bytes, ...]:
    """The SHA-256 digests in a file: per line one in hexadecimal, then a name; lines that begin with # are comments.

    Raises BadKeys if a line is something else, or there is none.
    """
    try:
        lines = path.read_text().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadKeys(f"{path} cannot be read, expected a file of keys made by python -m server.api_keys") from error
    numbered = [(number, line.strip()) for number, line in enumerate(lines, start=1)]
    matches = [(number, _line.fullmatch(line)) for number, line in numbered if line and line[0] != "#"]
    for number, match in matches:
        if not match:
            raise BadKeys(f"{path}, line {number}: expected the SHA-256 of a key in 64 hexadecimal digits, then a name")
    if not matches:
        raise BadKeys(f"{path} holds no key, expected at least one: python -m server.api_keys {path} NAME makes it")
    return tuple(bytes.fromhex(match[1]) for _, match in matches if match)


def main() -> int:
    """Make a key; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m server.api_keys", description="Make a key: add its SHA-256 to FILE and print it."
    )
    parser.add_argument("file", metavar="FILE", type=Path, help="what ECG_API_KEYS_FILE names; made if it is not there")
    parser.add_argument("name", metavar="NAME", help="whose key it is, for whoever reads the file")
    arguments = parser.parse_args()
    if not arguments.name.isprintable():
        parser.error("expected NAME to be one line")
    key = secrets.token_urlsafe(KEY_BYTES)
    with arguments.file.open("a") as file:
        file.write(f"{hashlib.sha256(key.encode()).hexdigest()}  {arguments.name}\n")
    print(key)
    return 0


if __name__ == "__main__":
    sys.exit(main())
