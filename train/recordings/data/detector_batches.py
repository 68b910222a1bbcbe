"""Training batches of the detector: ten seconds of augmented signal, and as the target a Gaussian at each R peak."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import expit

CROP = 1250  # samples the detector sees at a time, 10 s
BATCH = 16
R_PEAK_WIDTH = 2.0  # samples: standard deviation of the Gaussian at each R peak
NOISE_BANDS = ((5, 60, 0.35), (0.7, 8, 0.35), (3, 20, 0.2))  # muscle, electrode motion, both: Hz from, to, share of the crops
NOISE_LEVEL, NOISE_SPREAD = 0.3, 0.9  # of a burst, in standard deviations of the signal: median, and spread of the logarithm

Batch = tuple[object, np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Lead:
    """One lead of a recording: as it was recorded, and as the detector sees it.

    given             float32, mV at sampling_rate_hz
    sampling_rate_hz  as it was recorded
    signal            float32 (phases, samples), mV at SAMPLING_RATE_HZ, each phase a part of a sample later than the one before
    r_peak            float64 (beats,), the sample in the first phase at which each R peak is
    classes           int32 (beats,); -1 is of no class that is learned
    excluded          bool (samples,), ventricular flutter: beats are not annotated there, so it has no weight
    """

    given: np.ndarray
    sampling_rate_hz: float
    signal: np.ndarray
    r_peak: np.ndarray
    classes: np.ndarray
    excluded: np.ndarray


def detector_batches(leads: Sequence[Sequence[Lead]], rng: np.random.Generator) -> Iterator[Batch]:
    """Endless batches of (signal, target, weight), each (BATCH, CROP, 1); the signal is augmented."""
    while True:
        crops = [_crop(_random_lead(leads, rng), rng) for _ in range(BATCH)]
        signal, target, weight = (np.stack(part)[..., None] for part in zip(*crops, strict=True))
        yield _augmented(signal, rng), target, weight * (1 + 4 * target)


def _random_lead(leads: Sequence[Sequence[Lead]], rng: np.random.Generator) -> Lead:
    """A lead of any recording, the first of them more often than the others."""
    of_one = choose(leads, rng)
    return of_one[0] if rng.random() < 0.6 else choose(of_one, rng)


def _crop(lead: Lead, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    phases, samples = lead.signal.shape
    phase, start = int(rng.integers(phases)), int(rng.integers(0, max(1, samples - CROP)))
    signal, excluded = (_cut(x, start, CROP) for x in (lead.signal[phase], lead.excluded))
    r_peak = lead.r_peak - phase / phases - start
    near = r_peak[(r_peak > -8) & (r_peak < CROP + 8)]
    distance = np.arange(CROP)[:, None] - near if len(near) else np.full((CROP, 1), np.inf)
    target = np.exp(-0.5 * (np.abs(distance).min(axis=1) / R_PEAK_WIDTH) ** 2)
    return signal, target.astype(np.float32), 1.0 - excluded


def _cut(x: np.ndarray, start: int, length: int) -> np.ndarray:
    """`length` values of `x` from `start`; past the end its last value is repeated."""
    return x[np.minimum(np.arange(start, start + length), len(x) - 1)].astype(np.float32)


def _augmented(signal: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Random gain, polarity, baseline wander, white noise and bursts of band-limited noise, float32 (BATCH, CROP, 1)."""
    each = (len(signal), 1, 1)
    time = np.arange(signal.shape[1])[:, None] / 125
    wander = rng.exponential(0.2, each) * np.sin(2 * np.pi * (rng.uniform(0.1, 0.6, each) * time + rng.random(each)))
    noise = rng.normal(0, 1, signal.shape) * rng.exponential(0.04, each) * (rng.random(each) < 0.5)
    gain = np.exp(rng.normal(0, 0.4, each)) * rng.choice([1, -1], each, p=[0.85, 0.15])
    signal = gain * signal + wander + noise
    size = signal.std(axis=1, keepdims=True) + 0.02
    bursts = np.sum([_burst(signal.shape, low, high, share, rng) for low, high, share in NOISE_BANDS], axis=0)
    return (signal + size * bursts).astype(np.float32)


def _burst(shape: tuple[int, ...], low: float, high: float, share: float, rng: np.random.Generator) -> np.ndarray:
    """Noise of a band of frequencies, in bursts or throughout, in a share of the crops."""
    each, time = (shape[0], 1, 1), np.arange(CROP)[:, None]
    frequency = np.fft.rfftfreq(CROP, 1 / 125)[:, None]
    band = (frequency >= low) & (frequency <= high)
    noise = np.fft.irfft(band * np.fft.rfft(rng.normal(0, 1, shape), axis=1), CROP, axis=1)
    begin, length = rng.uniform(-300, CROP - 100, each), rng.uniform(60, 900, each)
    envelope = np.where(rng.random(each) < 0.4, 1.0, expit((time - begin) / 8) * expit((begin + length - time) / 8))
    amplitude = NOISE_LEVEL * np.exp(rng.normal(0, NOISE_SPREAD, each)) * (rng.random(each) < share)
    return amplitude * envelope * noise / noise.std(axis=1, keepdims=True)


def choose(items: Sequence[Any], rng: np.random.Generator) -> Any:
    """One of the items, all equally likely."""
    return items[int(rng.integers(len(items)))]
