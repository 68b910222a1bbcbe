"""The REST application: what answers at each path."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server import protocol, respond, v2
from server.body import media_type, read
from server.current import Current
from server.room import Room
from server.service import service
from server.settings import Settings
from server.stopping import drain_first


def create_app(settings: Settings) -> Starlette:
    """The application that answers with the artifact of `settings`, loaded when it starts."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[dict[str, Any]]:
        current = Current(settings.artifact_path)
        await current.load()
        drain_first(current)
        watch = asyncio.create_task(current.watch())
        limits = {"max_body_bytes": settings.max_body_bytes, "request_seconds": settings.request_seconds}
        yield {"current": current, "room": Room(settings.max_body_bytes), **limits}
        watch.cancel()

    routes = [
        Route("/predict", predict, methods=["POST"]),
        Route("/health", health, methods=["GET"]),
        Route("/model", model_file, methods=["GET"]),
        *v2.routes,
    ]
    return Starlette(routes=routes, exception_handlers=respond.table, lifespan=lifespan)


async def predict(request: Request) -> Response:
    """`POST /predict`: class and probability of one row or of many."""
    serving = service(request)
    given = media_type(request, "application/json", "text/csv")
    body = await read(request)
    rows, many = (serving.reader.csv(body), True) if given == "text/csv" else serving.reader.json(body)
    pieces = protocol.pieces(serving.model, rows)
    if many:
        return respond.json(protocol.predictions(await serving.bulk.finish(pieces)), headers=serving.fields)
    return respond.json(b"".join(pieces), headers=serving.fields)


async def health(request: Request) -> Response:
    """`GET /health`: 200 if a request would be answered, and another one after it."""
    current: Current = request.state.current
    if current.is_ready:
        return respond.json(protocol.encode(protocol.Health("healthy")))
    unhealthy = protocol.Health("unhealthy", "the server is stopping" if current.is_draining else current.reason)
    return respond.json(protocol.encode(unhealthy), HTTPStatus.SERVICE_UNAVAILABLE)


async def model_file(request: Request) -> Response:
    """`GET /model`: the ONNX file that answers, to be kept and run elsewhere."""
    model = service(request).model
    headers = {"ETag": f'"{model.digest}"', "Cache-Control": "no-cache"}
    known = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
    if headers["ETag"] in known or "*" in known:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    headers["Content-Disposition"] = 'attachment; filename="ecg.onnx"'
    return Response(model.file, media_type="application/octet-stream", headers=headers)
