"""The REST application: what answers at each path."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from server import protocol, respond, turn, v2
from server.body import media_type, read
from server.counts import Counts
from server.current import Current
from server.keys import Keys
from server.metrics import metrics
from server.openapi import openapi
from server.passage import Guard, Passage
from server.room import Room
from server.service import VERSION_FIELD, service
from server.settings import Settings
from server.stopping import drain_first
from server.watch import watch


def create_app(settings: Settings, counts_folder: Path | None = None) -> ASGIApp:
    """The application that answers with the artifact of `settings`, loaded when it starts.

    Raises BadKeys if the file of keys is not usable. Processes of the same `counts_folder` tell of each other in metrics.
    """
    paths = {route.endpoint: route.path for route in reversed(routes)}
    counts, keys = Counts(list(paths.values()), counts_folder), Keys(settings.api_keys_path)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[dict[str, Any]]:
        current = Current(settings.artifact_path, counts)
        await current.load()
        drain_first(current)
        watching = asyncio.create_task(watch(current, *([keys] if keys.are_wanted else [])))
        yield {
            "current": current,
            "counts": counts,
            "keys": keys,
            "room": Room(settings.max_body_bytes),
            "max_body_bytes": settings.max_body_bytes,
            "request_seconds": settings.request_seconds,
            "answers_other_sites": bool(settings.origins),
        }
        watching.cancel()

    app = Starlette(routes=routes, middleware=_middleware(settings.origins), exception_handlers=respond.table, lifespan=lifespan)
    app.router.redirect_slashes = False
    return Passage(app, paths)


def _middleware(origins: list[str]) -> list[Middleware]:
    """A browser asks without a key whether another site's page may ask with one."""
    told = [VERSION_FIELD, "X-Request-Id", v2.HEADER_LENGTH]
    cors = Middleware(CORSMiddleware, origins, ["GET", "POST"], ["*"], expose_headers=told)
    return [*([cors] if origins else []), Middleware(Guard)]


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


routes = [
    Route(turn.PATH, predict, methods=["POST"]),
    Route("/health", health, methods=["GET"]),
    Route("/metrics", metrics, methods=["GET"]),
    Route("/openapi.json", openapi, methods=["GET"]),
    Route("/model", model_file, methods=["GET"]),
    *v2.routes,
]
