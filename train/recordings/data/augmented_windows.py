"""The windows of beats from recorded leads: mixed, played faster or slower, filtered, with noise."""

from collections.abc import Sequence

import numpy as np

from train.recordings.data.noise import any_noise, envelope
from train.recordings.network import SAMPLING_RATE_HZ
from train.recordings.onnx_graph.beat_features import AFTER, BEFORE

MIXED, SECOND_LEAD = 0.45, 0.25  # share of the crops that are a weighted sum of two leads, and that are of another than the first
STRETCHED, STRETCH = 0.5, 0.06  # share with longer or shorter beats, and spread of the logarithm of the factor
FILTERED, SMOOTHING = 0.5, (-0.3, 0.5)  # share that is sharpened or smoothed, and the weight of the mean with both neighbours
NOISY, NOISE_LEVEL, NOISE_SPREAD = 0.35, 0.12, 0.8  # share, and of its standard deviation median and spread of the logarithm
UPSIDE_DOWN = 0.15
TRACK = 8192  # samples of noise, repeated where a crop is longer

Rng = np.random.Generator


def augmented_windows(
    signals: np.ndarray, r_peak: np.ndarray, tempo: float, rng: Rng, noise: Sequence[np.ndarray]
) -> tuple[int, np.ndarray]:
    """The lead that most of it comes from, and the windows, float64 (beats, window).

    signals  float32 (leads, samples), mV without baseline
    r_peak   float64 (beats,), in samples of that
    tempo    how much faster the recording is played: what its waves take of that is drawn, since P and QRS are never shorter
    """
    stretch = tempo ** rng.choice([0, 0.5, 1]) * (np.exp(rng.normal(0, STRETCH)) if rng.random() < STRETCHED else 1)
    at = r_peak[:, None] + rng.integers(-2, 3) * 0.7 + np.arange(-BEFORE, AFTER) * stretch
    lead, window = _random_lead(signals, at, rng)
    if rng.random() < FILTERED:
        wide = np.pad(window, ((0, 0), (1, 1)), mode="edge")
        window = window + rng.uniform(*SMOOTHING) * ((wide[:, :-2] + wide[:, 2:]) / 2 - window)
    if rng.random() < NOISY and len(r_peak):
        track = any_noise(TRACK, SAMPLING_RATE_HZ, rng, noise) * envelope(TRACK, SAMPLING_RATE_HZ, rng)
        loudness = (window.std() + 0.02) * np.exp(rng.normal(np.log(NOISE_LEVEL), NOISE_SPREAD))
        window = window + loudness * track[(at - at[0, 0]).astype(int) % TRACK]
    window = window * np.exp(rng.normal(0, 0.3)) * (-1 if rng.random() < UPSIDE_DOWN else 1)
    return lead, window + rng.normal(0, 1, window.shape) * rng.exponential(0.02)


def _random_lead(signals: np.ndarray, at: np.ndarray, rng: Rng) -> tuple[int, np.ndarray]:
    """One lead, or a weighted sum of two, as an electrode between them records it."""
    kind = rng.random()
    if len(signals) < 2 or kind >= MIXED:
        lead = int(rng.integers(1, len(signals))) if len(signals) > 1 and kind > 1 - SECOND_LEAD else 0
        return lead, spline(signals[lead], at)
    first, second = rng.permutation(len(signals))[:2]
    one, other = spline(signals[first], at), spline(signals[second], at)
    angle, even = rng.uniform(0, 2 * np.pi), (one.std() + 1e-3) / (other.std() + 1e-3) if one.size else 1.0
    return int(first), np.cos(angle) * one + np.sin(angle) * even ** rng.random() * other


def spline(signal: np.ndarray, at: np.ndarray) -> np.ndarray:
    """The signal (samples,) at any places, by Catmull-Rom splines as onnx_graph.beat_windows computes them."""
    before = np.floor(at)
    t, index = at - before, np.clip(before.astype(int), 1, len(signal) - 3)
    a, b, c, d = (signal[index + by] for by in (-1, 0, 1, 2))
    return np.asarray(b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a))))
