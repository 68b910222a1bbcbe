"""Training batches of the beat classifier: crops of about a minute, with what is known of their beats and their seconds."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from train.recordings.data.augmented_windows import augmented_windows
from train.recordings.data.detector_batches import choose
from train.recordings.data.prepare import Detected, with_fewer_normal_beats
from train.recordings.ec57_scoring.confusion import CLASSES
from train.recordings.onnx_graph.beat_windows import NEAR_S
from train.recordings.rhythm import AF, RHYTHMS, VF

SECONDS = 64  # in a crop, at its own tempo
ANNOTATED, LABELLED = 10, 24  # crops in a batch with beats or rhythm annotated, and of recordings that have one label
MOST_BEATS = 112  # in a crop
LABELS, LABEL_SHARES = ("N", "O", "AF"), (0.46, 0.36, 0.18)
RARE, RARE_CLASSES = 0.55, (1, 1, 2, 3)  # share of the annotated crops drawn around a beat of one of these classes
EDGE = 8  # beats at each end, whose neighbours are not all in the crop: they have no weight
TEMPO, TEMPO_OF_LABELLED, SLOWEST, FASTEST = 0.35, 0.25, 0.4, 3.5  # spread of the logarithm, and from where to where
PLAYED_AT_ANOTHER, OF_LABELLED = 0.7, 0.4  # share of the crops that are played faster or slower; of that, where there is a label
AT_ANY_RATE, RATES = 0.5, (40.0, 220.0)  # share of those that are played at any heart rate, beats a minute
SAME_TEMPO = 0.03  # spread of the logarithm where the label is to hold: a fast heart is called other
WEIGHTS = (1.0, 0.6, 1.0, 1.0)  # of N, S, V and F beats
POSSIBLE_CLASSES = {"N": (1, 0, 0, 0), "AF": (1, 0, 1, 1)}  # N, S, V, F: 1 for a class that a beat may be of, by label

Rng = np.random.Generator
Arrays = dict[str, np.ndarray]


@dataclass(frozen=True)
class Batch:
    """Inputs of the beat classifier by name, and what is known of the answers.

    possible_classes  float32 (batch, beats, classes), 1 for a class that the beat may be of
    weight            float32 (batch, beats)
    possible_rhythms  float32 (batch, seconds, rhythms), 1 for a rhythm that the second may be
    counts            float32 (batch, seconds), 1 for a second that is readable and of which something is known
    labelled          float32 (batch,), 1 where not the seconds are known but the label of the recording
    """

    inputs: Arrays
    known: Arrays


def classifier_batches(recordings: Sequence[Detected], rng: Rng, noise: Sequence[np.ndarray] = ()) -> Iterator[tuple[Batch, ...]]:
    """Endless pairs of batches, of annotated recordings and of labelled ones; the second is missing where there are none."""
    annotated = [one for one in recordings if one.has_beats and (one.classes >= 0).any()]
    starts = _Starts(recordings, annotated + with_fewer_normal_beats(annotated, rng), rng)
    labelled = {label: [one for one in recordings if one.label == label and len(one.r_peak) > 4] for label in LABELS}
    shares = np.array([share if labelled[label] else 0 for label, share in zip(LABELS, LABEL_SHARES, strict=True)])
    while True:
        batches = [batch([_crop(*starts.draw(number), rng, noise) for number in range(ANNOTATED)])]
        if shares.any():
            drawn = rng.choice(LABELS, LABELLED, p=shares / shares.sum())
            batches.append(batch([_crop(choose(labelled[label], rng), None, rng, noise) for label in drawn]))
        yield tuple(batches)


class _Starts:
    """Where crops of annotated recordings begin: around what is rare more often than anywhere."""

    def __init__(self, recordings: Sequence[Detected], annotated: Sequence[Detected], rng: Rng) -> None:
        self.rng, self.annotated = rng, annotated
        self.rhythms = [_times(_with_rhythm(recordings, rhythm)) for rhythm in (VF, AF)]
        beats = [[(one, one.time[one.classes == kind]) for one in annotated] for kind in range(len(CLASSES))]
        self.classes = [_times(of_class) for of_class in beats]

    def draw(self, number: int) -> tuple[Detected, float | None]:
        """A recording and, for the crop `number` of a batch, where it begins in s; None is anywhere."""
        around = self.rhythms[number] if number < len(self.rhythms) else []
        if number >= len(self.rhythms) and self.rng.random() < RARE:
            around = self.classes[choose(RARE_CLASSES, self.rng)]
        if not around:
            return choose(self.annotated, self.rng), None
        one, times = choose(around, self.rng)
        return one, float(choose(times, self.rng) - self.rng.uniform(0.1, 0.9) * SECONDS)


def _with_rhythm(recordings: Sequence[Detected], rhythm: int) -> list[tuple[Detected, np.ndarray]]:
    """The annotated recordings with the seconds that can only be of this rhythm."""
    only = np.eye(len(RHYTHMS), dtype=bool)[rhythm]
    return [(one, np.flatnonzero((one.possible == only).all(axis=1))) for one in recordings if one.label is None]


def _times(found: list[tuple[Detected, np.ndarray]]) -> list[tuple[Detected, np.ndarray]]:
    return [(one, times) for one, times in found if len(times)]


def _tempo(one: Detected, rng: Rng) -> tuple[float, bool]:
    """How much faster than recorded a crop is played, and whether a label of the recording still holds."""
    if rng.random() >= PLAYED_AT_ANOTHER:
        return 1.0, True
    if one.label is None or rng.random() < OF_LABELLED:
        spread = TEMPO if one.label is None else TEMPO_OF_LABELLED
        tempo = np.exp(rng.normal(0, spread))
        if len(one.time) > 1 and rng.random() < AT_ANY_RATE:
            tempo = np.exp(rng.uniform(*np.log(RATES))) * np.median(np.diff(one.time)) / 60
        return float(np.clip(tempo, SLOWEST, FASTEST)), one.label in (None, "AF")
    return float(np.exp(rng.normal(0, SAME_TEMPO))), True


def _crop(one: Detected, start: float | None, rng: Rng, noise: Sequence[np.ndarray]) -> tuple[Arrays, Arrays]:
    tempo, holds = _tempo(one, rng)
    latest = max(0.0, one.seconds - SECONDS * tempo)
    begin = rng.uniform(0, latest) if start is None else float(np.clip(start, 0, latest))
    first = int(np.searchsorted(one.time, begin))
    last = min(int(np.searchsorted(one.time, begin + SECONDS * tempo)), first + MOST_BEATS)
    window = augmented_windows(one.signals, one.r_peak[first:last], tempo, one.whole, rng, noise)
    time = (one.time[first:last] - begin) / tempo
    second = np.floor(begin + (np.arange(SECONDS) + 0.5) * tempo).astype(int)
    known = second < len(one.readable)
    if last - first == MOST_BEATS and last < len(one.time):
        known &= np.arange(SECONDS) < time[-1]
    second = np.minimum(second, len(one.readable) - 1)
    inputs = classifier_arrays(window, time, one.features[second] * known[:, None], known)
    inputs["seconds"] = inputs["seconds"] + rng.normal(0, 0.005, (len(time), 1))
    possible, weight = _beats(one, first, last)
    counts = known & one.readable[second] & holds
    label = np.float32(one.label is not None)
    return inputs, {
        "possible_classes": possible,
        "weight": weight,
        "possible_rhythms": one.possible[second],
        "counts": counts,
        "labelled": label,
    }


def classifier_arrays(window: np.ndarray, time: np.ndarray, features: np.ndarray, known: np.ndarray) -> Arrays:
    """The inputs of the beat classifier for one crop, as onnx_graph.annotation.classifier_inputs makes them in the graph."""
    middle, count = np.arange(len(known)) + 0.5, len(time)
    following = np.clip(np.searchsorted(time, middle), 0, max(0, count - 1))
    preceding = np.maximum(following - 1, 0)
    at = time if count else np.full(1, np.inf)
    beat = np.where(np.abs(at[preceding] - middle) <= np.abs(at[following] - middle), preceding, following)
    return {
        "window": window,
        "seconds": time[:, None] - time[:1].sum(),
        "present": np.ones((count, 1)),
        "features": features,
        "known": known[:, None],
        "near": ((np.abs(at[beat] - middle) < NEAR_S) & known)[:, None],
        "beat_of_second": beat,
        "second_of_beat": np.clip(time.astype(int), 0, len(known) - 1),
    }


def _beats(one: Detected, first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
    """Which classes each beat of a crop may be of, (beats, classes), and its weight (beats,)."""
    classes = one.classes[first:last]
    possible = np.ones((len(classes), len(CLASSES)))
    weight = np.zeros(len(classes))
    if one.label in POSSIBLE_CLASSES:
        possible[:], weight[:] = POSSIBLE_CLASSES[one.label], 1
    elif one.label is None:
        possible[classes >= 0] = np.eye(len(CLASSES))[classes[classes >= 0]]
        weight = np.take(WEIGHTS, classes) * (classes >= 0)
    weight[: EDGE * (first > 0)] = 0
    weight[len(weight) - min(len(weight), EDGE * (last < len(one.time))) :] = 0
    return possible, weight


OF_BEATS = ("window", "seconds", "present", "second_of_beat", "possible_classes", "weight")
INDICES = ("beat_of_second", "second_of_beat")


def batch(crops: Sequence[tuple[Arrays, Arrays]]) -> Batch:
    """Crops as one batch, padded with zeros to the longest: beats to a multiple of 8, of which there is one at least."""
    most = max(len(inputs["present"]) for inputs, _ in crops)
    most = max(8, -(-most // 8) * 8)
    inputs, known = (
        {name: _stacked(name, [part[name] for part in parts], most) for name in parts[0]} for parts in zip(*crops, strict=True)
    )
    return Batch(inputs, known)


def _stacked(name: str, values: list[Any], most: int) -> np.ndarray:
    if name in OF_BEATS:
        values = [np.pad(value, [(0, most - len(value)), *[(0, 0)] * (value.ndim - 1)]) for value in values]
    return np.stack(values).astype(np.int32 if name in INDICES else np.float32)
