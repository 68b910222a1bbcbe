"""One annotator and the thread that works for it."""

import asyncio
import os
import threading
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from time import perf_counter
from typing import Any, TypeVar

import numpy as np
from starlette.requests import Request

from server.api.predictions import require_answer
from server.errors import Overloaded, Unavailable, WrongShape
from server.models.annotator import Annotator, BadSignal, Beats, Piece, joined
from server.observability.counters import Counts
from server.serving.classifier_service import VERSION_FIELD

MOST_WAITING = 16
MOST_HELD = 4  # as samples, which take more memory than what was sent
NICENESS = 10

T = TypeVar("T")


class Annotating:
    """What a request needs to have its recording annotated.

    model   annotates
    since   when it began to, in seconds since 1970
    fields  header fields that say which model answered

    A piece of a recording takes long. It runs on a thread of its own, of lower priority than the event loop's, which the
    runtime leaves Python's lock for; pieces of several recordings take turns.
    """

    does = "annotating"

    def __init__(self, model: Annotator, counts: Counts) -> None:
        self.model = model
        self.since = time.time()
        self.fields = {VERSION_FIELD: model.contract.version}
        self._counts = counts
        self._thread = ThreadPoolExecutor(1, "annotating", _step_back)
        self._places = asyncio.Semaphore(MOST_HELD)
        self._waiting = 0

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Where a recording is read and annotated; raises Overloaded if too many wait for one."""
        if self._waiting == MOST_WAITING:
            raise Overloaded("too many recordings are waiting, expected fewer at a time")
        self._waiting += 1
        try:
            async with self._places:
                yield
        finally:
            self._waiting -= 1

    async def annotate(self, signal: np.ndarray, sampling_rate: float) -> Beats:
        """The beats of a recording; raises WrongShape if it is none."""
        try:
            await self._on_the_thread(self.model.require, signal, sampling_rate)
        except BadSignal as error:
            raise WrongShape(str(error)) from error
        pieces = self.model.pieces(len(signal), sampling_rate)
        return joined([await self._beats_of(piece, signal, sampling_rate) for piece in pieces])

    async def _on_the_thread(self, work: Callable[..., T], *given: Any) -> T:
        """What `work` gives, when those who wait already have had theirs."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *given)

    async def _beats_of(self, piece: Piece, signal: np.ndarray, sampling_rate: float) -> Beats:
        beats, seconds = await self._on_the_thread(_timed, self.model.run, signal, sampling_rate, piece)
        require_answer(beats.probabilities)
        self._counts.annotated((piece.end - piece.start) / sampling_rate, len(beats.sample), seconds)
        return beats


def _timed(run: Callable[..., T], *given: Any) -> tuple[T, float]:
    """What a run gives, and how many seconds it took."""
    began = perf_counter()
    return run(*given), perf_counter() - began


def _step_back() -> None:
    """Let others go first, where the system knows priorities of threads."""
    if hasattr(os, "setpriority"):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)


def annotating(request: Request) -> Annotating:
    """What annotates for `request`; raises Unavailable if nothing does."""
    found: Annotating | None = request.state.beats.service
    if found is None:
        raise Unavailable(request.state.beats.reason)
    return found
