"""The live annotator: a signal that comes bit by bit, annotated as it comes; neither time nor memory grow with its length.

The network runs over windows that end with the last sample heard. What it says of the end may change with what comes next,
and is provisional; what lies FUTURE_S back is made final every FINAL_STEP_S, by a run that sees PAST_S before it.
"""

import math
from typing import NamedTuple

import numpy as np

from server.models.annotator import SHORTEST_S, TOLERANCE_SAMPLES, Annotation, Annotator, require_millivolts, seconds_of
from server.models.pieces import whole_second

STEP_S = 1.2  # of signal, at most, between two runs
FUTURE_S = 8.0  # of signal behind whatever becomes final
FINAL_STEP_S = 2.0  # of signal, between two runs that make something final
PAST_S = 20.0  # of signal before whatever becomes final
SHORT_PAST_S = 2.0  # of signal before what is provisional


class LiveAnnotation(NamedTuple):
    """What one run says of the signal so far; beats are counted from the signal's beginning.

    second       the second that the first row of `final` is about
    final        what does not change any more, and was not said to be final before
    provisional  what was said of all that comes after it, which may change
    """

    second: int
    final: Annotation
    provisional: Annotation


class LiveAnnotator:
    """Annotates one signal as it comes.

    model          runs the network
    sampling_rate  Hz
    heard          samples so far
    """

    def __init__(self, model: Annotator, sampling_rate: float) -> None:
        """Raises BadSignal if the model does not take the sampling rate."""
        model.require_rate(sampling_rate)
        self.model, self.sampling_rate = model, sampling_rate
        self.heard = 0
        self._kept = np.zeros(0, np.float32)  # the last samples heard, as many as a run may see
        self._final_second = 0  # All before it is final.
        self._last_final = -math.inf  # the sample of the last beat that is final

    @property
    def is_full(self) -> bool:
        """Whether runs see as much signal as they ever will."""
        return self.heard >= (PAST_S + FUTURE_S) * self.sampling_rate

    def push(self, samples: np.ndarray, is_end: bool = False) -> LiveAnnotation:
        """Run the network once, and say what is known with these further samples; at the end all of it is final.

        samples  float32 (samples,), mV, up to STEP_S of signal: more makes beats late, less makes more runs

        Raises BadSignal for what is no signal.
        """
        require_millivolts(samples)
        self.heard += len(samples)
        self._kept = np.concatenate([self._kept, samples])
        since, border, end = self._final_second, self._border(is_end), seconds_of(self.heard, self.sampling_rate)
        found, first = self._run(PAST_S if border > since else SHORT_PAST_S)
        final = self._between(found, first, since, border, end)
        self._final_second = border
        self._last_final = max([self._last_final, *final.beats.sample[-1:].tolist()])
        return LiveAnnotation(since, final, self._between(found, first, border, end, end))

    def _border(self, is_end: bool) -> int:
        """The second before which everything is final after this run."""
        heard_s = self.heard / self.sampling_rate
        if is_end and heard_s >= SHORTEST_S:
            return seconds_of(self.heard, self.sampling_rate)
        latest = math.floor(heard_s - FUTURE_S)
        return latest if latest >= self._final_second + FINAL_STEP_S else self._final_second

    def _run(self, past_s: float) -> tuple[Annotation, int]:
        """What is said of the signal from `past_s` before what is not final yet, and at which sample it begins."""
        forgotten = self.heard - len(self._kept)
        first = max(forgotten, whole_second(max(0, self._final_second - past_s), self.sampling_rate))
        if past_s == PAST_S:
            self._kept, forgotten = self._kept[first - forgotten :], first
        return self.model.run_at_once(self._kept[first - forgotten :], self.sampling_rate), first

    def _between(self, found: Annotation, first: int, start: int, stop: int, end: int) -> Annotation:
        """What a run from sample `first` on says of the seconds from `start` to `stop`; `end` is the second of the end."""
        sample = found.beats.sample + np.int64(first)
        own = sample > max(self._last_final + 2 * TOLERANCE_SAMPLES, round(start * self.sampling_rate) - TOLERANCE_SAMPLES - 1)
        if stop < end:
            own &= sample < round(stop * self.sampling_rate)
        if start == stop:
            own[:] = False
        begin = round(first / self.sampling_rate)
        return found.part(sample, own, start - begin, stop - begin)
