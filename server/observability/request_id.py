"""The name of a request, by which its line in the log is found: the client's, or one that is made."""

import re
import secrets

FIELD = b"x-request-id"

_good = re.compile(rb"[A-Za-z0-9._-]{1,64}").fullmatch


def request_id(given: bytes | None) -> bytes:
    """What was given, if it is 1 to 64 letters, digits, dots, dashes or underscores; else a new one."""
    return given if given is not None and _good(given) else secrets.token_hex(8).encode()
