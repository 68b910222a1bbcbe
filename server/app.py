"""The Starlette application: routes, middleware, and what a request needs in its state (lifespan)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp

from server import managed_platforms
from server.api import endpoints, responses
from server.api.memory_budget import BodyLimits, MemoryBudgetMiddleware
from server.api.root_path import RootPathMiddleware
from server.api.rows import Reader
from server.api_keys import ApiKeyMiddleware, ApiKeys
from server.http.fast_request import HeadCache
from server.http.keep_alive import IdleLimit, KeepAliveMiddleware
from server.live.stream_endpoint import stream
from server.live.stream_scheduler import StreamScheduler
from server.models.annotator import Annotator
from server.models.classifier import Classifier
from server.observability.counters import Counters
from server.observability.drift import DriftMonitor
from server.observability.prometheus import metrics
from server.observability.request_log import AccessLogMiddleware
from server.open_inference import v2_routes as open_inference
from server.openapi.docs_page import docs
from server.openapi.document import openapi
from server.page.routes import PageAssets, index, ort_file, page_file
from server.serving import micro_batcher
from server.serving.annotator_service import AnnotatorService
from server.serving.classifier_service import VERSION_HEADER, ClassifierService
from server.serving.graceful_shutdown import GracefulShutdown
from server.serving.hot_reload import HotReload, watch_files
from server.serving.time_slicing import TimeSlicer
from server.settings import Settings

RECORDING_PATHS = ("/annotate", "/v2/models/beats/")  # Below them recordings may be sent as bytes.


def create_app(settings: Settings, counters_folder: Path | None = None) -> ASGIApp:
    """The application that serves the artifacts of `settings`, which are loaded when it starts.

    Raises BadKeys if the file of API keys is not usable. Processes that share `counters_folder` report common metrics.
    """
    served = [*managed_platforms.vertex_routes(settings), *routes]
    paths = {route.endpoint: route.path for route in reversed(served)}
    counters, api_keys = Counters(list(paths.values()), counters_folder), ApiKeys(settings.api_keys_path)
    page_assets = PageAssets(settings.ort_path, settings.max_recording_bytes)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[dict[str, Any]]:
        classifier, annotator = _classifier(settings, counters), _annotator(settings, counters)
        await classifier.reload()
        if settings.beats_path.exists():
            await annotator.reload()
        shutdown = GracefulShutdown()
        shutdown.install()
        watcher = asyncio.create_task(watch_files(classifier, annotator, *([api_keys] if api_keys.are_required else [])))
        yield {
            "classifier": classifier,
            "annotator": annotator,
            "time_slicer": TimeSlicer(
                lambda: classifier.service is not None and classifier.service.batcher.has_rows, settings.max_wait_ms / 1000
            ),
            "stream_scheduler": StreamScheduler(counters),
            "shutdown": shutdown,
            "counters": counters,
            "api_keys": api_keys,
            "page_assets": page_assets,
            "body_limits": BodyLimits(
                settings.max_body_bytes, settings.max_recording_bytes, RECORDING_PATHS, settings.request_seconds
            ),
            "request_seconds": settings.request_seconds,
            "idle_limit": IdleLimit(),
            "head_cache": HeadCache(),
            "root_path": settings.prefix,
            "origins": settings.origins,
        }
        watcher.cancel()

    middleware = _middleware(settings)
    app = Starlette(routes=served, middleware=middleware, exception_handlers=responses.table, lifespan=lifespan)
    app.router.redirect_slashes = False
    return AccessLogMiddleware(KeepAliveMiddleware(app, settings.keep_alive_seconds), paths)


def _classifier(settings: Settings, counters: Counters) -> HotReload[ClassifierService]:
    def serve(model: Classifier) -> ClassifierService:
        contract, on_run = model.contract, DriftMonitor(model.contract.scaling, counters, asyncio.get_running_loop()).record_run
        return ClassifierService(model, Reader(contract.features), counters, on_run, settings.max_wait_ms / 1000)

    return HotReload(settings.artifact_path, Classifier.load, serve, counters.record_artifact)


def _annotator(settings: Settings, counters: Counters) -> HotReload[AnnotatorService]:
    def serve(model: Annotator) -> AnnotatorService:
        return AnnotatorService(model, counters)

    return HotReload(settings.beats_path, Annotator.load, serve, counters.record_beats_artifact)


def _middleware(settings: Settings) -> list[Middleware]:
    """CORS, where other sites are allowed, stands before the API keys: browsers send preflight requests without a key."""
    exposed = [VERSION_HEADER, "X-Request-Id", open_inference.HEADER_LENGTH]
    cors = Middleware(CORSMiddleware, settings.origins, ["GET", "POST"], ["*"], expose_headers=exposed)
    return [
        Middleware(RootPathMiddleware),
        *([cors] if settings.origins else []),
        Middleware(ApiKeyMiddleware, respond=responses.refused, health_route=settings.health_route),
        Middleware(MemoryBudgetMiddleware),
    ]


routes: list[Route | WebSocketRoute] = [
    Route("/", index, methods=["GET"]),
    Route("/docs", docs, methods=["GET"]),
    Route("/page/{file}", page_file, methods=["GET"]),
    Route("/ort/{file}", ort_file, methods=["GET"]),
    Route(micro_batcher.PATH, endpoints.predict, methods=["POST"]),
    Route("/annotate", endpoints.annotate, methods=["POST"]),
    WebSocketRoute("/stream", stream),
    Route("/health", endpoints.health, methods=["GET"]),
    Route("/metrics", metrics, methods=["GET"]),
    Route("/openapi.json", openapi, methods=["GET"]),
    Route("/model", endpoints.model_file, methods=["GET"]),
    Route("/model/beats", endpoints.beats_file, methods=["GET"]),
    *managed_platforms.routes,
    *open_inference.routes,
]
