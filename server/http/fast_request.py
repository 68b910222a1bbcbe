"""A request for one row on the fast path, and the heads that such requests are known by."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from server.api import predictions
from server.http.large_body import CollectedRequest
from server.observability.request_id import request_id, trace_id
from server.serving.classifier_service import NOT_FINITE, ClassifierService

REFUSED_ROW = predictions.encode(predictions.Failure(NOT_FINITE))
OVERLOADED = predictions.encode(predictions.Failure("too many rows are waiting, expected fewer at a time"))
RETRY_AFTER = b"retry-after: 1\r\n"
MAX_HEADS = 256
MAX_HEAD_BYTES = 1024


class KnownHead(NamedTuple):
    """What the parser found in a head: the length of the body in bytes, and the header field Authorization."""

    body_bytes: int
    authorization: bytes | None


class HeadCache(dict[bytes, KnownHead]):
    """Heads, as on the wire, of requests that took the fast path: a client sends the same head with each row.

    Holds at most MAX_HEADS of MAX_HEAD_BYTES: heads that differ each time must not fill the memory.
    """

    def add(self, head: bytes, known: KnownHead) -> None:
        """Keep a head that the parser has accepted; if there are too many, begin anew."""
        if len(head) <= MAX_HEAD_BYTES:
            if len(self) == MAX_HEADS:
                self.clear()
            self[head] = known


class Responder(Protocol):
    """The connection that a request came on."""

    def respond(self, request: FastRequest, status: bytes, body: bytes, headers: bytes = b"") -> None:
        """Write a response."""


class FastRequest(CollectedRequest):
    """A row that the micro-batcher answers.

    service   the classifier that answers, known once the body is complete
    trace_id  of the trace that the request is a part of, if the client said so
    """

    body = b""
    service: ClassifierService

    def __init__(self, connection: Responder, keep_alive: bool, given_id: bytes | None, traceparent: bytes | None = None) -> None:
        self.keep_alive = keep_alive
        self._connection = connection
        self.trace_id = traceparent and trace_id(traceparent)
        self.request_id = (given_id or self.trace_id) and request_id(given_id, self.trace_id)

    @property
    def is_usual(self) -> bool:
        """Whether it is complete, and another one with the same head is to be answered the same way."""
        return not self.more_body and self.keep_alive and self.request_id is None

    def answer(self, predicted_class: int, probability: float) -> None:
        """Respond with the prediction."""
        body = predictions.encode(predictions.Prediction(predicted_class, probability))
        self._connection.respond(self, b"200 OK", body)

    def fail(self) -> None:
        """Respond that the run failed."""
        self._connection.respond(self, b"500 Internal Server Error", predictions.FAILED)

    def refuse_row(self) -> None:
        """Respond that the model has no finite output for the row."""
        self._connection.respond(self, b"422 Unprocessable Entity", REFUSED_ROW)

    def refuse(self) -> None:
        """Respond that the row would have to wait for too long."""
        self._connection.respond(self, b"503 Service Unavailable", OVERLOADED, RETRY_AFTER)
