"""A request on the short way, and its answer."""

from __future__ import annotations

from asyncio import Event
from typing import TYPE_CHECKING

from server.api import predictions as protocol
from server.observability.request_id import HEADER, request_id
from server.serving.classifier_service import NOT_FINITE, ClassifierService

if TYPE_CHECKING:
    from server.http.fast_path import Connection
NO_ANSWER = protocol.encode(protocol.Failure(NOT_FINITE))
FULL = protocol.encode(protocol.Failure("too many rows are waiting, expected fewer at a time"))


class Exchange:
    """Stands where uvicorn keeps its cycle of request and response."""

    message_event = Event()  # Nobody ever waits for it: uvicorn sets it when the client goes away.
    more_body = True  # Until the request has come whole.
    body = b""
    disconnected = False
    response_complete = False
    service: ClassifierService  # The one that answers, known once the body is whole.

    def __init__(self, connection: Connection, keep_alive: bool, name: bytes | None) -> None:
        self.connection = connection
        self.keep_alive = keep_alive
        self.request_id = name and request_id(name)

    def answer(self, predicted_class: int, probability: float) -> None:
        """Write the prediction."""
        self._write(b"200 OK", protocol.encode(protocol.Prediction(predicted_class, probability)))

    def fail(self) -> None:
        """Write that the server failed."""
        self._write(b"500 Internal Server Error", protocol.FAILED)

    def refuse_row(self) -> None:
        """Write that the model has no answer for this row."""
        self._write(b"422 Unprocessable Entity", NO_ANSWER)

    def refuse(self) -> None:
        """Write that too many others wait, and when to ask again."""
        self._write(b"503 Service Unavailable", FULL, b"retry-after: 1\r\n")
        self.connection.rest()

    def _write(self, status: bytes, body: bytes, more: bytes = b"") -> None:
        """Write the response; what comes next is uvicorn's: another request, or the end of the connection."""
        self.response_complete = True
        connection = self.connection
        if self.disconnected or connection.transport.is_closing():
            return
        stays = self.keep_alive and not connection.graceful_shutdown.has_begun
        if not stays:
            more += b"connection: close\r\n"
        if self.request_id:
            more += b"%b: %b\r\n" % (HEADER, self.request_id)
        fields = connection.fields(self.service)
        connection.transport.write(b"HTTP/1.1 %b\r\n%b%bcontent-length: %d\r\n\r\n%b" % (status, fields, more, len(body), body))
        if not stays:
            connection.transport.close()
        connection.on_response_complete()
