"""JSON responses, and the table from exceptions to error responses."""

from collections.abc import AsyncIterator, Mapping
from http import HTTPStatus
from time import perf_counter

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.responses import Response, StreamingResponse
from starlette.types import ExceptionHandler

from server.api import predictions as protocol
from server.errors import NO_SUCH_PATH, RequestError

TIMING_FIELD = "Server-Timing"

# No answer is kept or guessed at by a browser; what it shows loads nothing from elsewhere and is shown in no frame of others:
# https://owasp.org/www-project-secure-headers/
FIELDS = ((b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"))
SHOWN_FIELDS = (
    *FIELDS,
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
)


def json(body: bytes, status: int = HTTPStatus.OK, headers: Mapping[str, str] | None = None) -> Response:
    """A response whose body is encoded JSON."""
    return Response(body, status, media_type="application/json", headers=headers)


def stream(pieces: AsyncIterator[bytes], headers: Mapping[str, str], media_type: str = "application/json") -> Response:
    """A response whose body is made while it is sent, no faster than the client reads; a client that goes away ends it."""
    return StreamingResponse(pieces, headers=headers, media_type=media_type)


def timing(began: float) -> dict[str, str]:
    """The Server-Timing header: milliseconds since `began`, a time of perf_counter."""
    return {TIMING_FIELD: f"answer;dur={1000 * (perf_counter() - began):.2f}"}


def _failure(sentence: str, status: int, headers: Mapping[str, str] | None = None) -> Response:
    return json(protocol.encode(protocol.Failure(sentence)), status, headers)


def raw(error: RequestError) -> bytes:
    """The bytes of an error response with `Connection: close`, for what the protocol refuses before there is a request."""
    body = protocol.encode(protocol.Failure(str(error)))
    given = {"Content-Type": "application/json", "Content-Length": str(len(body)), "Connection": "close", **error.headers}
    fields = [*((name.lower().encode(), value.encode()) for name, value in given.items()), *FIELDS]
    head = [f"HTTP/1.1 {error.status.value} {error.status.phrase}".encode(), *(b": ".join(field) for field in fields)]
    return b"\r\n".join([*head, b"", body])


async def refused(request: HTTPConnection, error: Exception) -> Response:
    """The response to a RequestError; closes the connection of a client that waits for 100 Continue, since it will get none."""
    assert isinstance(error, RequestError)
    request.state.counters.record_refusals(error.reason)
    ends = {"Connection": "close"} if "expect" in request.headers else {}
    return _failure(str(error), error.status, {**error.headers, **ends})


async def _not_here(request: Request, error: Exception) -> Response:
    """404 or 405."""
    assert isinstance(error, HTTPException)
    request.state.counters.record_refusals(NO_SUCH_PATH)
    return _failure(
        f"{error.detail}: expected POST /predict, GET /health, or another path of GET /openapi.json",
        error.status_code,
        error.headers,
    )


async def _gone(request: Request, error: Exception) -> Response:
    """The client closed the connection: counted as 499, as nginx does, and never sent."""
    return _failure("the client went away", 499)


async def _broken(request: Request, error: Exception) -> Response:
    return json(protocol.FAILED, HTTPStatus.INTERNAL_SERVER_ERROR)


table: dict[int | type[Exception], ExceptionHandler] = {
    RequestError: refused,
    HTTPException: _not_here,
    ClientDisconnect: _gone,
    Exception: _broken,
}
