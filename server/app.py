"""The REST application: what answers at each path."""

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
from server.service import service, state
from server.settings import Settings


def create_app(settings: Settings) -> Starlette:
    """The application that answers with the artifact of `settings`, loaded when it starts."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[dict[str, Any]]:
        yield state(settings)

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
        return respond.json(protocol.predictions(await serving.bulk.finish(pieces)))
    return respond.json(b"".join(pieces))


async def health(request: Request) -> Response:
    """`GET /health`: 200 if a request would be answered."""
    if request.state.service is None:
        unhealthy = protocol.Health("unhealthy", request.state.reason)
        return respond.json(protocol.encode(unhealthy), HTTPStatus.SERVICE_UNAVAILABLE)
    return respond.json(protocol.encode(protocol.Health("healthy")))


async def model_file(request: Request) -> Response:
    """`GET /model`: the ONNX file that answers, to be kept and run elsewhere."""
    model = service(request).model
    headers = {"ETag": f'"{model.digest}"', "Cache-Control": "no-cache"}
    known = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
    if headers["ETag"] in known or "*" in known:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    headers["Content-Disposition"] = 'attachment; filename="ecg.onnx"'
    return Response(model.file, media_type="application/octet-stream", headers=headers)
