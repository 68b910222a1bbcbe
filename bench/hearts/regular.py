"""A regular normal rhythm at 40 to 200 a minute: drawn, and normal stretches of real records played slower or faster."""

from collections.abc import Iterable, Iterator

import numpy as np

from bench.hearts.annotate import Annotate, Found, found_by
from bench.hearts.counts import Counts, add
from bench.hearts.records import Record
from train.aami import AAMI
from train.recordings.ec57_scoring.durations import UNREADABLE
from train.recordings.rhythm import RHYTHMS
from train.synthetic_waves import NORMAL, Patient, jittered, random_patient, sum_of_gaussians

RATES = range(40, 201, 20)  # beats a minute
PATIENTS = 48
DRAWN_HZ = (128.0, 250.0, 300.0, 360.0, 500.0)
SECONDS = 60
USUAL_RR_MS = 800.0
SHORTEST_STRETCH = 30  # normal beats
LONGEST_S = 60
HIGHEST_FACTOR = 2.0  # Played slower still, a QRS complex is as wide as a ventricular one.
LOWEST_HZ, HIGHEST_HZ = 50.0, 1000.0
N = AAMI.index("N")


def count(annotate: Annotate, records: Iterable[Record], seed: int = 0) -> Counts:
    """At each rate, drawn (without records too) and played, see `_counted`."""
    counts: Counts = {}
    for rate in RATES:
        for signal, sampling_rate, beats in drawn(rate, seed):
            found = found_by(annotate, signal, sampling_rate)
            add(counts, {f"drawn/{rate}": _counted(found, beats)})
    for record in records:
        for rate, signal, sampling_rate, beats in played(record):
            found = found_by(annotate, signal, sampling_rate)
            add(counts, {f"played/{rate}": _counted(found, beats)})
    return counts


def _counted(found: Found, beats: int) -> np.ndarray:
    """[beats named N, beats found, beats that are there, seconds in rhythm N, readable seconds, seconds]."""
    second = found.second
    seconds = [(second == RHYTHMS.index("N")).sum(), (second != UNREADABLE).sum(), len(second)]
    return np.array([(found.named == N).sum(), len(found.named), beats, *seconds])


def figures(counts: Counts) -> dict[str, float]:
    """The share of N among the beats found, and of beats found among those there, at each rate."""
    numbers = {}
    for key in sorted(counts, key=lambda key: (key.split("/")[0], int(key.split("/")[1]))):
        named, found, there, regular, readable, seconds = counts[key]
        where = key.replace("/", " regular rhythm, ")
        numbers[f"{where} a minute: N"] = float(named / found) if found else float("nan")
        numbers[f"{where} a minute: beats found"] = float(found / there)
        numbers[f"{where} a minute: seconds in rhythm N"] = float(regular / seconds)
        numbers[f"{where} a minute: readable"] = float(readable / seconds)
    return numbers


def drawn(rate: int, seed: int) -> Iterator[tuple[np.ndarray, float, int]]:
    """A minute of each of PATIENTS, float32 (samples,) in mV, its sampling rate in Hz and how many beats it has."""
    rng = np.random.default_rng([seed, rate])
    for number in range(PATIENTS):
        sampling_rate = DRAWN_HZ[number % len(DRAWN_HZ)]
        rr_ms = 60_000 / rate * (1 + rng.normal(0, 0.012, int(SECONDS * rate / 60) + 5))
        at_ms = np.cumsum(rr_ms) - rr_ms[0] / 2
        at_ms = at_ms[at_ms < SECONDS * 1000 - 150]
        yield _signal(random_patient(rng), at_ms, 60_000 / rate, sampling_rate, rng), sampling_rate, len(at_ms)


def _signal(heart: Patient, at_ms: np.ndarray, rr_ms: float, sampling_rate: float, rng: np.random.Generator) -> np.ndarray:
    """Every beat's waves, with P and T as near as the rate has them (Bazett, McSharry), wander and a little noise."""
    time_ms = np.arange(int(SECONDS * sampling_rate)) * 1000 / sampling_rate
    signal = rng.normal(0, heart.noise_mv / 3, len(time_ms)) + heart.wander_mv * np.sin(2 * np.pi * 0.25 * time_ms / 1000)
    nearer = np.sqrt(np.clip(rr_ms / USUAL_RR_MS, 0.3, 1.2))
    for r_peak_ms in at_ms:
        waves = jittered(NORMAL, heart, rng) * [[1, nearer, nearer], [1, 1, 1], [1, 1, 1], [1, 1, 1], [1, nearer, nearer]]
        part = slice(*np.searchsorted(time_ms, (r_peak_ms - 400, r_peak_ms + 600)))
        signal[part] += heart.gain * sum_of_gaussians(waves, time_ms[part] - r_peak_ms)
    return signal.astype(np.float32)


def played(record: Record) -> Iterator[tuple[int, np.ndarray, float, int]]:
    """The longest normal stretch of a record's first lead at each rate that a sampling rate declared otherwise gives it.

    Each with the rate a minute, float32 (samples,) in mV, the declared sampling rate in Hz and how many beats it has.
    """
    first, last = _normal_stretch(record)
    if last - first < SHORTEST_STRETCH:
        return
    beats = record.beats[first:last]
    interval = np.diff(beats)
    own_rate = 60 * record.sampling_rate_hz / interval.mean()
    signal = next(iter(record.leads.values()))[beats[0] - int(interval.mean() / 2) : beats[-1] + int(interval.mean() / 2)]
    for rate in RATES:
        declared = record.sampling_rate_hz * rate / own_rate
        if LOWEST_HZ <= declared <= HIGHEST_HZ and 1 / HIGHEST_FACTOR <= rate / own_rate <= HIGHEST_FACTOR:
            yield rate, signal, declared, len(beats)


def _normal_stretch(record: Record) -> tuple[int, int]:
    """First beat and the one after the last of the longest run of normal beats in normal rhythm, of LONGEST_S at most."""
    seconds = np.minimum((record.beats / record.sampling_rate_hz).astype(int), max(0, len(record.rhythm) - 1))
    rhythm = record.rhythm[seconds] if len(record.rhythm) else np.zeros(len(seconds), int)
    ordinary = (record.classes == N) & (rhythm <= 0) & (record.beats > record.sampling_rate_hz)
    edges = np.flatnonzero(np.diff(np.r_[False, ordinary, False].astype(int)))
    if not len(edges):
        return 0, 0
    first, last = max(zip(edges[::2] + 1, edges[1::2] - 1, strict=True), key=lambda run: run[1] - run[0])
    within = np.searchsorted(record.beats, record.beats[min(first, len(record.beats) - 1)] + LONGEST_S * record.sampling_rate_hz)
    return int(first), int(min(last, within))
