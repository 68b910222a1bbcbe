"""The annotator at work: one loaded model, its worker thread, and a limit on concurrent recordings."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from time import perf_counter
from typing import Any, Protocol, TypeVar

import numpy as np
from starlette.requests import HTTPConnection

from server.errors import Overloaded, Unavailable, WrongShape
from server.models import plausibility, rhythm
from server.models.annotator import Annotation, Annotator, BadSignal, concatenate
from server.models.gaps import Segment, join_segments, split_at_gaps
from server.models.pieces import Piece, Signal
from server.models.report.report import report
from server.models.report.structure import Report
from server.models.rhythm import Episode
from server.serving.classifier_service import VERSION_HEADER, require_finite
from server.serving.worker_thread import WorkerThread

MAX_WAITING = 16
MAX_CONCURRENT = 4  # Decoded to float32 samples, a recording takes more memory than its request body.

T = TypeVar("T")


class AnnotatorCounters(Protocol):
    """What the annotator counts."""

    def record_annotation(self, signal_s: float, beats: int, seconds: float) -> None:
        """Count one piece: its length, the beats found in it, and how long the network took."""

    def record_recording(self, unreadable_s: float, beats: np.ndarray) -> None:
        """Count one recording: its unreadable seconds, and its beats by their class."""

    def record_af(self, seconds: float) -> None:
        """Count seconds of atrial fibrillation or flutter."""


class AnnotatorService:
    """What a request with a recording is answered with.

    model          annotates recordings
    headers        response headers that name the model
    loaded_at      when the model was loaded, in seconds since 1970
    run_in_worker  what a function returns, run on the worker thread: for what would hold the event loop for a long recording

    A piece of a recording keeps the network busy for up to a second. Pieces run one at a time on the worker thread; pieces of
    concurrent recordings are interleaved.
    """

    task = "annotator"

    def __init__(self, model: Annotator, counters: AnnotatorCounters) -> None:
        self.model = model
        self.headers = {VERSION_HEADER: model.contract.version}
        self.loaded_at = time.time()
        self._counters = counters
        self.run_in_worker = WorkerThread("annotator").run
        self._slots = asyncio.Semaphore(MAX_CONCURRENT)
        self._waiting = 0

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """Wait for one of MAX_CONCURRENT slots; raises Overloaded if MAX_WAITING requests wait already."""
        if self._waiting == MAX_WAITING:
            raise Overloaded("too many recordings are waiting, expected fewer at a time")
        self._waiting += 1
        try:
            async with self._slots:
                yield
        finally:
            self._waiting -= 1

    async def annotate(self, signal: Signal, sampling_rate: float) -> Annotation:
        """What the model says of a recording, counted from its beginning, whatever gaps it has.

        signal         mV, NaN where nothing was recorded
        sampling_rate  Hz

        Raises WrongShape if the model does not take it.
        """
        try:
            await self.run_in_worker(self.model.require, signal, sampling_rate, True)
        except BadSignal as error:
            raise WrongShape(str(error)) from error
        segments, _ = await self.run_in_worker(split_at_gaps, signal, sampling_rate)
        segments = segments or [Segment(0, signal[:0])]
        found = [await self._annotate_segment(segment, sampling_rate) for segment in segments]
        joined = await self.run_in_worker(join_segments, segments, found, len(signal), sampling_rate)
        stretches = rhythm.unreadable(joined.readable, len(signal) / sampling_rate)
        self._counters.record_recording(sum(end - start for start, end in stretches), joined.beats.predicted_class)
        return joined

    async def warnings(self, signal: Signal, sampling_rate: float, annotation: Annotation) -> list[str]:
        """What is unusual about a recording and its annotation, a sentence each."""
        classes = self.model.contract.classes
        return await self.run_in_worker(plausibility.warnings, signal, sampling_rate, annotation, classes)

    async def episodes(self, annotation: Annotation, duration_s: float) -> list[Episode]:
        """The rhythms of a recording."""
        found = await self.run_in_worker(rhythm.episodes, annotation, self.model.contract.rhythms, duration_s)
        self._counters.record_af(rhythm.af_s(found))
        return found

    async def report(
        self, annotation: Annotation, episodes: Sequence[Episode], sampling_rate: float, duration_s: float
    ) -> Report:
        """The numbers of a recording, and the strips to look at."""
        classes = self.model.contract.classes
        return await self.run_in_worker(report, annotation, episodes, sampling_rate, classes, duration_s)

    async def _annotate_segment(self, segment: Segment, sampling_rate: float) -> Annotation:
        signal, pieces = segment.millivolts, self.model.pieces(len(segment.millivolts), sampling_rate)
        found = [await self._annotate_piece(piece, signal, sampling_rate) for piece in pieces]
        return await self.run_in_worker(concatenate, found)

    async def _annotate_piece(self, piece: Piece, signal: Signal, sampling_rate: float) -> Annotation:
        found, seconds = await self.run_in_worker(_timed, self.model.run, signal, sampling_rate, piece)
        for values in found.tensors().values():
            require_finite(values)
        self._counters.record_annotation((piece.end - piece.start) / sampling_rate, len(found.beats.sample), seconds)
        return found


def _timed(function: Callable[..., T], *arguments: Any) -> tuple[T, float]:
    """The result of `function`, and how many seconds it took."""
    began = perf_counter()
    return function(*arguments), perf_counter() - began


def require_annotator(request: HTTPConnection) -> AnnotatorService:
    """The annotator that answers `request`; raises Unavailable while none is loaded."""
    service: AnnotatorService | None = request.state.annotator.service
    if service is None:
        raise Unavailable(request.state.annotator.reason)
    return service
