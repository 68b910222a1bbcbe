"""A minute each of what holds no heart: noise, hum, bursts, lines, steps, saturation, and the noise of nstdb alone."""

from collections.abc import Iterable, Iterator

import numpy as np

from bench.hearts.annotate import Annotate, found_by
from bench.hearts.counts import Counts, add
from bench.hearts.records import Record
from train.recordings.ec57_scoring.durations import READABLE

RATES_HZ = (128.0, 250.0, 300.0, 360.0, 500.0)
STRENGTHS_MV = (0.02, 0.05, 0.2, 0.5, 2.0)  # root mean square
SECONDS = 60
RAIL_MV = 5.0
RECORDED_FROM_S = 900  # The first half of nstdb's noise is left to whoever trains with it.
RECORDED_MINUTES = 10


def count(annotate: Annotate, noises: Iterable[Record], seed: int = 0) -> Counts:
    """[beats found, readable seconds, seconds] of each kind, over all its minutes, generated or recorded."""
    counts: Counts = {}
    for kind, rate, signal in [*generated(seed), *recorded(noises)]:
        found = found_by(annotate, signal, rate)
        readable = (found.readable >= READABLE).sum()
        add(counts, {kind: np.array([len(found.sample), readable, len(found.readable)])})
    return counts


def figures(counts: Counts) -> dict[str, float]:
    """Beats a minute and the share of readable seconds of every kind, and of all."""
    numbers = {}
    for kind, (beats, readable, seconds) in {**counts, "all": sum(counts.values())}.items():
        numbers[f"no heart, {kind}: beats a minute"] = float(60 * beats / seconds)
        numbers[f"no heart, {kind}: readable"] = float(readable / seconds)
    return numbers


def generated(seed: int) -> Iterator[tuple[str, float, np.ndarray]]:
    """Kind, sampling rate in Hz and float32 (samples,) in mV of every minute that is generated."""
    for rate in RATES_HZ:
        rng = np.random.default_rng([seed, int(rate)])
        for kind, signal in _minutes(int(SECONDS * rate), rate, rng):
            yield kind, rate, signal.astype(np.float32)


def _minutes(samples: int, rate: float, rng: np.random.Generator) -> Iterator[tuple[str, np.ndarray]]:
    seconds = np.arange(samples) / rate
    for strength in STRENGTHS_MV:
        for kind, slope in (("white", 0.0), ("pink", 0.5), ("brown", 1.0)):
            yield f"{kind} noise", strength * coloured(samples, slope, rng)
        yield "bursts", strength * rng.normal(size=samples) * _switched(seconds, rng, on_s=0.4, off_s=1.0)
        for hum in (50.0, 60.0):
            wave = np.sin(2 * np.pi * hum * seconds) + 0.3 * np.sin(2 * np.pi * 3 * hum * seconds + 1)
            yield f"hum of {hum:.0f} Hz", strength * wave + rng.normal(0, 0.002, samples)
        yield "sine of 1.2 Hz", strength * np.sqrt(2) * np.sin(2 * np.pi * 1.2 * seconds)
        yield "steps", strength * rng.normal(size=samples)[np.cumsum(rng.random(samples) < 1 / rate)]
    for offset in (0.0, 0.3, -2.0):
        yield "flat line", np.full(samples, offset)
        yield "flat line", offset + rng.normal(0, 0.001, samples)
    slow = coloured(samples, 1.0, rng)
    yield "saturation", RAIL_MV * np.sign(slow)
    yield "saturation", np.clip(20 * RAIL_MV * coloured(samples, 0.5, rng), -RAIL_MV, RAIL_MV)
    yield "saturation", RAIL_MV * np.where(_switched(seconds, rng, on_s=2.0, off_s=2.0) > 0, 1, -1)


def coloured(samples: int, slope: float, rng: np.random.Generator) -> np.ndarray:
    """Noise of unit power with an amplitude that falls as frequency to the power of -`slope`, float64 (samples,)."""
    spectrum = np.fft.rfft(rng.normal(size=samples))
    number = np.arange(len(spectrum))
    spectrum *= np.where(number < 3, 0, np.maximum(number, 1.0) ** -slope)
    noise = np.fft.irfft(spectrum, samples)
    return noise / noise.std()


def _switched(seconds: np.ndarray, rng: np.random.Generator, on_s: float, off_s: float) -> np.ndarray:
    """1 while on, else 0, float (samples,); how long each lasts is drawn about the given means."""
    times = int(seconds[-1] / (on_s + off_s)) + 20
    lengths = rng.gamma(3, 1 / 3, (times, 2)) * [off_s, on_s]
    return np.searchsorted(np.cumsum(lengths), seconds) % 2.0


def recorded(noises: Iterable[Record]) -> Iterator[tuple[str, float, np.ndarray]]:
    """The same of the noise of nstdb alone: each channel, minute by minute, at every rate."""
    for record in noises:
        for lead, signal in record.leads.items():
            for minute in range(RECORDED_MINUTES):
                first = int((RECORDED_FROM_S + 60 * minute) * record.sampling_rate_hz)
                part = signal[first : first + int(SECONDS * record.sampling_rate_hz)]
                rate = RATES_HZ[minute % len(RATES_HZ)]
                yield f"nstdb {record.name} {lead}", rate, resampled(part, record.sampling_rate_hz, rate)


def resampled(signal: np.ndarray, from_hz: float, to_hz: float) -> np.ndarray:
    """A signal at another sampling rate, linearly interpolated, float32."""
    at = np.arange(int(len(signal) * to_hz / from_hz)) * from_hz / to_hz
    return np.interp(at, np.arange(len(signal)), signal).astype(np.float32)
