"""Recordings prepared for training: resampled, with what is known of each beat and each second; and as the detector sees them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import tensorflow as tf

from train.recordings.ec57_scoring.confusion import CLASSES
from train.recordings.ec57_scoring.matching import WINDOW_S, match
from train.recordings.network import SAMPLING_RATE_HZ
from train.recordings.onnx_graph.resampling import MARGIN, resampled
from train.recordings.reading import Recording
from train.recordings.rhythm import OTHER, RHYTHMS, VF, N

NORMAL, SUPRAVENTRICULAR = CLASSES.index("N"), CLASSES.index("S")
ECTOPIC_S = 15  # Sinus rhythm that has ectopic beats nearer than that is called normal by some, other by some.
SUSTAINED = 8  # S beats before and behind one amid a run
LEAST_S_BEATS = 5  # of a recording that is trained on with fewer normal beats, too
NORMAL_KEPT = (0.05, 0.6)  # share of the normal beats that are kept then, from and to


@dataclass(frozen=True)
class Prepared:
    """A recording at SAMPLING_RATE_HZ.

    signals    float32 (leads, samples), mV, the lead that is evaluated first
    r_peak     float64 (beats,), in samples
    classes    int32 (beats,), index into CLASSES; -1 is of no class that is learned
    fibrillates  bool (samples,): in ventricular fibrillation or flutter, where no beats are
    possible   bool (seconds, rhythms): which rhythms each second may be, as far as is known
    label, has_beats  as of a Recording
    """

    signals: np.ndarray
    r_peak: np.ndarray
    classes: np.ndarray
    fibrillates: np.ndarray
    possible: np.ndarray
    label: str | None
    has_beats: bool


def prepare(recording: Recording) -> Prepared:
    """A recording as the detector learns from it."""
    scale = SAMPLING_RATE_HZ / recording.sampling_rate_hz
    signals = [at_network_rate(lead, recording.sampling_rate_hz) for lead in recording.leads.values()]
    fibrillates = np.zeros(len(signals[0]), bool)
    for begin, end in (recording.excluded * scale).astype(int):
        fibrillates[begin:end] = True
    classes = without_sustained_runs(np.where(recording.classes < len(CLASSES), recording.classes, -1).astype(np.int32))
    possible = possible_rhythms(recording)
    return Prepared(
        np.stack(signals), recording.beats * scale, classes, fibrillates, possible, recording.label, recording.has_beats
    )


def without_sustained_runs(classes: np.ndarray) -> np.ndarray:
    """The classes of beats, int32 (beats,), where S beats with nothing but S around them are of no class that is learned.

    Amid a supraventricular tachycardia nothing is premature: from it a network would learn that fast is.
    """
    other = np.concatenate([[0], np.cumsum(classes != SUPRAVENTRICULAR)])
    beat = np.arange(len(classes))
    first, last = np.maximum(beat - SUSTAINED, 0), np.minimum(beat + SUSTAINED + 1, len(classes))
    return np.where(other[last] == other[first], np.int32(-1), classes)


def at_network_rate(signal: np.ndarray, sampling_rate: float) -> np.ndarray:
    """A signal, float32 (samples,), resampled to SAMPLING_RATE_HZ as the graph does it."""
    count = int(np.ceil(len(signal) * SAMPLING_RATE_HZ / sampling_rate))
    return np.asarray(resampled(tf.constant(signal), tf.constant(sampling_rate, tf.float32)).numpy()[MARGIN : MARGIN + count])


def possible_rhythms(recording: Recording) -> np.ndarray:
    """Which rhythms each second may be, bool (seconds, rhythms).

    Where nothing is annotated it may be any but ventricular fibrillation, which databases of beats mark wherever it is.
    """
    seconds = int(np.ceil(recording.seconds))
    annotated = np.resize(recording.rhythm, seconds) if len(recording.rhythm) else np.full(seconds, -1)
    possible = np.ones((seconds, len(RHYTHMS)), bool)
    if recording.label == "~":
        return possible
    possible[:, VF] = False
    possible[annotated >= 0] = np.eye(len(RHYTHMS), dtype=bool)[annotated[annotated >= 0]]
    for second in np.unique(recording.beats[recording.classes > NORMAL] // recording.sampling_rate_hz).astype(int):
        near = slice(max(0, second - ECTOPIC_S), second + ECTOPIC_S + 1)
        possible[near, OTHER] |= annotated[near] == N
    return possible


@dataclass(frozen=True)
class Detected:
    """A lead of a recording as the detector sees it, which is how the beat classifier will meet it.

    signals   float32 (leads, samples), mV without baseline, with margins; this lead first
    r_peak    float64 (beats,), in samples of that, as found where it is readable
    time      float64 (beats,), s from the beginning
    classes   int32 (beats,), -1 where no beat is annotated or of no class that is learned
    features  float32 (seconds, SECOND_FEATURES)
    readable  bool (seconds,)
    possible, label, has_beats  as of what was Prepared
    whole     False where normal beats were removed: there is no signal between two beats, and nothing that the detector said
    """

    signals: np.ndarray
    r_peak: np.ndarray
    time: np.ndarray
    classes: np.ndarray
    features: np.ndarray
    readable: np.ndarray
    possible: np.ndarray
    label: str | None
    has_beats: bool
    whole: bool = True

    @property
    def seconds(self) -> int:
        """How long it is; where beats were removed, until the last beat."""
        return len(self.readable)


Find = Callable[[tf.Tensor], dict[str, tf.Tensor]]


def detect(prepared: Prepared, find: Find) -> list[Detected]:
    """Each lead of a recording as the detector sees it; `find` is AnnotationGraph.find."""
    leads = [{name: value.numpy() for name, value in find(tf.constant(signal)).items()} for signal in prepared.signals]
    clean = np.stack([lead["clean"] for lead in leads])
    return [_detected(prepared, lead, np.roll(clean, -number, axis=0)) for number, lead in enumerate(leads)]


def _detected(prepared: Prepared, lead: dict[str, np.ndarray], clean: np.ndarray) -> Detected:
    r_peak = lead["r_peak"]
    classes = np.full(len(r_peak), -1, np.int32)
    annotated, found = match(prepared.r_peak, r_peak - MARGIN, WINDOW_S * SAMPLING_RATE_HZ)
    classes[found] = prepared.classes[annotated]
    return Detected(
        signals=clean,
        r_peak=r_peak,
        time=(r_peak - MARGIN) / SAMPLING_RATE_HZ,
        classes=classes,
        features=lead["features"],
        readable=lead["readable"] >= 0,
        possible=prepared.possible,
        label=prepared.label,
        has_beats=prepared.has_beats,
    )


def with_fewer_normal_beats(recordings: Sequence[Detected], rng: np.random.Generator) -> list[Detected]:
    """Each recording that has S beats enough once more, with a random share of the normal beats removed.

    Each beat that is kept keeps its shape and its RR interval. Few patients have more supraventricular beats than normal ones:
    without such examples the network takes the most frequent beat for the normal one, and the rhythm for atrial fibrillation.
    """
    rich = [one for one in recordings if (one.classes == SUPRAVENTRICULAR).sum() >= LEAST_S_BEATS]
    return [_fewer_normal_beats(one, rng) for one in rich]


def _fewer_normal_beats(one: Detected, rng: np.random.Generator) -> Detected:
    kept = (one.classes != NORMAL) | (rng.random(len(one.classes)) < rng.uniform(*NORMAL_KEPT))
    time = np.cumsum(np.diff(one.time, prepend=one.time[0] - 1)[kept])
    seconds = int(time[-1]) + 1
    return replace(
        one,
        r_peak=one.r_peak[kept],
        time=time,
        classes=one.classes[kept],
        features=np.zeros((seconds, one.features.shape[1]), np.float32),
        readable=np.ones(seconds, bool),
        possible=np.tile(one.possible.any(axis=0), (seconds, 1)),
        whole=False,
    )
