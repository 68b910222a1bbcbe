"""The body of a request, whole and never longer than the limit."""

from starlette.requests import Request

from server.errors import Overloaded, TooLarge, WrongMediaType


def media_type(request: Request, *expected: str) -> str:
    """The media type of the body; raises WrongMediaType if it is none of those expected or not in UTF-8."""
    given, _, parameters = request.headers.get("content-type", "").lower().partition(";")
    charset = parameters.strip().removeprefix("charset=").strip('"')
    if given.strip() not in expected or charset not in ("", "utf-8", "utf8"):
        raise WrongMediaType(f"expected Content-Type: {' or '.join(expected)}, in UTF-8")
    return given.strip()


async def read(request: Request) -> bytearray:
    """The whole body.

    Raises WrongMediaType if it is compressed, TooLarge as soon as it is known to be longer than the limit, Overloaded if there
    is no room for it beside those of others.
    """
    if request.headers.get("content-encoding", "identity") != "identity":
        raise WrongMediaType("expected a body without Content-Encoding")
    limit: int = request.state.max_body_bytes
    too_large = TooLarge(f"expected a body of at most {limit} bytes")
    if int(request.headers.get("content-length", 0)) > limit:
        raise too_large
    if hasattr(request.state, "body"):
        return request.state.body
    _require_room(request)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise too_large
        _require_room(request)
    return body


def _require_room(request: Request) -> None:
    if hasattr(request.state, "is_full"):
        raise Overloaded("too many long bodies are held, expected fewer or shorter ones at a time")
