"""Recordings with the noise of nstdb added, as nst of the WFDB software package does it, at 6 and 0 dB.

Signal to noise as there: ten times the decimal logarithm of an eighth of the squared peak-to-peak amplitude of QRS complexes
over the mean square of the noise. Five minutes are left clean, then two minutes with noise and two without take turns; everything
after the five minutes is scored.
"""

from collections.abc import Iterable

import numpy as np

from bench.hearts.annotate import Annotate, found_by
from bench.hearts.counts import Counts, add
from bench.hearts.no_heart import RECORDED_FROM_S, resampled
from bench.hearts.records import Record
from train.recordings.ec57_scoring.durations import READABLE
from train.recordings.ec57_scoring.matching import WINDOW_S, match

DECIBELS = (6, 0)
CLEAN_S, PHASE_S = 300, 120
QRS_S = 0.05
TRIMMED = 0.05  # share of the smallest and of the largest that is left out of a mean


def count(annotate: Annotate, records: Iterable[Record], noises: Iterable[Record]) -> Counts:
    """By noise and decibels the scores of the first lead of all records, over the whole test and over its noisy minutes."""
    counts: Counts = {}
    noises = list(noises)
    for record in records:
        for noise in noises:
            for decibels in DECIBELS:
                key = f"{noise.name}/{decibels}"
                signal, is_noisy = stressed(record, noise, decibels)
                found = found_by(annotate, signal, record.sampling_rate_hz)
                tested = np.arange(len(is_noisy)) >= CLEAN_S
                add(counts, {f"{key}/whole": _scores(record, found.sample, found.readable, tested)})
                add(counts, {f"{key}/noisy minutes": _scores(record, found.sample, found.readable, is_noisy)})
    return counts


def stressed(record: Record, noise: Record, decibels: float) -> tuple[np.ndarray, np.ndarray]:
    """The first lead with noise, float32 (samples,) in mV; and which seconds have it, bool (seconds,)."""
    rate, signal = record.sampling_rate_hz, next(iter(record.leads.values()))
    channel = next(iter(noise.leads.values()))[int(RECORDED_FROM_S * noise.sampling_rate_hz) :]
    added = np.resize(resampled(channel, noise.sampling_rate_hz, rate), len(signal))
    added = added - added.mean()
    gain = np.sqrt(_qrs_power(signal, record) / _noise_power(added, rate) / 10 ** (decibels / 10))
    seconds = np.arange(int(np.ceil(len(signal) / rate)))
    is_noisy = (seconds >= CLEAN_S) & ((seconds - CLEAN_S) // PHASE_S % 2 == 0)
    in_noise = is_noisy[(np.arange(len(signal)) / rate).astype(int)]
    return (signal + gain * added * in_noise).astype(np.float32), is_noisy


def _qrs_power(signal: np.ndarray, record: Record) -> float:
    """The eighth of the square of the mean peak-to-peak amplitude of the first 300 normal QRS complexes, in mV²."""
    half = int(QRS_S * record.sampling_rate_hz)
    beats = record.beats[(record.classes == 0) & (record.beats > half) & (record.beats < len(signal) - half)][:300]
    return _trimmed_mean(np.array([np.ptp(signal[beat - half : beat + half + 1]) for beat in beats])) ** 2 / 8


def _noise_power(noise: np.ndarray, rate: float) -> float:
    """The square of the mean of the root mean squares of the first 300 seconds, each about its own mean, in mV²."""
    each = noise[: 300 * int(rate)].reshape(-1, int(rate))
    return _trimmed_mean(each.std(axis=1)) ** 2


def _trimmed_mean(values: np.ndarray) -> float:
    low = int(TRIMMED * len(values))
    return float(np.sort(values)[low : len(values) - low].mean())


def _scores(record: Record, sample: np.ndarray, readable: np.ndarray, tested: np.ndarray) -> np.ndarray:
    """[annotated beats in readable seconds that are found, all of them, found ones that are right, false ones, readable s, s]."""
    rate = record.sampling_rate_hz
    is_read = tested & (readable >= READABLE)
    reference, found = match(record.beats, sample, WINDOW_S * rate)
    annotated = is_read[(record.beats / rate).astype(int)]
    in_test = tested[np.minimum(sample / rate, len(tested) - 1).astype(int)]
    right = in_test[found].sum()
    return np.array([annotated[reference].sum(), annotated.sum(), right, in_test.sum() - right, is_read.sum(), tested.sum()])


def figures(counts: Counts) -> dict[str, float]:
    """Sensitivity and positive predictivity of beats in what is readable, and the share that is."""
    numbers = {}
    for key, (matched, annotated, right, false, readable, seconds) in counts.items():
        name, decibels, part = key.split("/")
        where = f"nstdb {name} at {decibels} dB, {part}"
        numbers[f"{where}: sensitivity"] = float(matched / annotated) if annotated else float("nan")
        numbers[f"{where}: positive predictivity"] = float(right / (right + false)) if right + false else float("nan")
        numbers[f"{where}: readable"] = float(readable / seconds)
    return numbers
