"""The request ID (`X-Request-Id`), by which the log names a request: the client's, else its trace ID, else a random one.

Trace Context: https://www.w3.org/TR/trace-context/
"""

import re
import secrets

HEADER = b"x-request-id"
TRACEPARENT = b"traceparent"

_is_valid = re.compile(rb"[A-Za-z0-9._-]{1,64}").fullmatch
_trace_id = re.compile(rb"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}((?:-.*)?)").fullmatch


def request_id(given: bytes | None, traced: bytes | None = None) -> bytes:
    """The ID that the client sent, if it is 1 to 64 letters, digits, dots, dashes or underscores; else `traced`, the trace ID.

    Without either, a random one.
    """
    return given if given is not None and _is_valid(given) else traced or secrets.token_hex(8).encode()


def trace_id(traceparent: bytes) -> bytes | None:
    """The trace ID in a header field `traceparent`, 32 hexadecimal digits; None if the field is not valid."""
    match = _trace_id(traceparent)
    return match[1] if match and not (match[2] and traceparent.startswith(b"00")) else None
