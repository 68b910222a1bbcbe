"""The paths of the Open Inference Protocol v2."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server import respond
from server.body import read
from server.contract import METADATA_KEY
from server.errors import MalformedRequest, UnknownModel
from server.inference import DATATYPES, NAME, Inference
from server.protocol import encode
from server.service import Service, service

HEADER_LENGTH = "Inference-Header-Content-Length"


async def server_metadata(request: Request) -> Response:
    """`GET /v2`: what answers here."""
    serving = request.state.current.service
    version = serving.model.contract.version if serving else ""
    return respond.json(encode({"name": NAME, "version": version, "extensions": ["binary_tensor_data"]}))


async def live(request: Request) -> Response:
    """`GET /v2/health/live`: the process answers."""
    return respond.json(encode({"live": True}))


async def ready(request: Request) -> Response:
    """`GET /v2/health/ready`: a request would be answered."""
    return _ready(request, {})


async def model_ready(request: Request) -> Response:
    """`GET /v2/models/ecg/ready`: the same, of the one model there is."""
    _require_name(request)
    return _ready(request, {"name": NAME})


def _ready(request: Request, more: Mapping[str, str]) -> Response:
    is_ready = request.state.current.is_ready
    return respond.json(encode({**more, "ready": is_ready}), HTTPStatus.OK if is_ready else HTTPStatus.SERVICE_UNAVAILABLE)


async def model_metadata(request: Request) -> Response:
    """`GET /v2/models/ecg`: the tensors, and all that the file says about itself."""
    model = _named(request).model
    document: dict[str, Any] = {
        "name": NAME,
        "versions": [model.contract.version],
        "platform": "onnxruntime_onnx",
        "inputs": [_tensor(model.input)],
        "outputs": [_tensor(output) for output in model.outputs.values()],
        METADATA_KEY: model.contract,
    }
    return respond.json(encode(document))


def _tensor(node: Any) -> dict[str, Any]:
    return {"name": node.name, "datatype": DATATYPES[node.type], "shape": [-1, *node.shape[1:]]}


async def infer(request: Request) -> Response:
    """`POST /v2/models/ecg/infer`: any outputs for any number of rows, as JSON or as bytes."""
    serving = _named(request)
    inference = Inference(await read(request), _header_length(request), serving.model, serving.reader)
    body, json = inference.answer(await serving.bulk.finish(inference.work()))
    if json is None:
        return respond.json(body, headers=serving.fields)
    return Response(body, headers={HEADER_LENGTH: str(json), **serving.fields}, media_type="application/octet-stream")


def _header_length(request: Request) -> int | None:
    given = request.headers.get(HEADER_LENGTH)
    if given is None:
        return None
    if not (given.isascii() and given.isdigit()) or len(given) > 10:
        raise MalformedRequest(f"expected {HEADER_LENGTH} to be a number of bytes")
    return int(given)


def _named(request: Request) -> Service:
    """The service, if the path names its model and version; raises UnknownModel if not."""
    _require_name(request)
    serving = service(request)
    version = serving.model.contract.version
    if request.path_params.get("version", version) != version:
        raise UnknownModel(f"expected the model version {version}: no other is here")
    return serving


def _require_name(request: Request) -> None:
    if request.path_params["name"] != NAME:
        raise UnknownModel(f"expected the model name {NAME}: no other is here")


_of_the_model = (("/infer", infer, "POST"), ("", model_metadata, "GET"), ("/ready", model_ready, "GET"))
routes = [
    *(
        Route(f"/v2/models/{{name}}{version}{path}", endpoint, methods=[verb])
        for version in ("", "/versions/{version}")
        for path, endpoint, verb in _of_the_model
    ),
    Route("/v2", server_metadata, methods=["GET"]),
    Route("/v2/health/live", live, methods=["GET"]),
    Route("/v2/health/ready", ready, methods=["GET"]),
]
