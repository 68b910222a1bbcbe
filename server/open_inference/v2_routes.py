"""The paths of the Open Inference Protocol v2."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.api import responses as respond
from server.api.predictions import encode
from server.api.request_body import read, while_connected
from server.errors import MalformedRequest, TooLarge, UnknownModel
from server.models.contract import METADATA_KEY
from server.open_inference import recording_inference
from server.open_inference.recording_inference import RecordingInference
from server.open_inference.row_inference import DATATYPES, NAME, Inference
from server.serving.annotator_service import AnnotatorService, require_annotator
from server.serving.classifier_service import ClassifierService, require_classifier
from server.serving.hot_reload import HotReload

HEADER_LENGTH = "Inference-Header-Content-Length"


async def server_metadata(request: Request) -> Response:
    """`GET /v2`: what answers here."""
    serving = request.state.classifier.service
    version = serving.model.contract.version if serving else ""
    return respond.json(encode({"name": NAME, "version": version, "extensions": ["binary_tensor_data"]}))


async def live(request: Request) -> Response:
    """`GET /v2/health/live`: the process answers."""
    return respond.json(encode({"live": True}))


async def ready(request: Request) -> Response:
    """`GET /v2/health/ready`: a request would be answered."""
    return _ready(request, {}, request.state.classifier)


async def model_ready(request: Request) -> Response:
    """`GET /v2/models/{name}/ready`: the same, of one model."""
    name = _name(request)
    return _ready(request, {"name": name}, request.state.classifier if name == NAME else request.state.annotator)


def _ready(request: Request, more: Mapping[str, str], asked: HotReload[Any]) -> Response:
    is_ready = asked.service is not None and not request.state.shutdown.has_begun
    return respond.json(encode({**more, "ready": is_ready}), HTTPStatus.OK if is_ready else HTTPStatus.SERVICE_UNAVAILABLE)


async def model_metadata(request: Request) -> Response:
    """`GET /v2/models/{name}`: the tensors, and all that the file says about itself."""
    model = _named(request).model
    document: dict[str, Any] = {
        "name": _name(request),
        "versions": [model.contract.version],
        "platform": "onnxruntime_onnx",
        "inputs": [_tensor(node) for node in model.session.get_inputs()],
        "outputs": [_tensor(node) for node in model.session.get_outputs()],
        METADATA_KEY: model.contract,
    }
    return respond.json(encode(document))


def _tensor(node: Any) -> dict[str, Any]:
    shape = [size if isinstance(size, int) else -1 for size in node.shape]
    return {"name": node.name, "datatype": DATATYPES[node.type], "shape": shape}


async def infer(request: Request) -> Response:
    """`POST /v2/models/{name}/infer`: any outputs for any number of rows, or for a recording, as JSON or as bytes."""
    serving = _named(request)
    if isinstance(serving, AnnotatorService):
        return await _infer_recording(request, serving)
    inference = Inference(await read(request), _header_length(request), serving.model, serving.reader)
    body, json = inference.answer(await request.state.time_slicer.run(inference.work()))
    if json is None:
        return respond.json(body, headers=serving.headers)
    return Response(body, headers={HEADER_LENGTH: str(json), **serving.headers}, media_type="application/octet-stream")


async def _infer_recording(request: Request, serving: AnnotatorService) -> Response:
    inference = await _recording_inference(request, serving)
    json, binary = await while_connected(request, _annotate(request, serving, inference))
    request.state.reservation.release()
    length = sum(map(len, json))
    headers = serving.headers | {"Content-Length": str(length + sum(map(len, binary)))}
    pieces = request.state.time_slicer.stream(iter([*json, *binary]))
    if not binary:
        return respond.stream(pieces, headers)
    return respond.stream(pieces, headers | {HEADER_LENGTH: str(length)}, "application/octet-stream")


async def _recording_inference(request: Request, serving: AnnotatorService) -> RecordingInference:
    """The request; raises TooLarge if its JSON is longer than other bodies may be."""
    length, limit = _header_length(request), request.state.body_limits.bodies.max_bytes
    if length is not None and length > limit:
        raise TooLarge(f"expected at most {limit} bytes of JSON before the tensors")
    return RecordingInference(await read(request), length, serving.model)


async def _annotate(
    request: Request, serving: AnnotatorService, inference: RecordingInference
) -> tuple[list[bytes], list[bytes]]:
    """The JSON of the answer in pieces, and the tensors that follow it."""
    slicer = request.state.time_slicer
    async with serving.slot():
        await slicer.run(inference.recording.decode())
        inference.require_shape()
        found = await serving.annotate(inference.recording.signal, inference.recording.sampling_rate)
    inference.forget_recording()
    return await slicer.run(inference.json(found)), inference.binary(found)


def _header_length(request: Request) -> int | None:
    given = request.headers.get(HEADER_LENGTH)
    if given is None:
        return None
    if not (given.isascii() and given.isdigit()) or len(given) > 10:
        raise MalformedRequest(f"expected {HEADER_LENGTH} to be a number of bytes")
    return int(given)


def _named(request: Request) -> ClassifierService | AnnotatorService:
    """The service, if the path names its model and version; raises UnknownModel if not."""
    serving = require_classifier(request) if _name(request) == NAME else require_annotator(request)
    version = serving.model.contract.version
    if request.path_params.get("version", version) != version:
        raise UnknownModel(f"expected the model version {version}: no other is here")
    return serving


def _name(request: Request) -> str:
    """Of the model that the path names; raises UnknownModel if there is none such."""
    name: str = request.path_params["name"]
    if name not in (NAME, recording_inference.NAME):
        raise UnknownModel(f"expected the model name {NAME} or {recording_inference.NAME}: no other is here")
    return name


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
