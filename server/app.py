"""The REST application: what answers at each path."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from http import HTTPStatus
from pathlib import Path
from time import perf_counter
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from server.api import predictions as protocol
from server.api import responses as respond
from server.api.annotations import written
from server.api.model_file import beats_file, model_file
from server.api.recording import RATE_FIELD, Recording
from server.api.request_body import media_type, read
from server.api_keys import Keys
from server.http.memory_budget import Room
from server.models.annotator import Annotator
from server.models.classifier import Model
from server.observability.counters import Counts
from server.observability.prometheus import metrics
from server.observability.request_log import Guard, Passage
from server.open_inference import routes as v2
from server.openapi.docs_page import docs
from server.openapi.document import openapi
from server.page.routes import Site, index, ort_file, page_file
from server.serving import micro_batcher as turn
from server.serving.annotator_service import Annotating, annotating
from server.serving.classifier_service import VERSION_FIELD, Service, service
from server.serving.file_watcher import watch
from server.serving.graceful_shutdown import drain_first
from server.serving.hot_reload import Current
from server.serving.time_slicing import Bulk
from server.settings import Settings


def create_app(settings: Settings, counts_folder: Path | None = None) -> ASGIApp:
    """The application that answers with the artifact of `settings`, loaded when it starts.

    Raises BadKeys if the file of keys is not usable. Processes of the same `counts_folder` tell of each other in metrics.
    """
    paths = {route.endpoint: route.path for route in reversed(routes)}
    counts, keys = Counts(list(paths.values()), counts_folder), Keys(settings.api_keys_path)
    site = Site(settings.ort_path)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[dict[str, Any]]:
        current = Current(settings.artifact_path, Model.load, partial(Service, counts=counts), counts.artifact)
        beats = Current(settings.beats_path, Annotator.load, partial(Annotating, counts=counts), counts.beats_artifact)
        await current.load()
        if settings.beats_path.exists():
            await beats.load()
        drain_first(current)
        watching = asyncio.create_task(watch(current, beats, *([keys] if keys.are_wanted else [])))
        yield {
            "current": current,
            "beats": beats,
            "bulk": Bulk(lambda: current.service is not None and current.service.turn.is_waiting),
            "counts": counts,
            "keys": keys,
            "site": site,
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
        began = perf_counter()
        answer = protocol.predictions(await request.state.bulk.finish(pieces))
        return respond.json(answer, headers=serving.fields | respond.timing(began))
    return respond.json(b"".join(pieces), headers=serving.fields)


async def annotate(request: Request) -> Response:
    """`POST /annotate`: the beats of a recording."""
    serving, bulk = annotating(request), request.state.bulk
    given = media_type(request, "application/json", "application/octet-stream")
    body = await read(request)
    is_json = given == "application/json"
    recording = Recording.from_json(body) if is_json else Recording.from_bytes(body, request.headers.get(RATE_FIELD))
    began = perf_counter()
    async with serving.place():
        await bulk.finish(recording.read())
        beats = await serving.annotate(recording.signal, recording.sampling_rate)
        pieces = await bulk.finish(written(beats, recording, serving.model.contract.classes))
    return respond.json(b"".join(pieces), headers=serving.fields | respond.timing(began))


async def health(request: Request) -> Response:
    """`GET /health`: 200 if a request would be answered, and another one after it."""
    current: Current[Service] = request.state.current
    if current.is_ready:
        return respond.json(protocol.encode(protocol.Health("healthy")))
    unhealthy = protocol.Health("unhealthy", "the server is stopping" if current.is_draining else current.reason)
    return respond.json(protocol.encode(unhealthy), HTTPStatus.SERVICE_UNAVAILABLE)


routes = [
    Route("/", index, methods=["GET"]),
    Route("/docs", docs, methods=["GET"]),
    Route("/page/{file}", page_file, methods=["GET"]),
    Route("/ort/{file}", ort_file, methods=["GET"]),
    Route(turn.PATH, predict, methods=["POST"]),
    Route("/annotate", annotate, methods=["POST"]),
    Route("/health", health, methods=["GET"]),
    Route("/metrics", metrics, methods=["GET"]),
    Route("/openapi.json", openapi, methods=["GET"]),
    Route("/model", model_file, methods=["GET"]),
    Route("/model/beats", beats_file, methods=["GET"]),
    *v2.routes,
]
