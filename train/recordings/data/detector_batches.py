"""Training batches of the detector: twelve seconds of augmented signal, and what is known of its samples and seconds."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from train.recordings.data.noise import any_noise, envelope, no_heart, saturated
from train.recordings.data.prepare import Prepared
from train.recordings.network import SAMPLING_RATE_HZ
from train.recordings.onnx_graph.resampling import SECOND
from train.recordings.rhythm import RHYTHMS

SECONDS = 12
CROP = SECONDS * SECOND
R_PEAK_WIDTH = 1.6  # samples: standard deviation of the Gaussian at each R peak
ANNOTATED, FIBRILLATING, NO_HEART = 7, 2, 4  # crops in a batch: with beats, of ventricular fibrillation, of noise alone
LABELLED = ("N", "N", "O", "O", "AF", "AF", "~", "~", "NO")  # crops of recordings with one of these labels each
NOISY, NOISY_LABELLED = 0.6, 0.3  # share of the crops to which noise is added
NOISE_LEVEL, NOISE_SPREAD = 0.4, 1.1  # in standard deviations of the signal: median, and spread of the logarithm
SATURATED, LEAD_OFF = 0.1, 0.12  # shares of the noisy crops
AT_ANOTHER_TEMPO, TEMPO = 0.4, 0.3  # share of the crops with beats that are played faster or slower, and spread of the logarithm
SLOWEST, FASTEST = 0.6, 1.8
JUDGED, UNKNOWN = -1.0, -2.0  # of a second: readable where the detector makes no error there; nothing is known

Rng = np.random.Generator


@dataclass(frozen=True)
class Crop:
    """What the detector learns from: one crop, or a batch of them with another dimension first; float32.

    signal    (samples,), mV
    target    (samples,), from 0 to 1, a Gaussian at each R peak
    weight    (samples,), 0 where it is not known whether beats are there
    beat      (samples,), 1 at the sample nearest to each R peak
    readable  (seconds,), 0, 1, JUDGED or UNKNOWN
    possible  (seconds, rhythms), 1 for a rhythm that it may be
    labelled  (), 1 where not the seconds are known but the label of the recording
    """

    signal: np.ndarray
    target: np.ndarray
    weight: np.ndarray
    beat: np.ndarray
    readable: np.ndarray
    possible: np.ndarray
    labelled: np.ndarray


def detector_batches(recordings: Sequence[Prepared], rng: Rng, noise: Sequence[np.ndarray] = ()) -> Iterator[Crop]:
    """Endless batches; `noise` are recordings of noise alone at SAMPLING_RATE_HZ, float32 (samples,)."""
    annotated = [one for one in recordings if one.has_beats and (one.classes >= 0).any()]
    fibrillating = [one for one in recordings if one.fibrillates.any()]
    labelled = [[one for one in recordings if one.label and one.label in label] for label in LABELLED]
    while True:
        crops = [_crop(choose(annotated, rng), rng, noise, rng.random() < NOISY, tempo=_tempo(rng)) for _ in range(ANNOTATED)]
        crops += [_crop(choose(some or annotated, rng), rng, noise, rng.random() < NOISY_LABELLED) for some in labelled]
        crops += [_fibrillating(choose(fibrillating or annotated, rng), rng, noise) for _ in range(FIBRILLATING)]
        crops += [_without_heart(rng, noise) for _ in range(NO_HEART)]
        yield Crop(*(np.stack([getattr(crop, one.name) for crop in crops]).astype(np.float32) for one in fields(Crop)))


def _fibrillating(one: Prepared, rng: Rng, noise: Sequence[np.ndarray]) -> Crop:
    """A crop with some ventricular fibrillation in it, if the recording has any; half of them from anywhere in it."""
    within = np.flatnonzero(one.fibrillates)
    start = choose(within, rng) - rng.uniform(0, CROP) if len(within) and rng.random() < 0.6 else None
    return _crop(one, rng, noise, rng.random() < NOISY_LABELLED, start)


def _tempo(rng: Rng) -> float:
    """How much faster than recorded a crop is played."""
    return float(np.clip(np.exp(rng.normal(0, TEMPO)), SLOWEST, FASTEST)) if rng.random() < AT_ANOTHER_TEMPO else 1.0


def _crop(
    one: Prepared, rng: Rng, noise: Sequence[np.ndarray], noisy: bool, start: float | None = None, tempo: float = 1.0
) -> Crop:
    length = one.signals.shape[1]
    latest = max(0, int(length - CROP * tempo))
    first = int(rng.integers(0, max(1, latest))) if start is None else int(np.clip(start, 0, latest))
    signal = _random_lead(_cut(one.signals, first, tempo), rng)
    r_peak = (one.r_peak - first) / tempo
    fibrillates = _cut(one.fibrillates, first, tempo) > 0.5
    readable, possible = _seconds(one, first, tempo, fibrillates)
    if noisy and one.label != "~":
        signal = signal + _added(signal, rng, noise)
        readable[readable == (one.label is not None)] = UNKNOWN
    if noisy:
        signal, r_peak = _spoilt(signal, r_peak, readable, rng)
    weight = np.full(CROP, float(one.has_beats))
    weight[max(0, int((length - first) / tempo)) :] = 0
    target, beat = _targets(r_peak, fibrillates)
    return Crop(_augmented(signal, rng), target, weight, beat, readable, possible, np.asarray(one.label is not None))


def _cut(x: np.ndarray, first: int, tempo: float) -> np.ndarray:
    """CROP samples of (…, samples) `tempo` samples apart, interpolated linearly; past the end the last one is repeated."""
    at = np.minimum(first + np.arange(CROP) * tempo, x.shape[-1] - 1)
    before = np.minimum(at.astype(int), max(0, x.shape[-1] - 2))
    after = np.minimum(before + 1, x.shape[-1] - 1)
    return np.asarray(x[..., before] + (at - before) * (x[..., after] * 1.0 - x[..., before]))


def _random_lead(signals: np.ndarray, rng: Rng) -> np.ndarray:
    """One lead of (leads, samples), the first more often than others, or a weighted sum of two, float64 (samples,)."""
    if len(signals) < 2 or rng.random() < 0.7:
        return np.asarray(signals[0 if rng.random() < 0.2 else int(rng.integers(len(signals)))], float)
    first, second = rng.permutation(len(signals))[:2]
    angle = rng.uniform(0, 2 * np.pi)
    return np.asarray(np.cos(angle) * signals[first] + np.sin(angle) * signals[second], float)


def _seconds(one: Prepared, first: int, tempo: float, fibrillates: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What is known of each second of a crop: readable (seconds,), possible (seconds, rhythms)."""
    second = (first + (np.arange(SECONDS) + 0.5) * SECOND * tempo).astype(int) // SECOND
    inside = second < len(one.possible)
    possible = np.ones((SECONDS, len(RHYTHMS)))
    possible[inside] = one.possible[second[inside]]
    readable = np.where(inside, JUDGED if one.label is None else float(one.label != "~"), UNKNOWN)
    share = fibrillates.reshape(SECONDS, SECOND).mean(axis=1)
    readable[(share > 0) & (share <= 0.5)] = UNKNOWN
    readable[share > 0.5] = 1.0
    return readable, possible


