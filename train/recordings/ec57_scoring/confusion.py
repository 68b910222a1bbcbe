"""The confusion table of a recording, as ANSI/AAMI EC57 counts beats.

An annotated beat without a match is missed, a detected one without a match is false. Beats of class Q, and those annotated
without a class, count for the detection, not for the classification. Nothing is counted in ventricular flutter, where no beats
are annotated.
"""

from dataclasses import dataclass

import numpy as np

from train.recordings.ec57_scoring.matching import WINDOW_S, match
from train.recordings.reading import Recording

CLASSES = ("N", "S", "V", "F")
Q = len(CLASSES)
NONE = Q + 1  # no beat: the last column holds those missed, the last row those that are false


@dataclass(frozen=True)
class PredictedBeats:
    """What a model says of one lead of a recording.

    sample                int (beats,), index of each R peak
    probabilities         float32 (beats, classes)
    lead                  its name; empty for the first
    rhythm_probabilities  float32 (seconds, rhythms); None of a model that does not know rhythm
    readable              float32 (seconds,); None as well
    """

    recording: Recording
    sample: np.ndarray
    probabilities: np.ndarray
    lead: str = ""
    rhythm_probabilities: np.ndarray | None = None
    readable: np.ndarray | None = None

    @property
    def is_first_lead(self) -> bool:
        """Whether it is of the lead that is evaluated first."""
        return self.lead in ("", next(iter(self.recording.leads)))

    @property
    def signal(self) -> np.ndarray:
        """The lead, float32 (samples,) in mV."""
        return self.recording.leads[self.lead or next(iter(self.recording.leads))]


def confusion(prediction: PredictedBeats) -> np.ndarray:
    """Counts by annotated (rows) and predicted class (columns), int (NONE + 1, NONE + 1): N, S, V, F, Q, no beat."""
    recording, rate = prediction.recording, prediction.recording.sampling_rate_hz
    predicted = prediction.probabilities.argmax(axis=1) if len(prediction.sample) else np.zeros(0, int)
    annotated = np.where(recording.classes < 0, Q, recording.classes)
    reference, found = match(recording.beats, prediction.sample, WINDOW_S * rate)
    table = np.zeros((NONE + 1, NONE + 1), int)
    np.add.at(table, (annotated[reference], predicted[found]), 1)
    missed = np.setdiff1d(np.arange(len(recording.beats)), reference)
    false = np.setdiff1d(np.arange(len(prediction.sample)), found)
    false = false[~_within(prediction.sample[false], recording.excluded)]
    np.add.at(table, (annotated[missed], NONE), 1)
    np.add.at(table, (NONE, predicted[false]), 1)
    return table


def _within(samples: np.ndarray, stretches: np.ndarray) -> np.ndarray:
    """Which samples lie in one of the stretches, bool (samples,)."""
    inside = (samples[:, None] >= stretches[:, 0]) & (samples[:, None] <= stretches[:, 1])
    return np.asarray(inside.any(axis=1))
