"""`GET /openapi.json`: the OpenAPI 3.1 document, with every path, body and error."""

from collections.abc import Iterable

from starlette.requests import Request
from starlette.responses import Response

from server.api import responses
from server.api.annotations import REPORT_FORMAT
from server.api.predictions import encode
from server.api.recording import FORMAT_HEADER, FORMATS, GAIN_HEADER, RATE_HEADER
from server.api.root_path import root_path
from server.api_keys import OPEN_PATHS
from server.open_inference.recording_inference import NAME as BEATS
from server.open_inference.row_inference import NAME
from server.open_inference.v2_routes import HEADER_LENGTH
from server.openapi.operation_object import JSON, Part, headers, operation_object
from server.openapi.page_paths import page_paths
from server.openapi.schemas import components, examples, reference
from server.serving.classifier_service import ClassifierService

CSV, BYTES, TEXT = "text/csv", "application/octet-stream", "text/plain"
OPEN_METRICS = "application/openmetrics-text"
WITH_BODY = (413, 415, 422)
STRING = {"type": "string"}
ETAG = {"ETag": {"schema": STRING, "description": "the SHA-256 of the file"}}
IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "schema": STRING,
    "description": "the ETag of the copy that the client has",
}
OF_BYTES = [
    {"name": RATE_HEADER, "in": "header", "schema": STRING, "description": "Hz, a decimal number, of a recording sent as bytes"},
    {
        "name": FORMAT_HEADER,
        "in": "header",
        "schema": {**STRING, "enum": [*FORMATS], "default": next(iter(FORMATS))},
        "description": "of the samples of a recording sent as bytes",
    },
    {
        "name": GAIN_HEADER,
        "in": "header",
        "schema": STRING,
        "description": "how many steps are one mV, a decimal number, of a recording sent as int16",
    },
]
REPORT = {
    "name": "report",
    "in": "query",
    "schema": {"type": "string", "enum": [REPORT_FORMAT]},
    "description": "the numbers of a report beside the answer",
}
VERSION = {
    "name": "version",
    "in": "path",
    "required": True,
    "schema": STRING,
    "description": "the version of the model that answers",
}


async def openapi(request: Request) -> Response:
    """`GET /openapi.json`: the document for the classifier that is loaded now."""
    return responses.json(encode(document(request.state.classifier.service, root_path(request))))


def document(service: ClassifierService | None, root_path: str = "") -> Part:
    """The document; without a classifier it leaves open how many features a row has.

    root_path  the path prefix under which a proxy publishes the server
    """
    paths = {**_own_paths(service), **_open_inference_paths(service)}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "ecg",
            "summary": "An ECG classifier",
            "description": service.model.contract.intended_use if service else "No model is loaded.",
            "version": service.model.contract.version if service else "none",
        },
        "servers": [{"url": root_path or "/"}],
        "paths": {path: _with_security(path, item) for path, item in paths.items()},
        "components": {"schemas": components(service), "headers": headers(), "securitySchemes": {"key": _key()}},
        "security": [{}, {"key": []}],
    }


def _own_paths(service: ClassifierService | None) -> dict[str, Part]:
    """The paths of this project's own API and of the page."""
    prometheus = {TEXT: STRING, OPEN_METRICS: STRING}
    return {
        **page_paths(ETAG, IF_NONE_MATCH),
        "/predict": {"post": _predict(examples(service))},
        "/annotate": {"post": _annotate(examples(service))},
        "/health": {"get": _ready("Whether a request would be answered", "Health")},
        "/ping": {"get": _ready("GET /health for SageMaker", "Health")},
        "/invocations": {"post": _predict(examples(service))},
        "/metrics": {"get": operation_object("Counters, for Prometheus", prometheus)},
        "/openapi.json": {"get": operation_object("This document", {JSON: {"type": "object"}})},
        "/model": _download("The ONNX file of the classifier, to be run elsewhere"),
        "/model/beats": _download("The ONNX file of the annotator, to be run elsewhere"),
    }


