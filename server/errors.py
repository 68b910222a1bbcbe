"""Everything that can keep a request from its answer.

RequestError            400
├── MalformedRequest    400   the body is not the JSON we speak
├── TooLarge            413   the body is longer than the limit
├── WrongMediaType      415   the body is not said to be JSON in UTF-8
├── WrongShape          422   the rows are not the rows the model takes
├── UnknownModel        404   no model of that name or version is here
├── Unavailable         503   there is no model to answer with
└── Overloaded          503   too much is waiting already
"""

from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType


class RequestError(Exception):
    """The request cannot be answered; the message is one sentence that holds nothing of the request's values."""

    status = HTTPStatus.BAD_REQUEST
    headers: Mapping[str, str] = MappingProxyType({})


class MalformedRequest(RequestError):
    """The body is not the JSON we speak."""


class TooLarge(RequestError):
    """The body is longer than the limit; what is left of it is not read."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    headers = MappingProxyType({"Connection": "close"})


class WrongMediaType(RequestError):
    """The body is not said to be JSON in UTF-8."""

    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE


class WrongShape(RequestError):
    """The rows are not the rows the model takes."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY


class UnknownModel(RequestError):
    """No model of that name or version is here."""

    status = HTTPStatus.NOT_FOUND


class Unavailable(RequestError):
    """There is no model to answer with."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    headers = MappingProxyType({"Retry-After": "5"})


class Overloaded(RequestError):
    """Too much is waiting already; what is left of the body is not read."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    headers = MappingProxyType({"Retry-After": "1", "Connection": "close"})
