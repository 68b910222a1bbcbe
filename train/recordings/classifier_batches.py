"""What the typer learns from: beats one after another, seen in other leads, forms and sizes than they were recorded in."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from train.recordings.beat_features import BEFORE
from train.recordings.detector_batches import BATCH, Batch, one

BEATS = 64  # that the typer sees at a time
EDGE = 10  # of them at each end, whose neighbours are not all there, and which count for nothing
RARE = 0.5  # of the typer's crops, drawn around a beat that is not normal, each recording as often as any other
MIXED = 0.6  # of them, seen in a lead between two: their weighted sum
STRETCHED, BY = 0.5, 0.08  # of them, their beats longer or shorter: standard deviation of the logarithm
FILTERED, BLURRED = 0.5, (-0.3, 0.5)  # of them, sharper or smoother: by how much of the mean with both neighbours
WEIGHTS = (1.0, 0.6, 1.0, 1.0)  # of the errors in N, S, V and F beats


@dataclass(frozen=True)
class Beats:
    """A recording as the typer sees it.

    window     float32 (leads, beats, window), the level signal around each beat
    place      float64 (beats,), where each R peak is, in samples
    classes    int32 (beats,)
    """

    window: np.ndarray
    place: np.ndarray
    classes: np.ndarray


def beat_crops(recordings: Sequence[Sequence[Beats]], rng: np.random.Generator) -> Iterator[Batch]:
    """Batches of ((window, seconds, present), classes, weight), each (BATCH, BEATS, …)."""
    rare = [found for found in (_with_class(recordings, wanted) for wanted in (1, 1, 2, 3)) if found]
    while True:
        drawn = [_beat_crop(*_place_of_crop(recordings, rare, rng), rng) for _ in range(BATCH)]
        *inputs, classes, weight = (np.stack(part) for part in zip(*drawn, strict=True))
        yield tuple(inputs), classes, weight


Rare = list[list[tuple[Beats, np.ndarray]]]


def _with_class(recordings: Sequence[Sequence[Beats]], wanted: int) -> Rare:
    """Of each recording with beats of this class, the versions that have some and which beats those are."""
    found = [[(beats, np.flatnonzero(beats.classes == wanted)) for beats in of_one] for of_one in recordings]
    having = [[(beats, which) for beats, which in of_one if len(which)] for of_one in found]
    return [of_one for of_one in having if of_one]


def _place_of_crop(recordings: Sequence[Sequence[Beats]], rare: list[Rare], rng: np.random.Generator) -> tuple[Beats, int]:
    """A recording, and the beat with which the crop begins; half the time there is a beat in it that is not normal."""
    if rare and rng.random() < RARE:
        beats, which = one(one(one(rare, rng), rng), rng)
        first = one(which, rng) - rng.integers(EDGE, BEATS - EDGE)
    else:
        beats = one(one(recordings, rng), rng)
        first = rng.integers(-EDGE, max(1, len(beats.classes) - BEATS + EDGE))
    return beats, int(np.clip(first, 0, max(0, len(beats.classes) - BEATS)))


def _beat_crop(beats: Beats, first: int, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """Lead, form, gain, polarity, noise, pace and the place of each R peak are drawn."""
    part = slice(first, first + BEATS)
    classes = beats.classes[part]
    window = _otherwise(_lead_of(beats.window[:, part], rng), rng)
    seconds = beats.place[part] / 125 * np.exp(rng.normal(0, 0.1)) + rng.normal(0, 0.006, len(window))
    weight = np.take(WEIGHTS, classes) * (classes >= 0)
    weight[: EDGE * (first > 0)] = 0
    weight[len(weight) - EDGE * (first + BEATS < len(beats.classes)) :] = 0
    parts = window, (seconds - seconds[0])[:, None], np.ones((len(window), 1)), np.eye(len(WEIGHTS))[classes], weight
    return tuple(_filled(x.astype(np.float32)) for x in parts)


def _lead_of(window: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Of (leads, beats, window) one lead, or what an electrode between two would see, (beats, window)."""
    first, second = (window[i] for i in (*rng.permutation(len(window)), 0)[:2])
    if len(window) < 2 or rng.random() >= MIXED:
        return first
    angle, even = rng.uniform(0, 2 * np.pi), (first.std() + 1e-3) / (second.std() + 1e-3)
    return np.cos(angle) * first + np.sin(angle) * even ** rng.random() * second


def _otherwise(window: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The beats of another form and size, (beats, window)."""
    if rng.random() < STRETCHED:
        at = BEFORE + (np.arange(window.shape[1]) - BEFORE) * np.exp(rng.normal(0, BY))
        left = np.clip(at.astype(int), 0, window.shape[1] - 2)
        window = window[:, left] + np.clip(at - left, 0, 1) * (window[:, left + 1] - window[:, left])
    if rng.random() < FILTERED:
        wide = np.pad(window, ((0, 0), (1, 1)), mode="edge")
        window = window + rng.uniform(*BLURRED) * ((wide[:, :-2] + wide[:, 2:]) / 2 - window)
    window = np.roll(window, rng.integers(-2, 3), axis=1) * np.exp(rng.normal(0, 0.3)) * rng.choice([1, -1], p=[0.9, 0.1])
    return window + rng.normal(0, 1, window.shape) * rng.exponential(0.03)


def _filled(x: np.ndarray) -> np.ndarray:
    """Up to BEATS, with zeros: beats that are not there."""
    return np.pad(x, [(0, BEATS - len(x)), *[(0, 0)] * (x.ndim - 1)])
