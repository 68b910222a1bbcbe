"""Responses as JSON, and the one table from exceptions to them."""

from collections.abc import Mapping
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ExceptionHandler

from server import protocol
from server.errors import RequestError


def json(body: bytes, status: int = HTTPStatus.OK, headers: Mapping[str, str] | None = None) -> Response:
    """A body that is JSON already."""
    return Response(body, status, media_type="application/json", headers=headers)


def _failure(sentence: str, status: int, headers: Mapping[str, str] | None = None) -> Response:
    return json(protocol.encode(protocol.Failure(sentence)), status, headers)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestError)
    return _failure(str(error), error.status, error.headers)


async def _not_here(request: Request, error: Exception) -> Response:
    """A path or verb that is not served."""
    assert isinstance(error, HTTPException)
    return _failure(
        f"{error.detail}: expected POST /predict, GET /health, GET /model or a path under /v2", error.status_code, error.headers
    )


async def _gone(request: Request, error: Exception) -> Response:
    """Nobody is left to read this."""
    return _failure("the client went away", HTTPStatus.BAD_REQUEST)


async def _broken(request: Request, error: Exception) -> Response:
    return json(protocol.FAILED, HTTPStatus.INTERNAL_SERVER_ERROR)


table: dict[int | type[Exception], ExceptionHandler] = {
    RequestError: _refused,
    HTTPException: _not_here,
    ClientDisconnect: _gone,
    Exception: _broken,
}
