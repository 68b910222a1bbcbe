"""What the detector learns from: stretches of signal with a bump at each R peak."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import expit

CROP = 1250  # samples the detector sees at a time, 10 s
BATCH = 16
R_PEAK_WIDTH = 2.0  # samples: standard deviation of the bump that the detector is to draw at each R peak
BURSTS = ((5, 60, 0.35), (0.7, 8, 0.35), (3, 20, 0.2))  # muscle, moving electrodes, both: Hz from, to, and in how many crops
LOUD, LOUDER = 0.3, 0.9  # of a burst, in standard deviations of the signal: median, and standard deviation of the logarithm

Batch = tuple[object, np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Lead:
    """One lead of a recording: as it was recorded, and as the detector sees it.

    given             float32, mV at sampling_rate_hz
    sampling_rate_hz  as it was recorded
    signal            float32 (phases, samples), mV at SAMPLING_RATE_HZ, each phase a part of a sample later than the one before
    place             float64 (beats,), where in the first phase each R peak is
    classes           int32 (beats,); -1 is of no class that is learned
    unsure            bool (samples,), where nobody can say what a beat is: ventricular flutter
    """

    given: np.ndarray
    sampling_rate_hz: float
    signal: np.ndarray
    place: np.ndarray
    classes: np.ndarray
    unsure: np.ndarray


def signal_crops(leads: Sequence[Sequence[Lead]], rng: np.random.Generator) -> Iterator[Batch]:
    """Batches of (signal, bumps, weight), each (BATCH, CROP, 1): gain, polarity, noise and wander are drawn."""
    while True:
        drawn = [_signal_crop(_either(leads, rng), rng) for _ in range(BATCH)]
        signal, bumps, weight = (np.stack(part)[..., None] for part in zip(*drawn, strict=True))
        yield _disturbed(signal, rng), bumps, weight * (1 + 4 * bumps)


def _either(leads: Sequence[Sequence[Lead]], rng: np.random.Generator) -> Lead:
    """A lead of any recording, the first of them more often than the others."""
    of_one = one(leads, rng)
    return of_one[0] if rng.random() < 0.6 else one(of_one, rng)


def _signal_crop(lead: Lead, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    phases, samples = lead.signal.shape
    phase, start = int(rng.integers(phases)), int(rng.integers(0, max(1, samples - CROP)))
    signal, unsure = (_cut(x, start, CROP) for x in (lead.signal[phase], lead.unsure))
    place = lead.place - phase / phases - start
    near = place[(place > -8) & (place < CROP + 8)]
    distance = np.arange(CROP)[:, None] - near if len(near) else np.full((CROP, 1), np.inf)
    bumps = np.exp(-0.5 * (np.abs(distance).min(axis=1) / R_PEAK_WIDTH) ** 2)
    return signal, bumps.astype(np.float32), 1.0 - unsure


def _cut(x: np.ndarray, start: int, length: int) -> np.ndarray:
    """`length` of `x` from `start`; past the end, its last value again."""
    return x[np.minimum(np.arange(start, start + length), len(x) - 1)].astype(np.float32)


def _disturbed(signal: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    each = (len(signal), 1, 1)
    time = np.arange(signal.shape[1])[:, None] / 125
    wander = rng.exponential(0.2, each) * np.sin(2 * np.pi * (rng.uniform(0.1, 0.6, each) * time + rng.random(each)))
    noise = rng.normal(0, 1, signal.shape) * rng.exponential(0.04, each) * (rng.random(each) < 0.5)
    gain = np.exp(rng.normal(0, 0.4, each)) * rng.choice([1, -1], each, p=[0.85, 0.15])
    signal = gain * signal + wander + noise
    size = signal.std(axis=1, keepdims=True) + 0.02
    bursts = np.sum([_burst(signal.shape, low, high, share, rng) for low, high, share in BURSTS], axis=0)
    return (signal + size * bursts).astype(np.float32)


def _burst(shape: tuple[int, ...], low: float, high: float, share: float, rng: np.random.Generator) -> np.ndarray:
    """Noise of a band of frequencies, which comes and goes or stays, in some of the crops."""
    each, time = (shape[0], 1, 1), np.arange(CROP)[:, None]
    frequency = np.fft.rfftfreq(CROP, 1 / 125)[:, None]
    heard = (frequency >= low) & (frequency <= high)
    noise = np.fft.irfft(heard * np.fft.rfft(rng.normal(0, 1, shape), axis=1), CROP, axis=1)
    begin, long = rng.uniform(-300, CROP - 100, each), rng.uniform(60, 900, each)
    lasts = np.where(rng.random(each) < 0.4, 1.0, expit((time - begin) / 8) * expit((begin + long - time) / 8))
    loud = LOUD * np.exp(rng.normal(0, LOUDER, each)) * (rng.random(each) < share)
    return loud * lasts * noise / noise.std(axis=1, keepdims=True)


def one(some: Sequence[Any], rng: np.random.Generator) -> Any:
    """Any of them, each as often as the others."""
    return some[int(rng.integers(len(some)))]