def _added(signal: np.ndarray, rng: Rng, noise: Sequence[np.ndarray]) -> np.ndarray:
    """Noise of one kind or two, in bursts or throughout, float64 (samples,)."""
    total = np.zeros(CROP)
    for _ in range(1 + (rng.random() < 0.4)):
        loudness = np.exp(rng.normal(np.log(NOISE_LEVEL), NOISE_SPREAD))
        total += loudness * any_noise(CROP, SAMPLING_RATE_HZ, rng, noise) * envelope(CROP, SAMPLING_RATE_HZ, rng)
    return (signal.std() + 0.02) * total


def _spoilt(signal: np.ndarray, r_peak: np.ndarray, readable: np.ndarray, rng: Rng) -> tuple[np.ndarray, np.ndarray]:
    """The signal saturated or with a lead off for some seconds, and the R peaks that are left; `readable` is changed in place."""
    if rng.random() < SATURATED:
        signal = saturated(signal, rng)
    if rng.random() >= LEAD_OFF:
        return signal, r_peak
    begin = int(rng.integers(0, CROP - SECOND))
    end = min(CROP, begin + int(rng.integers(SECOND, 6 * SECOND)))
    signal = signal.copy()
    signal[begin:end] = signal[begin] + rng.normal(0, 0.002) + rng.normal(0, signal.std()) * (rng.random() < 0.5)
    second = np.arange(SECONDS) * SECOND
    off = np.clip(np.minimum(second + SECOND, end) - np.maximum(second, begin), 0, None) / SECOND
    readable[off >= 0.6] = 0.0
    readable[(off > 0) & (off < 0.6)] = UNKNOWN
    return signal, r_peak[(r_peak < begin) | (r_peak >= end)]


def _targets(r_peak: np.ndarray, fibrillates: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    near = r_peak[(r_peak > -20) & (r_peak < CROP + 20)]
    distance = np.arange(CROP)[:, None] - near if len(near) else np.full((CROP, 1), np.inf)
    target = np.exp(-0.5 * (np.abs(distance).min(axis=1) / R_PEAK_WIDTH) ** 2)
    beat = np.zeros(CROP)
    beat[np.round(near[(near > -0.5) & (near < CROP - 0.5)]).astype(int)] = 1
    return target * ~fibrillates, beat * ~fibrillates


def _augmented(signal: np.ndarray, rng: Rng) -> np.ndarray:
    """Random gain, polarity, baseline wander and white noise."""
    time = np.arange(CROP) / SAMPLING_RATE_HZ
    wander = rng.exponential(0.2) * np.sin(2 * np.pi * (rng.uniform(0.1, 0.6) * time + rng.random()))
    noise = rng.normal(0, 1, CROP) * rng.exponential(0.03) * (rng.random() < 0.5)
    gain = np.exp(rng.normal(0, 0.4)) * rng.choice([1, -1], p=[0.8, 0.2])
    return np.asarray(gain * signal + wander + noise)


def _without_heart(rng: Rng, noise: Sequence[np.ndarray]) -> Crop:
    """Noise alone: no beat, nothing to read, no rhythm."""
    none = np.zeros(CROP)
    signal = no_heart(CROP, SAMPLING_RATE_HZ, rng, noise)
    return Crop(signal, none, np.ones(CROP), none, np.zeros(SECONDS), np.ones((SECONDS, len(RHYTHMS))), np.zeros(()))


def choose(items: Sequence[Any] | np.ndarray, rng: Rng) -> Any:
    """One of the items, all equally likely."""
    return items[int(rng.integers(len(items)))]
