"""Micro-batching: single rows that arrive in the same iteration of the event loop are classified by one run."""

import logging
from asyncio import AbstractEventLoop
from collections import deque
from http import HTTPStatus
from math import isfinite
from time import perf_counter
from typing import NamedTuple, Protocol

import numpy as np

from server.errors import Overloaded, WrongShape
from server.models.classifier import Answer
from server.serving.io_binding import IoBoundClassifier
from server.serving.load_shedding import LoadShedder

PATH = "/predict"

log = logging.getLogger(__name__)


class QueuedRequest(Protocol):
    """A request for one row that waits for its batch; no method may raise."""

    @property
    def request_id(self) -> bytes | None:
        """The one that the client sent, or its trace ID, if any."""

    @property
    def trace_id(self) -> bytes | None:
        """Of the trace that it is a part of, if any."""

    def answer(self, predicted_class: int, probability: float) -> None:
        """Respond with the prediction."""

    def fail(self) -> None:
        """Respond that the run failed."""

    def refuse_row(self) -> None:
        """Respond that the model has no finite output for the row."""

    def refuse(self) -> None:
        """Respond that the row would have to wait for too long."""


class BatchCounters(Protocol):
    """What the micro-batcher counts."""

    def record_batch(self, rows: int) -> None:
        """Count one batch and its rows."""

    def record_refusals(self, reason: str, requests: int = 1) -> None:
        """Count refused requests."""

    def record_responses(self, path: str, status: int, seconds: float, requests: int = 1) -> None:
        """Count responses and their latency."""


class Batch(NamedTuple):
    """Rows for one run, their requests, and when the first came (a time of perf_counter)."""

    rows: list[bytes]
    requests: list[QueuedRequest]
    began: float


class MicroBatcher:
    """Collects rows for one model and runs them as one batch at the end of the event loop's iteration.

    The first row schedules the run with `call_soon`, without a timer: a single row does not wait, and rows that the same
    iteration reads from other connections join its batch. At 32 connections one run of 32 rows costs what two runs of one
    row do. A batch holds at most `max_rows` rows of `classifier`; further rows queue for the next ones, which run in the
    iterations that follow. Callers check `is_overloaded`, and `reject` what would have to wait for too long.
    """

    def __init__(
        self, classifier: IoBoundClassifier, loop: AbstractEventLoop, counters: BatchCounters, shedder: LoadShedder
    ) -> None:
        self.shedder = shedder
        self._classifier = classifier
        self._loop = loop
        self._counters = counters
        self._full: deque[Batch] = deque()
        self._rows: list[bytes] = []  # These and the next two are of the last batch, which is not full.
        self._requests: list[QueuedRequest] = []
        self._began = 0.0
        self._logs_responses = log.isEnabledFor(logging.DEBUG)

    @property
    def has_rows(self) -> bool:
        """Whether a batch is scheduled."""
        return bool(self._rows or self._full)

    @property
    def is_overloaded(self) -> bool:
        """Whether a row that comes now would have to wait for longer than it may."""
        return len(self._full) > self.shedder.max_batches

    def reject(self, request: QueuedRequest) -> None:
        """Respond 503 to a request that comes under overload."""
        request.refuse()
        self._counters.record_refusals(Overloaded.reason)
        self._record(HTTPStatus.SERVICE_UNAVAILABLE, [request], perf_counter())

    def submit(self, row: bytes, request: QueuedRequest) -> None:
        """Add `row`, n finite float32 in the order of the model's features, to the batch; `request` gets its answer."""
        if not self._rows:
            self._began = perf_counter()
            if not self._full:
                self._loop.call_soon(self._run)
        self._rows.append(row)
        self._requests.append(request)
        if len(self._rows) == self._classifier.max_rows:
            self._full.append(self._close_batch())

    def _close_batch(self) -> Batch:
        """The last batch, which gets no more rows."""
        batch = Batch(self._rows, self._requests, self._began)
        self._rows, self._requests = [], []
        return batch

    def _run(self) -> None:
        """Run the first batch, and schedule the next."""
        batch = self._full.popleft() if self._full else self._close_batch()
        if self.has_rows:
            self._loop.call_soon(self._run)
        self._run_batch(batch)
        self.shedder.batch_done(self.has_rows)

    def _run_batch(self, batch: Batch) -> None:
        rows, requests, began = batch
        try:
            answer = self._classifier.run(rows)
        except Exception:
            log.exception("a run of %d rows failed", len(rows))
            for request in requests:
                request.fail()
            self._record(HTTPStatus.INTERNAL_SERVER_ERROR, requests, began)
            return
        self._counters.record_batch(len(rows))
        probabilities = answer.probability.tolist()
        if not isfinite(sum(probabilities)):
            requests, answer = self._refuse_not_finite(requests, answer, began)
            probabilities = answer.probability.tolist()
        for request, predicted_class, probability in zip(requests, answer.predicted_class.tolist(), probabilities, strict=True):
            request.answer(predicted_class, probability)
        self._record(200, requests, began)

    def _refuse_not_finite(
        self, requests: list[QueuedRequest], answer: Answer, began: float
    ) -> tuple[list[QueuedRequest], Answer]:
        """Refuse the rows whose output overflowed float32; return the other requests and their answers."""
        finite = np.isfinite(answer.probability)
        refused = [request for request, is_finite in zip(requests, finite, strict=True) if not is_finite]
        for request in refused:
            request.refuse_row()
        self._counters.record_refusals(WrongShape.reason, len(refused))
        self._record(HTTPStatus.UNPROCESSABLE_ENTITY, refused, began)
        others = [request for request, is_finite in zip(requests, finite, strict=True) if is_finite]
        return others, Answer(answer.predicted_class[finite], answer.probability[finite])

    def _record(self, status: int, requests: list[QueuedRequest], began: float) -> None:
        """Count the responses, and write the access log where it is on."""
        seconds = perf_counter() - began
        self._counters.record_responses(PATH, status, seconds, len(requests))
        if self._logs_responses:
            extra = {"path": PATH, "status": int(status), "seconds": round(seconds, 6), "rows": len(requests)}
            for request in requests:
                names = {"request_id": request.request_id, "trace_id": request.trace_id}
                log.debug("answered", extra=extra | {key: name.decode() for key, name in names.items() if name})
