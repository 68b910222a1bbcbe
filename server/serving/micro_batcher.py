"""The rows that arrive in one turn of the event loop, answered by one run."""

import logging
from asyncio import AbstractEventLoop
from http import HTTPStatus
from math import isfinite
from time import perf_counter
from typing import Protocol

import numpy as np

from server.errors import Overloaded, WrongShape
from server.models.classifier import Answer
from server.observability.counters import Counts
from server.serving.io_binding import Block

PATH = "/predict"

log = logging.getLogger(__name__)


class Exchange(Protocol):
    """A request that waits for its answer; no call may raise."""

    @property
    def name(self) -> bytes | None:
        """The request's, if it was given one."""

    def answer(self, predicted_class: int, probability: float) -> None:
        """The model's answer for the row."""

    def fail(self) -> None:
        """There will be none."""

    def refuse_row(self) -> None:
        """The model has none for it."""

    def refuse(self) -> None:
        """There will be none now, because of others."""


class Turn:
    """Rows of one model that wait for the same run.

    The first row schedules the run for the end of the event loop's turn, without a timer: alone it waits for nothing, and
    whatever else the turn reads from other connections joins it. At 32 connections one run of 32 rows costs what two
    runs of one do. As many may wait as the block has room for; the others of the turn are to be refused at once.
    """

    def __init__(self, block: Block, loop: AbstractEventLoop, counts: Counts) -> None:
        self._block = block
        self._loop = loop
        self._counts = counts
        self._rows: list[bytes] = []
        self._exchanges: list[Exchange] = []
        self._began = 0.0
        self._tells_all = log.isEnabledFor(logging.DEBUG)

    @property
    def is_waiting(self) -> bool:
        """Whether rows wait for the end of this turn."""
        return bool(self._rows)

    @property
    def is_full(self) -> bool:
        """Whether as many rows wait as may."""
        return len(self._rows) == self._block.most

    def refuse(self, exchange: Exchange) -> None:
        """Answer that there is no room for its row in this turn."""
        exchange.refuse()
        self._counts.refused(Overloaded.reason)
        self._tell(HTTPStatus.SERVICE_UNAVAILABLE, [exchange], perf_counter())

    def join(self, row: bytes, exchange: Exchange) -> None:
        """Answer `exchange` for `row`: n finite float32 in the order of the model's features."""
        if not self._rows:
            self._began = perf_counter()
            self._loop.call_soon(self._run)
        self._rows.append(row)
        self._exchanges.append(exchange)

    def _run(self) -> None:
        rows, exchanges, began = self._rows, self._exchanges, self._began
        self._rows, self._exchanges = [], []
        try:
            answer = self._block.run(rows)
        except Exception:
            log.exception("a run of %d rows failed", len(rows))
            for exchange in exchanges:
                exchange.fail()
            self._tell(HTTPStatus.INTERNAL_SERVER_ERROR, exchanges, began)
            return
        self._counts.gathered(len(rows))
        probabilities = answer.probability.tolist()
        if not isfinite(sum(probabilities)):
            exchanges, answer = self._answerable(exchanges, answer, began)
            probabilities = answer.probability.tolist()
        for exchange, predicted_class, probability in zip(exchanges, answer.predicted_class.tolist(), probabilities, strict=True):
            exchange.answer(predicted_class, probability)
        self._tell(200, exchanges, began)

    def _answerable(self, exchanges: list[Exchange], answer: Answer, began: float) -> tuple[list[Exchange], Answer]:
        """Refuse the rows for which the network has no number; the others and their answers."""
        good = np.isfinite(answer.probability)
        without = [exchange for exchange, is_good in zip(exchanges, good, strict=True) if not is_good]
        for exchange in without:
            exchange.refuse_row()
        self._counts.refused(WrongShape.reason, len(without))
        self._tell(HTTPStatus.UNPROCESSABLE_ENTITY, without, began)
        others = [exchange for exchange, is_good in zip(exchanges, good, strict=True) if is_good]
        return others, Answer(answer.predicted_class[good], answer.probability[good])

    def _tell(self, status: int, exchanges: list[Exchange], began: float) -> None:
        seconds = perf_counter() - began
        self._counts.answered(PATH, status, seconds, len(exchanges))
        if self._tells_all:
            for name in (exchange.name for exchange in exchanges):
                told = {"path": PATH, "status": int(status), "seconds": round(seconds, 6), "rows": len(exchanges)}
                log.debug("answered", extra=told | ({"request_id": name.decode()} if name else {}))
