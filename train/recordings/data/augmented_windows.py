"""The windows of beats from recorded leads: mixed, played faster or slower, filtered, with noise."""

from collections.abc import Sequence

import numpy as np
from scipy.interpolate import CubicHermiteSpline

from train.recordings.data.noise import any_noise, envelope
from train.recordings.network import SAMPLING_RATE_HZ
from train.recordings.onnx_graph.beat_features import AFTER, BEFORE

MIXED = 0.45  # share of the crops that are a weighted sum of two leads
STRETCHED, STRETCH = 0.5, 0.06  # share with longer or shorter beats, and spread of the logarithm of the factor
WAVE_TEMPOS = (0.75, 1.5)  # how much faster the waves around an R peak are played at least and at most
FILTERED, SMOOTHING = 0.5, (-0.3, 0.5)  # share that is sharpened or smoothed, and the weight of the mean with both neighbours
NOISY, NOISE_LEVEL, NOISE_SPREAD = 0.35, 0.12, 0.8  # share, and of its standard deviation median and spread of the logarithm
UPSIDE_DOWN = 0.15
WIDE = 100  # samples beyond the first and the last beat, more than a window reaches
TRACK = 8192  # samples of noise, repeated where a crop is longer

Rng = np.random.Generator


def augmented_windows(
    signals: np.ndarray, r_peak: np.ndarray, tempo: float, whole: bool, rng: Rng, noise: Sequence[np.ndarray]
) -> np.ndarray:
    """The windows of beats, float64 (beats, window).

    signals  float32 (leads, samples), mV without baseline
    r_peak   float64 (beats,), in samples of that
    tempo    how much faster the recording is played
    whole    whether the beats follow one another in the signal
    """
    at = _sample_positions(r_peak, tempo, whole, rng)
    window = _random_lead(signals, at, rng)
    if rng.random() < FILTERED:
        wide = np.pad(window, ((0, 0), (1, 1)), mode="edge")
        window = window + rng.uniform(*SMOOTHING) * ((wide[:, :-2] + wide[:, 2:]) / 2 - window)
    if rng.random() < NOISY and len(r_peak):
        track = any_noise(TRACK, SAMPLING_RATE_HZ, rng, noise) * envelope(TRACK, SAMPLING_RATE_HZ, rng)
        loudness = (window.std() + 0.02) * np.exp(rng.normal(np.log(NOISE_LEVEL), NOISE_SPREAD))
        window = window + loudness * track[(at - at[0, 0]).astype(int) % TRACK]
    window = window * np.exp(rng.normal(0, 0.3)) * (-1 if rng.random() < UPSIDE_DOWN else 1)
    return np.asarray(window + rng.normal(0, 1, window.shape) * rng.exponential(0.02))


def _sample_positions(r_peak: np.ndarray, tempo: float, whole: bool, rng: Rng) -> np.ndarray:
    """Where in the signal each sample of the windows is, float64 (beats, window).

    How much of the tempo the waves around an R peak take is drawn, since P and QRS are hardly shorter in a fast heart; what is
    between two beats takes the rest, so that the neighbours are in the window where they are in a fast heart.
    """
    offset = np.arange(-BEFORE, AFTER) * (np.exp(rng.normal(0, STRETCH)) if rng.random() < STRETCHED else 1)
    shift, slope = rng.integers(-2, 3) * 0.7, float(np.clip(tempo ** rng.choice([0, 0.5, 1]), *WAVE_TEMPOS))
    if not whole or len(r_peak) < 2:
        return np.asarray(r_peak[:, None] + shift + offset * slope)
    ends = np.r_[r_peak[0] - WIDE * slope, r_peak, r_peak[-1] + WIDE * slope]
    played = np.r_[r_peak[0] / tempo - WIDE, r_peak / tempo, r_peak[-1] / tempo + WIDE]
    return np.asarray(CubicHermiteSpline(played, ends, np.full(len(ends), slope))(played[1:-1, None] + offset) + shift)


def _random_lead(signals: np.ndarray, at: np.ndarray, rng: Rng) -> np.ndarray:
    """The first lead, or a weighted sum of it and another one, as an electrode between them records it."""
    one = spline(signals[0], at)
    if len(signals) < 2 or rng.random() >= MIXED:
        return one
    other = spline(signals[int(rng.integers(1, len(signals)))], at)
    angle, even = rng.uniform(0, 2 * np.pi), (one.std() + 1e-3) / (other.std() + 1e-3) if one.size else 1.0
    return np.asarray(np.cos(angle) * one + np.sin(angle) * even ** rng.random() * other)


def spline(signal: np.ndarray, at: np.ndarray) -> np.ndarray:
    """The signal (samples,) at any places, by Catmull-Rom splines as onnx_graph.beat_windows computes them."""
    before = np.floor(at)
    t, index = at - before, np.clip(before.astype(int), 1, len(signal) - 3)
    a, b, c, d = (signal[index + by] for by in (-1, 0, 1, 2))
    return np.asarray(b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a))))
