"""Everything that can keep a request from its answer, and the reason that is counted for it.

RequestError            400   refused
├── MalformedHttp       400   malformed_http     what came is no HTTP request
├── MalformedRequest    400   malformed_body     the body is not the JSON we speak
├── Unauthorized        401   unauthorized       no key of this server was shown
├── ForeignOrigin       403   foreign_origin     a page of another site asks, which is not allowed
├── UnknownModel        404   unknown_model      no model of that name or version is here
├── UnknownFile         404   unknown_file       no file of that name is here
├── TooSlow             408   too_slow           the request did not come in time
├── TooLarge            413   too_large          the body is longer than the limit
├── WrongMediaType      415   wrong_media_type   the body is not said to be JSON in UTF-8
├── UnsupportedEncoding 415   wrong_encoding     the body is compressed otherwise than with gzip
├── WrongShape          422   wrong_shape        the rows are not the rows the model takes
├── HeadTooLarge        431   head_too_large     the head is longer than the limit
├── Unavailable         503   unavailable        there is no model to answer with
└── Overloaded          503   overloaded         too much is waiting already
"""

from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType

NO_SUCH_PATH = "no_such_path"  # The reason that is counted for a path or verb that is not served.


class RequestError(Exception):
    """The request cannot be answered; the message is one sentence that holds nothing of the request's values."""

    status = HTTPStatus.BAD_REQUEST
    reason = "refused"
    headers: Mapping[str, str] = MappingProxyType({})


class MalformedHttp(RequestError):
    """What came is no HTTP request."""

    reason = "malformed_http"


class MalformedRequest(RequestError):
    """The body is not the JSON we speak."""

    reason = "malformed_body"


class Unauthorized(RequestError):
    """No key of this server was shown; which part was wrong is not said."""

    status = HTTPStatus.UNAUTHORIZED
    reason = "unauthorized"
    headers = MappingProxyType({"WWW-Authenticate": "Bearer"})


class ForeignOrigin(RequestError):
    """A page of another site asks, which is not allowed."""

    status = HTTPStatus.FORBIDDEN
    reason = "foreign_origin"


class UnknownFile(RequestError):
    """No file of that name is here."""

    status = HTTPStatus.NOT_FOUND
    reason = "unknown_file"


class TooSlow(RequestError):
    """The request did not come in time."""

    status = HTTPStatus.REQUEST_TIMEOUT
    reason = "too_slow"
    headers = MappingProxyType({"Connection": "close"})


class HeadTooLarge(RequestError):
    """The head is longer than the limit; what is left of it is not read."""

    status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
    reason = "head_too_large"


class TooLarge(RequestError):
    """The body is longer than the limit; what is left of it is not read."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    reason = "too_large"


class WrongMediaType(RequestError):
    """The body is not said to be JSON in UTF-8."""

    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    reason = "wrong_media_type"


class UnsupportedEncoding(RequestError):
    """The body is compressed otherwise than with gzip."""

    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    reason = "wrong_encoding"
    headers = MappingProxyType({"Accept-Encoding": "gzip"})


class WrongShape(RequestError):
    """The rows are not the rows the model takes."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    reason = "wrong_shape"


class UnknownModel(RequestError):
    """No model of that name or version is here."""

    status = HTTPStatus.NOT_FOUND
    reason = "unknown_model"


class Unavailable(RequestError):
    """There is no model to answer with."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    reason = "unavailable"
    headers = MappingProxyType({"Retry-After": "5"})


class Overloaded(RequestError):
    """Too much is waiting already; what is left of the body is not read."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    reason = "overloaded"
    headers = MappingProxyType({"Retry-After": "1"})
