"""OpenAPI's Operation Object: the request body of an endpoint, and every response it may give."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from server.api.predictions import FAILED
from server.errors import RequestError
from server.openapi.schemas import reference
from server.serving.classifier_service import VERSION_HEADER

JSON = "application/json"
COMPRESSED = "may be compressed: Content-Encoding: gzip"
ALWAYS = (400, 401, 408, 431, 500, 503)

Part = dict[str, Any]


def operation_object(
    summary: str,
    response: Part,
    errors: Iterable[int] = (),
    body: Part | None = None,
    unhealthy: Part | None = None,
    headers: Part | None = None,
) -> Part:
    """The operation with its responses and request body.

    response   schemas of status 200 by media type
    errors     further statuses, beside those that every operation may have
    body       media types of the request
    unhealthy  schema of status 503, where that is not an error but an answer
    headers    further headers of status 200
    """
    ok_headers = {name: {"$ref": f"#/components/headers/{name}"} for name in ([VERSION_HEADER] if body else [])} | (headers or {})
    responses = {"200": {"description": "the answer", "headers": ok_headers, "content": _content(response)}}
    responses |= {str(status): _error_response(status) for status in (*ALWAYS, *errors)}
    if unhealthy:
        responses["503"]["content"] = _content({JSON: {"anyOf": [unhealthy, reference("Failure")]}})
    request_body = {"requestBody": {"required": True, "description": COMPRESSED, "content": body}} if body else {}
    return {"summary": summary, **request_body, "responses": dict(sorted(responses.items()))}


def _content(schemas: Part) -> Part:
    return {media_type: {"schema": schema} for media_type, schema in schemas.items()}


def _error_response(status: int) -> Part:
    """The response of a status; its description is the first line of the exceptions that lead to it."""
    if status == HTTPStatus.NOT_MODIFIED:
        return {"description": "the file is the one that is known"}
    exceptions = [error for error in RequestError.__subclasses__() if error.status == status]
    meanings = [str(error.__doc__).partition("\n")[0].rstrip(".") for error in exceptions] or [FAILED.decode().split('"')[3]]
    headers = {name: {"$ref": f"#/components/headers/{name}"} for name in _headers(status)}
    return {"description": "; ".join(meanings), "headers": headers, "content": _content({JSON: reference("Failure")})}


def _headers(status: int) -> list[str]:
    more = {401: "WWW-Authenticate", 503: "Retry-After"}
    return ["X-Request-Id", *([more[status]] if status in more else [])]


def headers() -> dict[str, Part]:
    """The Header Objects of responses, by name."""
    meanings = {
        VERSION_HEADER: "the version of the model that answered",
        "X-Request-Id": "the request ID in the log: the client's, or a generated one",
        "Retry-After": "after how many seconds to retry",
        "WWW-Authenticate": "that an API key is required",
    }
    return {name: {"description": meaning, "schema": {"type": "string"}} for name, meaning in meanings.items()}
