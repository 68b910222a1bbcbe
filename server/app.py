"""The REST application: what answers at each path."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from server import protocol
from server.contract import BadArtifact
from server.errors import RequestError, TooLarge, Unavailable, WrongMediaType
from server.model import Model
from server.settings import Settings

log = logging.getLogger("uvicorn.error")


def create_app(settings: Settings) -> Starlette:
    """The application that answers with the artifact of `settings`, loaded when it starts."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[dict[str, Any]]:
        model, reason = _load(settings)
        yield {"model": model, "reason": reason, "max_body_bytes": settings.max_body_bytes}

    return Starlette(
        routes=[
            Route("/predict", predict, methods=["POST"]),
            Route("/health", health, methods=["GET"]),
            Route("/model", model_file, methods=["GET"]),
        ],
        exception_handlers={
            RequestError: _refused,
            HTTPException: _not_here,
            ClientDisconnect: _gone,
            Exception: _broken,
        },
        lifespan=lifespan,
    )


def _load(settings: Settings) -> tuple[Model | None, str | None]:
    """The model, or why there is none: the server then starts all the same and says so."""
    try:
        model = Model.load(settings.artifact_path)
    except BadArtifact as error:
        log.error("%s", error)
        return None, str(error)
    log.info("answering with model version %s", model.contract.version)
    log.info("%s", model.contract.intended_use)
    return model, None


async def predict(request: Request) -> Response:
    """`POST /predict`: class and probability of one row or of many."""
    model = _model(request)
    rows, many = protocol.decode(await _body(request), model.contract.features)
    return _json(protocol.answer(model.predict(rows), many))


async def health(request: Request) -> Response:
    """`GET /health`: 200 if a request would be answered."""
    if request.state.model is None:
        return _json(protocol.encode(protocol.Health("unhealthy", request.state.reason)), HTTPStatus.SERVICE_UNAVAILABLE)
    return _json(protocol.encode(protocol.Health("healthy")))


async def model_file(request: Request) -> Response:
    """`GET /model`: the ONNX file that answers, to be kept and run elsewhere."""
    model = _model(request)
    headers = {"ETag": f'"{model.digest}"', "Cache-Control": "no-cache"}
    known = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
    if headers["ETag"] in known or "*" in known:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    headers["Content-Disposition"] = 'attachment; filename="ecg.onnx"'
    return Response(model.file, media_type="application/octet-stream", headers=headers)


def _model(request: Request) -> Model:
    model: Model | None = request.state.model
    if model is None:
        raise Unavailable(request.state.reason)
    return model


async def _body(request: Request) -> bytes:
    """The whole body, of a request that says it is JSON; never more than the limit is held."""
    media_type, _, parameters = request.headers.get("content-type", "").lower().partition(";")
    charset = parameters.strip().removeprefix("charset=").strip('"')
    if media_type.strip() != "application/json" or charset not in ("", "utf-8", "utf8"):
        raise WrongMediaType("expected Content-Type: application/json, in UTF-8")
    limit: int = request.state.max_body_bytes
    too_large = TooLarge(f"expected a body of at most {limit} bytes")
    if int(request.headers.get("content-length", 0)) > limit:
        raise too_large
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise too_large
    return bytes(body)


def _json(body: bytes, status: int = HTTPStatus.OK, headers: Any = None) -> Response:
    return Response(body, status, media_type="application/json", headers=headers)


def _failure(sentence: str, status: int, headers: Any = None) -> Response:
    return _json(msgspec.json.encode(protocol.Failure(sentence)), status, headers)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestError)
    return _failure(str(error), error.status, dict(error.headers))


async def _not_here(request: Request, error: Exception) -> Response:
    """A path or verb that is not served."""
    assert isinstance(error, HTTPException)
    return _failure(f"{error.detail}: expected POST /predict, GET /health or GET /model", error.status_code, error.headers)


async def _gone(request: Request, error: Exception) -> Response:
    """Nobody is left to read this."""
    return _failure("the client went away", HTTPStatus.BAD_REQUEST)


async def _broken(request: Request, error: Exception) -> Response:
    return _failure("the server failed to answer, its log says why", HTTPStatus.INTERNAL_SERVER_ERROR)
