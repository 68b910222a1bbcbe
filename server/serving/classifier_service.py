"""The classifier at work: one loaded model with its micro-batcher and its decoder of rows."""

import asyncio
import time
from collections.abc import Callable, Iterator
from typing import Protocol

import numpy as np
from starlette.requests import Request

from server.errors import Unavailable, WrongShape
from server.models.classifier import Answer, Classifier
from server.serving.io_binding import IoBoundClassifier
from server.serving.load_shedding import LoadShedder
from server.serving.micro_batcher import BatchCounters, MicroBatcher

VERSION_HEADER = "Model-Version"
MAX_BATCH_ROWS = 64
NOT_FINITE = "expected numbers as the model was trained on, some are so large that it has no answer"


class RowDecoder(Protocol):
    """Decodes request bodies to rows of this model's features; `server.api.rows` implements it."""

    def plain_row(self, body: bytes) -> bytes | None:
        """The n float32 of a JSON body with one row, or None if the body is anything else."""

    def json(self, body: bytearray) -> tuple[Iterator[np.ndarray], bool]:
        """Slices of rows (rows, n) of a JSON body, and whether it was sent for many rows."""

    def csv(self, body: bytearray) -> Iterator[np.ndarray]:
        """Slices of rows (rows, n) of a CSV body."""

    def data(self, json: bytes) -> Iterator[np.ndarray]:
        """Slices of rows (rows, n) of a tensor's `data` of the Open Inference Protocol."""


RunObserver = Callable[[np.ndarray, Answer, float], None]  # See Classifier.on_run.


class ClassifierService:
    """What a request for rows is answered with.

    model      classifies rows
    reader     decodes them from request bodies
    batcher    runs single rows of concurrent requests together
    headers    response headers that name the model
    loaded_at  when the model was loaded, in seconds since 1970
    """

    task = "classifier"

    def __init__(
        self, model: Classifier, reader: RowDecoder, counters: BatchCounters, on_run: RunObserver, max_wait_s: float
    ) -> None:
        """`on_run` is called after each run; `max_wait_s` is how long a single row may have to wait for others, in seconds."""
        model.on_run = on_run
        self.model = model
        self.reader = reader
        classifier = IoBoundClassifier(model, MAX_BATCH_ROWS)
        loop = asyncio.get_running_loop()
        self.batcher = MicroBatcher(classifier, loop, counters, LoadShedder(loop, max_wait_s))
        self.headers = {VERSION_HEADER: model.contract.version}
        self.loaded_at = time.time()


def require_classifier(request: Request) -> ClassifierService:
    """The classifier that answers `request`; raises Unavailable while none is loaded."""
    service: ClassifierService | None = request.state.classifier.service
    if service is None:
        raise Unavailable(request.state.classifier.reason)
    return service


def require_finite(outputs: np.ndarray) -> None:
    """Raises WrongShape if an output overflowed float32: the input was finite, but far from what the model was trained on."""
    if not np.isfinite(outputs).all():
        raise WrongShape(NOT_FINITE)