def _predict(given: Part) -> Part:
    rows = [{"schema": reference(name), "example": given[name]} for name in ("Row", "NamedRow", "Rows")]
    body = {
        JSON: {
            "schema": {"anyOf": [row["schema"] for row in rows]},
            "examples": {row["schema"]["$ref"].rpartition("/")[2]: {"value": row["example"]} for row in rows},
        },
        CSV: {"schema": {**STRING, "description": "a row a line, no header"}, "example": given[CSV]},
    }
    response = {"anyOf": [reference("Prediction"), reference("Predictions")]}
    summary = "Class and probability of a row, or of each of many"
    return operation_object(summary, {JSON: response}, WITH_BODY, body)


def _annotate(given: Part) -> Part:
    body = {
        JSON: {"schema": reference("Recording"), "example": given["Recording"]},
        BYTES: {"schema": {"description": "little-endian float32, mV, or int16; NaN or -32768 where nothing was recorded"}},
    }
    summary = "Beats with their classes, rhythm and unreadable stretches of a recording of one lead"
    operation = operation_object(summary, {JSON: reference("Annotations")}, WITH_BODY, body)
    return {**operation, "parameters": [*OF_BYTES, REPORT]}


def _download(summary: str) -> Part:
    return {"get": {**operation_object(summary, {BYTES: {}}, [304], headers=ETAG), "parameters": [IF_NONE_MATCH]}}


def _open_inference_paths(service: ClassifierService | None) -> dict[str, Part]:
    """The paths of the Open Inference Protocol."""
    length = {"name": HEADER_LENGTH, "in": "header", "schema": {"type": "integer", "minimum": 0}}
    length["description"] = "how many bytes of the body are JSON, if tensors follow as bytes; 0 if the body is one tensor"
    models = {
        NAME: _model_paths("Any outputs for any number of rows", examples(service)["InferRequest"], length),
        BEATS: _model_paths("Any outputs for a recording", examples(service)["InferRecording"], length),
    }
    return {
        "/v2": {"get": operation_object("Name, version and extensions of the server", {JSON: reference("Server")})},
        "/v2/health/live": {"get": operation_object("Whether the process answers", {JSON: reference("Live")})},
        "/v2/health/ready": {"get": _ready("Whether a request would be answered", "Ready")},
        **{f"/v2/models/{name}{path}": item for name, model in models.items() for path, item in model.items()},
        **{
            f"/v2/models/{name}/versions/{{version}}{path}": {**item, "parameters": [VERSION]}
            for name, model in models.items()
            for path, item in model.items()
        },
    }


def _model_paths(summary: str, example: Part, length: Part) -> dict[str, Part]:
    """The paths of one model."""
    body = {JSON: {"schema": reference("InferRequest"), "example": example}, BYTES: {"schema": {}}}
    infer = operation_object(summary, {JSON: reference("InferResponse"), BYTES: {}}, [404, *WITH_BODY], body)
    return {
        "": {"get": operation_object("The tensors, and the contract in the file", {JSON: reference("Model")}, [404])},
        "/ready": {"get": _ready("Whether the model would answer", "ModelReady", [404])},
        "/infer": {"post": {**infer, "parameters": [length]}},
    }


def _ready(summary: str, name: str, errors: Iterable[int] = ()) -> Part:
    return operation_object(summary, {JSON: reference(name)}, errors, unhealthy=reference(name))


def _key() -> Part:
    return {
        "type": "http",
        "scheme": "bearer",
        "description": f"an API key, where the server requires one; {', '.join(sorted(OPEN_PATHS))} need none",
    }


def _with_security(path: str, item: Part) -> Part:
    """The Path Item, without security and 401 where no API key is required."""
    if path in OPEN_PATHS:
        item["get"]["security"] = [{}]
        del item["get"]["responses"]["401"]
    return item
