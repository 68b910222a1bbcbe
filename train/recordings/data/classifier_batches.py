"""Training batches of the beat classifier: consecutive beats, augmented by mixing leads, stretching, filtering and noise."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from train.recordings.data.detector_batches import BATCH, Batch, choose
from train.recordings.onnx_graph.beat_features import BEFORE

BEATS = 64  # in a crop
EDGE = 10  # beats at each end, whose neighbours are not all in the crop: they have no weight
RARE = 0.5  # of the crops are drawn around a beat that is not normal, each recording equally often
MIXED = 0.6  # of the crops are of a weighted sum of two leads
STRETCHED, STRETCH = 0.5, 0.08  # share with longer or shorter beats, and standard deviation of the logarithm of the factor
FILTERED, SMOOTHING = 0.5, (-0.3, 0.5)  # share that is sharpened or smoothed, and the weight of the mean with both neighbours
WEIGHTS = (1.0, 0.6, 1.0, 1.0)  # of N, S, V and F beats in the loss


@dataclass(frozen=True)
class Beats:
    """The beats of a recording, as the beat classifier takes them.

    window   float32 (leads, beats, window), the signal in mV around each R peak, without its baseline
    r_peak   float64 (beats,), in samples
    classes  int32 (beats,)
    """

    window: np.ndarray
    r_peak: np.ndarray
    classes: np.ndarray


def classifier_batches(recordings: Sequence[Sequence[Beats]], rng: np.random.Generator) -> Iterator[Batch]:
    """Endless batches of ((window, seconds, present), classes, weight), each (BATCH, BEATS, …)."""
    rare = [found for found in (_with_class(recordings, wanted) for wanted in (1, 1, 2, 3)) if found]
    while True:
        crops = [_crop(*_random_start(recordings, rare, rng), rng) for _ in range(BATCH)]
        *inputs, classes, weight = (np.stack(part) for part in zip(*crops, strict=True))
        yield tuple(inputs), classes, weight


Rare = list[list[tuple[Beats, np.ndarray]]]


def _with_class(recordings: Sequence[Sequence[Beats]], wanted: int) -> Rare:
    """Of each recording with beats of this class, the versions of it that have some, with the indices of those beats."""
    found = [[(beats, np.flatnonzero(beats.classes == wanted)) for beats in of_one] for of_one in recordings]
    having = [[(beats, which) for beats, which in of_one if len(which)] for of_one in found]
    return [of_one for of_one in having if of_one]


def _random_start(recordings: Sequence[Sequence[Beats]], rare: list[Rare], rng: np.random.Generator) -> tuple[Beats, int]:
    """A recording and the index of the first beat of the crop; a share of RARE has a beat in it that is not normal."""
    if rare and rng.random() < RARE:
        beats, which = choose(choose(choose(rare, rng), rng), rng)
        first = choose(which, rng) - rng.integers(EDGE, BEATS - EDGE)
    else:
        beats = choose(choose(recordings, rng), rng)
        first = rng.integers(-EDGE, max(1, len(beats.classes) - BEATS + EDGE))
    return beats, int(np.clip(first, 0, max(0, len(beats.classes) - BEATS)))


def _crop(beats: Beats, first: int, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """Window, seconds, present, classes and weight of a crop, with random augmentation of signal and times."""
    part = slice(first, first + BEATS)
    classes = beats.classes[part]
    window = _augmented(_random_lead(beats.window[:, part], rng), rng)
    seconds = beats.r_peak[part] / 125 * np.exp(rng.normal(0, 0.1)) + rng.normal(0, 0.006, len(window))
    weight = np.take(WEIGHTS, classes) * (classes >= 0)
    weight[: EDGE * (first > 0)] = 0
    weight[len(weight) - EDGE * (first + BEATS < len(beats.classes)) :] = 0
    parts = window, (seconds - seconds[0])[:, None], np.ones((len(window), 1)), np.eye(len(WEIGHTS))[classes], weight
    return tuple(_padded(x.astype(np.float32)) for x in parts)


def _random_lead(window: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """One lead of (leads, beats, window), or a weighted sum of two, as an electrode between them records it, (beats, window)."""
    first, second = (window[i] for i in (*rng.permutation(len(window)), 0)[:2])
    if len(window) < 2 or rng.random() >= MIXED:
        return first
    angle, even = rng.uniform(0, 2 * np.pi), (first.std() + 1e-3) / (second.std() + 1e-3)
    return np.cos(angle) * first + np.sin(angle) * even ** rng.random() * second


def _augmented(window: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The beats (beats, window) with random stretching, filtering, shift, gain, polarity and noise."""
    if rng.random() < STRETCHED:
        at = BEFORE + (np.arange(window.shape[1]) - BEFORE) * np.exp(rng.normal(0, STRETCH))
        left = np.clip(at.astype(int), 0, window.shape[1] - 2)
        window = window[:, left] + np.clip(at - left, 0, 1) * (window[:, left + 1] - window[:, left])
    if rng.random() < FILTERED:
        wide = np.pad(window, ((0, 0), (1, 1)), mode="edge")
        window = window + rng.uniform(*SMOOTHING) * ((wide[:, :-2] + wide[:, 2:]) / 2 - window)
    window = np.roll(window, rng.integers(-2, 3), axis=1) * np.exp(rng.normal(0, 0.3)) * rng.choice([1, -1], p=[0.9, 0.1])
    return window + rng.normal(0, 1, window.shape) * rng.exponential(0.03)


def _padded(x: np.ndarray) -> np.ndarray:
    """Padded with zeros to BEATS beats."""
    return np.pad(x, [(0, BEATS - len(x)), *[(0, 0)] * (x.ndim - 1)])
