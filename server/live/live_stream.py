"""One live stream at work: packets wait until the network runs over them, and how late its beats are is known."""

import asyncio
from collections import deque

import numpy as np

from server.live.live_annotator import STEP_S, LiveAnnotation, LiveAnnotator
from server.live.running_totals import RunningTotals
from server.live.stream_errors import WrongFrame
from server.live.stream_messages import LiveMessage, live_message
from server.live.stream_scheduler import StreamScheduler
from server.models.annotator import Annotator

MAX_WAITING_S = 20.0  # of signal; more is not read from the client until the network has run over it
SAME_BEAT_S = 0.15  # A beat nearer than that to the last one said is that one.
REMEMBERED_S = 15.0  # when packets came


class LiveStream:
    """The samples that have come of one signal, and what was said of them.

    sampling_rate  Hz
    """

    def __init__(self, model: Annotator, sampling_rate: float, scheduler: StreamScheduler) -> None:
        """Raises BadSignal if the model does not take the sampling rate."""
        self._annotator, self._scheduler = LiveAnnotator(model, sampling_rate), scheduler
        self._totals = RunningTotals(model.contract.classes, model.contract.rhythms, sampling_rate)
        self._contract, self.sampling_rate = model.contract, sampling_rate
        self._waiting: list[np.ndarray] = []
        self._waiting_samples = self._came = 0
        self._is_due, self._has_space, self._is_ended = asyncio.Event(), asyncio.Event(), False
        self._arrivals = deque[tuple[int, float]]()  # how many samples had come, and when
        self._said_until = 0.0  # the sample of the last beat said

    async def add(self, samples: np.ndarray, now: float) -> None:
        """Take a packet; wait while too many are waiting."""
        self._waiting.append(samples)
        self._waiting_samples += len(samples)
        self._came += len(samples)
        self._arrivals.append((self._came, now))
        while self._arrivals[0][0] < self._came - REMEMBERED_S * self.sampling_rate:
            self._arrivals.popleft()
        if self._waiting_samples + len(samples) > STEP_S * self.sampling_rate:
            self._is_due.set()
        if self._waiting_samples > MAX_WAITING_S * self.sampling_rate:
            self._has_space.clear()
            await self._has_space.wait()

    def end(self) -> None:
        """Say that no more will come."""
        self._is_ended = True
        self._is_due.set()

    async def message(self) -> LiveMessage:
        """What is known after the next run of the network; the last message has a summary."""
        await self._is_due.wait()
        self._is_due.clear()
        is_end, samples = self._is_ended, np.concatenate([np.zeros(0, np.float32), *self._waiting])
        self._waiting, self._waiting_samples = [], 0
        self._has_space.set()
        signal_s, annotator = len(samples) / self.sampling_rate, self._annotator
        found = await self._scheduler.run(signal_s, annotator.is_full, annotator.push, samples, is_end)
        _require_finite(found)
        self._totals.add(found.second, found.final)
        message = live_message(found, self._annotator.heard, self.sampling_rate, self._contract)
        if is_end:
            message.summary = self._totals.summary(self._annotator.heard / self.sampling_rate)
        return message

    def delays(self, message: LiveMessage, now: float) -> list[float]:
        """How long ago the R peaks came, s, that this message says first."""
        same = SAME_BEAT_S * self.sampling_rate
        new = [beat.sample for beat in message.beats if beat.sample > self._said_until + same]
        self._said_until = max([self._said_until, *new])
        return [now - self._came_at(sample) for sample in new]

    def _came_at(self, sample: int) -> float:
        return next((when for came, when in self._arrivals if came > sample), self._arrivals[-1][1])


def _require_finite(found: LiveAnnotation) -> None:
    """Raises WrongFrame if the network has no answer for a signal: numbers so large that its sums overflow."""
    values = [values for part in (found.final, found.provisional) for values in part.tensors().values()]
    if not all(np.isfinite(one).all() for one in values):
        raise WrongFrame("expected a signal that the model has finite answers for")
