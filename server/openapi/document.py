"""`GET /openapi.json`: everything that can be asked here, every body and every error, in OpenAPI 3.1."""

from collections.abc import Iterable

from starlette.requests import Request
from starlette.responses import Response

from server.api import responses as respond
from server.api.predictions import encode
from server.api.recording import RATE_FIELD
from server.api_keys import OPEN_PATHS
from server.open_inference.annotator import NAME as BEATS
from server.open_inference.classifier import NAME
from server.open_inference.routes import HEADER_LENGTH
from server.openapi.operation import JSON, Part, headers, operation
from server.openapi.page_paths import shown
from server.openapi.schemas import components, examples, reference
from server.serving.classifier_service import ClassifierService

CSV, BYTES, TEXT = "text/csv", "application/octet-stream", "text/plain"
OPEN_METRICS = "application/openmetrics-text"
WITH_BODY = (413, 422)
VERSION = {
    "name": "version",
    "in": "path",
    "required": True,
    "schema": {"type": "string"},
    "description": "the version of the model that answers",
}


async def openapi(request: Request) -> Response:
    """`GET /openapi.json`: the document for the model that answers now."""
    return respond.json(encode(document(request.state.classifier.service)))


def document(serving: ClassifierService | None) -> Part:
    """The whole document; without a model, one that leaves open how many features a row has."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "ecg",
            "summary": "An ECG classifier",
            "description": serving.model.contract.intended_use if serving else "There is no model yet.",
            "version": serving.model.contract.version if serving else "none",
        },
        "servers": [{"url": "/"}],
        "paths": {path: _path(path, item) for path, item in {**_own(serving), **_inference(serving)}.items()},
        "components": {"schemas": components(serving), "headers": headers(), "securitySchemes": {"key": _key()}},
        "security": [{}, {"key": []}],
    }


def _own(serving: ClassifierService | None) -> dict[str, Part]:
    """The paths that are ours."""
    given = examples(serving)
    rows = [*({"schema": reference(name), "example": given[name]} for name in ("Row", "NamedRow", "Rows"))]
    body = {
        JSON: {
            "schema": {"anyOf": [row["schema"] for row in rows]},
            "examples": {row["schema"]["$ref"].rpartition("/")[2]: {"value": row["example"]} for row in rows},
        },
        CSV: {"schema": {"type": "string", "description": "a row a line, no header"}, "example": given[CSV]},
    }
    answer = {"anyOf": [reference("Prediction"), reference("Predictions")]}
    etag = {"ETag": {"schema": {"type": "string"}, "description": "the SHA-256 of the file"}}
    known = {
        "name": "If-None-Match",
        "in": "header",
        "schema": {"type": "string"},
        "description": "the ETag of a file that is there",
    }
    rate = {
        "name": RATE_FIELD,
        "in": "header",
        "schema": {"type": "string"},
        "description": "Hz, of a recording sent as bytes",
    }
    return {
        **shown(etag, known),
        "/predict": {
            "post": operation("Class and probability of a row, or of each of many", {JSON: answer}, [415, *WITH_BODY], body)
        },
        "/annotate": {
            "post": {
                **operation(
                    "Every beat of a recording of one lead, with its class",
                    {JSON: reference("Annotations")},
                    [415, *WITH_BODY],
                    {
                        JSON: {"schema": reference("Recording"), "example": given["Recording"]},
                        BYTES: {"schema": {"description": "little-endian float32, mV"}},
                    },
                ),
                "parameters": [rate],
            }
        },
        "/health": {
            "get": operation("Whether a request would be answered", {JSON: reference("Health")}, unwell=reference("Health"))
        },
        "/metrics": {
            "get": operation("What was counted, for Prometheus", {TEXT: {"type": "string"}, OPEN_METRICS: {"type": "string"}})
        },
        "/openapi.json": {"get": operation("This document", {JSON: {"type": "object"}})},
        **{
            path: {"get": {**operation(summary, {BYTES: {}}, [304], headers=etag), "parameters": [known]}}
            for path, summary in (
                ("/model", "The ONNX file that answers, to be run elsewhere"),
                ("/model/beats", "The ONNX file that annotates recordings, the same"),
            )
        },
    }


def _inference(serving: ClassifierService | None) -> dict[str, Part]:
    """The paths of the Open Inference Protocol."""
    length = {"name": HEADER_LENGTH, "in": "header", "schema": {"type": "integer", "minimum": 0}}
    length["description"] = "how many bytes of the body are JSON, if tensors follow as bytes; 0 if the body is one tensor"
    models = {
        NAME: _of_model("Any outputs for any number of rows", examples(serving)["InferRequest"], length),
        BEATS: _of_model("Any outputs for a recording", examples(serving)["InferRecording"], length),
    }
    return {
        "/v2": {"get": operation("What answers here", {JSON: reference("Server")})},
        "/v2/health/live": {"get": operation("Whether the process answers", {JSON: reference("Live")})},
        "/v2/health/ready": {"get": _ready("Whether a request would be answered", "Ready")},
        **{f"/v2/models/{name}{path}": item for name, model in models.items() for path, item in model.items()},
        **{
            f"/v2/models/{name}/versions/{{version}}{path}": {**item, "parameters": [VERSION]}
            for name, model in models.items()
            for path, item in model.items()
        },
    }


def _of_model(summary: str, example: Part, length: Part) -> dict[str, Part]:
    """The paths of one model."""
    body = {JSON: {"schema": reference("InferRequest"), "example": example}, BYTES: {"schema": {}}}
    infer = operation(summary, {JSON: reference("InferResponse"), BYTES: {}}, [404, *WITH_BODY], body)
    return {
        "": {"get": operation("The tensors, and all that the file says about itself", {JSON: reference("Model")}, [404])},
        "/ready": {"get": _ready("Whether the model would answer", "ModelReady", [404])},
        "/infer": {"post": {**infer, "parameters": [length]}},
    }


def _ready(summary: str, name: str, errors: Iterable[int] = ()) -> Part:
    return operation(summary, {JSON: reference(name)}, errors, unwell=reference(name))


def _key() -> Part:
    return {
        "type": "http",
        "scheme": "bearer",
        "description": f"a key of this server, where it wants one; {', '.join(sorted(OPEN_PATHS))} need none",
    }


def _path(path: str, item: Part) -> Part:
    """Without a key where none is asked for."""
    if path in OPEN_PATHS:
        item["get"]["security"] = [{}]
        del item["get"]["responses"]["401"]
    return item
