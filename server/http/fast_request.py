"""A request for one row on the fast path."""

from __future__ import annotations

from typing import Protocol

from server.api import predictions
from server.http.large_body import CollectedRequest
from server.observability.request_id import request_id
from server.serving.classifier_service import NOT_FINITE, ClassifierService

REFUSED_ROW = predictions.encode(predictions.Failure(NOT_FINITE))
BATCH_FULL = predictions.encode(predictions.Failure("too many rows are waiting, expected fewer at a time"))
RETRY_AFTER = b"retry-after: 1\r\n"


class Responder(Protocol):
    """The connection that a request came on."""

    def respond(self, request: FastRequest, status: bytes, body: bytes, headers: bytes = b"") -> None:
        """Write a response."""

    def pause_reading(self) -> None:
        """Read nothing from the client for a moment."""


class FastRequest(CollectedRequest):
    """A row that the micro-batcher answers.

    service  the classifier that answers, known once the body is complete
    """

    body = b""
    service: ClassifierService

    def __init__(self, connection: Responder, keep_alive: bool, given_id: bytes | None) -> None:
        self.keep_alive = keep_alive
        self._connection = connection
        self.request_id = given_id and request_id(given_id)

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
        """Respond that the batch is full; a client that asks again at once is not read for a moment."""
        self._connection.respond(self, b"503 Service Unavailable", BATCH_FULL, RETRY_AFTER)
        self._connection.pause_reading()
