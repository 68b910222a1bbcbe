"""A call as OpenAPI tells of it: what is sent, and everything that may be answered."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from server.api.predictions import FAILED
from server.errors import RequestError
from server.openapi.schemas import reference
from server.serving.classifier_service import VERSION_HEADER

JSON = "application/json"
ALWAYS = (400, 401, 408, 431, 500, 503)

Part = dict[str, Any]


def operation(
    summary: str,
    answer: Part,
    errors: Iterable[int] = (),
    body: Part | None = None,
    unwell: Part | None = None,
    headers: Part | None = None,
) -> Part:
    """A call: what is answered by media type, what else may be, and what is to be sent."""
    good = {name: {"$ref": f"#/components/headers/{name}"} for name in ([VERSION_HEADER] if body else [])} | (headers or {})
    responses = {"200": {"description": "the answer", "headers": good, "content": _content(answer)}}
    responses |= {str(status): _error(status) for status in (*ALWAYS, *errors)}
    if unwell:
        responses["503"]["content"] = _content({JSON: {"anyOf": [unwell, reference("Failure")]}})
    sent = {"requestBody": {"required": True, "content": body}} if body else {}
    return {"summary": summary, **sent, "responses": dict(sorted(responses.items()))}


def _content(schemas: Part) -> Part:
    return {media_type: {"schema": schema} for media_type, schema in schemas.items()}


def _error(status: int) -> Part:
    """What a status means, in the words of the exceptions that lead to it."""
    if status == HTTPStatus.NOT_MODIFIED:
        return {"description": "the file is the one that is known"}
    kinds = [error for error in RequestError.__subclasses__() if error.status == status]
    words = [str(error.__doc__).partition("\n")[0].rstrip(".") for error in kinds] or [FAILED.decode().split('"')[3]]
    headers = {name: {"$ref": f"#/components/headers/{name}"} for name in _fields(status)}
    return {"description": "; ".join(words), "headers": headers, "content": _content({JSON: reference("Failure")})}


def _fields(status: int) -> list[str]:
    more = {401: "WWW-Authenticate", 503: "Retry-After"}
    return ["X-Request-Id", *([more[status]] if status in more else [])]


def headers() -> dict[str, Part]:
    """The header fields of answers, and what they mean."""
    meanings = {
        VERSION_HEADER: "which model answered",
        "X-Request-Id": "the request's name in the log: the one that was given, or one that was made",
        "Retry-After": "in how many seconds to ask again",
        "WWW-Authenticate": "that a key is to be shown",
    }
    return {name: {"description": meaning, "schema": {"type": "string"}} for name, meaning in meanings.items()}
