"""Noise as recordings have it, without a heart in it: muscle, electrode motion, hum, steps, saturation."""

from collections.abc import Callable, Sequence

import numpy as np
from scipy.special import expit

Rng = np.random.Generator
BANDS_HZ = ((5, 50), (0.7, 8), (3, 20), (0.05, 1))  # muscle, electrode motion, both, wander of the baseline
SLOPES = (0.0, 0.5, 1.0, 1.0)  # white, pink, and brown twice: by which power of the frequency the amplitude falls


def band_noise(samples: int, rate: float, rng: Rng) -> np.ndarray:
    """Gaussian noise of one of BANDS_HZ, or white, pink or brown; standard deviation 1, float64 (samples,)."""
    frequency = np.fft.rfftfreq(samples, 1 / rate)
    spectrum = np.fft.rfft(rng.normal(0, 1, samples))
    kind = int(rng.integers(len(BANDS_HZ) + len(SLOPES)))
    if kind < len(BANDS_HZ):
        low, high = BANDS_HZ[kind]
        spectrum = spectrum * ((frequency >= low) & (frequency <= high))
    else:
        spectrum = spectrum / np.maximum(frequency, rng.uniform(0.05, 0.5)) ** SLOPES[kind - len(BANDS_HZ)]
    noise = np.fft.irfft(spectrum, samples)
    return noise / (noise.std() + 1e-9)


def hum(samples: int, rate: float, rng: Rng) -> np.ndarray:
    """A sine of any frequency from slow to that of the mains as it is sampled, sometimes modulated, float64 (samples,)."""
    time = np.arange(samples) / rate
    frequency = np.exp(rng.uniform(np.log(0.2), np.log(min(60.0, rate / 2))))
    wave = np.sin(2 * np.pi * (frequency * time + rng.random()))
    if rng.random() < 0.3:
        wave = np.sign(wave)
    return wave * (1 + (rng.random() < 0.3) * 0.5 * np.sin(2 * np.pi * (rng.uniform(0.1, 1) * time + rng.random())))


def steps(samples: int, rate: float, rng: Rng) -> np.ndarray:
    """Jumps of the baseline at random times, some of which decay as behind a high-pass filter, float64 (samples,)."""
    jumps = rng.random(samples) < rng.uniform(0.1, 3) / rate
    signal = np.cumsum(jumps * rng.normal(0, 1, samples))
    if rng.random() < 0.5:
        return signal
    kernel = np.exp(-np.arange(int(3 * rate)) / (rate * rng.uniform(0.05, 0.8)))
    return np.convolve(jumps * rng.normal(0, 1, samples), kernel)[:samples]


def spikes(samples: int, rate: float, rng: Rng) -> np.ndarray:
    """Short artefacts at random times, as of a bad contact, float64 (samples,)."""
    hits = (rng.random(samples) < rng.uniform(0.3, 4) / rate) * rng.normal(0, 1, samples)
    width = max(2, int(rate * rng.uniform(0.01, 0.12)))
    return np.convolve(hits, np.hanning(width + 2))[:samples]


def envelope(samples: int, rate: float, rng: Rng) -> np.ndarray:
    """Throughout, or one burst that comes and goes, from 0 to 1, float64 (samples,)."""
    if rng.random() < 0.4:
        return np.ones(samples)
    time, begin, length = np.arange(samples) / rate, rng.uniform(-3, samples / rate - 1), rng.uniform(0.6, 9)
    return np.asarray(expit((time - begin) * 12) * expit((begin + length - time) * 12))


def saturated(signal: np.ndarray, rng: Rng) -> np.ndarray:
    """The signal as an amplifier shows it whose range is too small."""
    low, high = np.sort(rng.normal(0, 1, 2)) * (signal.std() + 1e-3)
    return np.clip(signal * np.exp(rng.uniform(0, 3)), low, high)


def recorded(library: Sequence[np.ndarray], samples: int, rng: Rng) -> np.ndarray:
    """A piece of recorded noise at the rate of the library, scaled to a standard deviation of 1, float64 (samples,)."""
    track = library[int(rng.integers(len(library)))]
    first = int(rng.integers(0, max(1, len(track) - samples)))
    piece = np.resize(track[first : first + samples], samples).astype(float)
    return (piece - piece.mean()) / (piece.std() + 1e-9)


def any_noise(samples: int, rate: float, rng: Rng, library: Sequence[np.ndarray] = ()) -> np.ndarray:
    """One of the kinds, or a piece of recorded noise, standard deviation about 1, float64 (samples,)."""
    kinds: list[Callable[[int, float, Rng], np.ndarray]] = [band_noise, band_noise, band_noise, hum, steps, spikes]
    if library and rng.random() < 0.4:
        return recorded(library, samples, rng)
    noise = kinds[int(rng.integers(len(kinds)))](samples, rate, rng)
    return noise / (noise.std() + 1e-3)


def no_heart(samples: int, rate: float, rng: Rng, library: Sequence[np.ndarray] = ()) -> np.ndarray:
    """A recording without a heart: noise of one or two kinds, saturated, or flat; mV, float64 (samples,)."""
    if rng.random() < 0.08:
        return rng.normal(0, 1) + rng.normal(0, 1e-3, samples) * (rng.random() < 0.5)
    signal = any_noise(samples, rate, rng, library)
    if rng.random() < 0.5:
        signal = signal + np.exp(rng.normal(-1, 1)) * any_noise(samples, rate, rng, library) * envelope(samples, rate, rng)
    if rng.random() < 0.15:
        signal = saturated(signal, rng)
    return signal * np.exp(rng.uniform(np.log(0.005), np.log(5)))
