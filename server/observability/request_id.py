"""The request ID (`X-Request-Id`): taken from the client, or generated; the log names a request by it."""

import re
import secrets

HEADER = b"x-request-id"

_is_valid = re.compile(rb"[A-Za-z0-9._-]{1,64}").fullmatch


def request_id(given: bytes | None) -> bytes:
    """The ID that the client sent, if it is 1 to 64 letters, digits, dots, dashes or underscores; else a random one."""
    return given if given is not None and _is_valid(given) else secrets.token_hex(8).encode()
