"""Built-in recordings: generated beats at 40 to 200 a minute, in sinus rhythm and others, fibrillation, and noise alone."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from train.aami import AAMI
from train.recordings.reading import NO_BEATS, Recording
from train.recordings.rhythm import AF, OTHER, UNKNOWN, VF, N
from train.synthetic_waves import Patient, jittered, random_patient, sum_of_gaussians, waves_of

ORIGIN = "built-in synthetic recordings"
SAMPLING_RATE_HZ = 250.0
RECORDINGS, SECONDS = 24, 120.0
LABELLED, LABELLED_SECONDS = 12, 30.0
SLOWEST, FASTEST = 40, 200  # beats a minute
P_WAVE, T_WAVE = 0, 4  # the rows of the waves
USUAL_RR_MS = 600.0  # Below it P and T come nearer to the R peak.
EARLY, PAUSE = (0.55, 0.8), (1.05, 1.4)  # of the usual RR interval, before and after a premature beat
RUNS = {"S": (1, 1, 1, 2, 3), "V": (1, 1, 1, 2), "F": (1,)}
BIGEMINY = (0.05, 0.3, 0.6, 0.05)  # how often N, S, V and F follow a normal beat there
# The rhythms of a recording one after another, of the same length each; where it is unknown there is noise and no heart.
PLANS = ((N,), (N, UNKNOWN, N), (N, OTHER, N), (N, AF, N), (N, VF, N), (AF,))
REGULAR, REGULAR_SECONDS, REGULAR_RATES = 32, 60.0, (38, 215)  # beats a minute
LABELS = {"N": N, "AF": AF, "O": OTHER, "~": UNKNOWN}


class Phase(NamedTuple):
    """A part of a recording in one rhythm, from `start_s` to `end_s`, whole seconds except at the end."""

    start_s: float
    end_s: float
    rhythm: int


def synthetic_recordings(seed: int, recordings: int = RECORDINGS, seconds: float = SECONDS) -> list[Recording]:
    """Recordings of two leads, each of another patient; the same seed gives the same ones."""
    rng = np.random.default_rng(seed)
    return [_recording(f"synthetic-{i + 1:02}", PLANS[i % len(PLANS)], seconds, rng) for i in range(recordings)]


def labelled_recordings(seed: int, recordings: int = LABELLED, seconds: float = LABELLED_SECONDS) -> list[Recording]:
    """Recordings of which only one rhythm is known, or that they are noise: N, AF, O and ~ in turn, with no beat annotated."""
    rng = np.random.default_rng([seed, 1])
    labels = [list(LABELS)[i % len(LABELS)] for i in range(recordings)]
    drawn = [_recording(f"labelled-{i + 1:02}", (LABELS[label],), seconds, rng) for i, label in enumerate(labels)]
    return [_without_beats(one, label) for one, label in zip(drawn, labels, strict=True)]


def regular_recordings(seed: int, recordings: int = REGULAR, seconds: float = REGULAR_SECONDS) -> list[Recording]:
    """Normal beats alone, as regular as a sinus rhythm is, at rates evenly spread from very slow to very fast."""
    rng = np.random.default_rng([seed, 2])
    rates = np.geomspace(*REGULAR_RATES, recordings)
    return [_recording(f"regular-{i + 1:02}", (N,), seconds, rng, rate) for i, rate in enumerate(rates)]


def _without_beats(recording: Recording, label: str) -> Recording:
    none = NO_BEATS.astype(np.int32), NO_BEATS.reshape(0, 2)
    return replace(recording, beats=NO_BEATS, classes=none[0], excluded=none[1], label=label, has_beats=False)


def _recording(
    name: str, plan: tuple[int, ...], seconds: float, rng: np.random.Generator, regular_rate: float | None = None
) -> Recording:
    hearts = [random_patient(rng) for _ in range(2)]
    if len(plan) > 1 or regular_rate:
        rate = regular_rate or np.exp(rng.uniform(np.log(SLOWEST), np.log(FASTEST)))
        hearts[0] = replace(hearts[0], rr_ms=60_000 / rate)
    phases = list(_phases(plan, seconds))
    at_ms, classes, fibrillates = _beats(hearts[0].rr_ms, phases, rng, 0.0 if regular_rate else 1.0)
    leads = {}
    for lead, heart in zip(("I", "II"), (hearts[0], replace(hearts[1], rr_ms=hearts[0].rr_ms)), strict=True):
        signal = _signal(heart, at_ms, classes, fibrillates, seconds, rng)
        leads[lead] = _with_fibrillation_and_noise(signal, phases, rng)
    beats = np.round(at_ms / 1000 * SAMPLING_RATE_HZ).astype(np.int64)
    index = np.array([AAMI.index(one) for one in classes], np.int32)
    rhythm = np.repeat([one.rhythm for one in phases], [int(np.ceil(one.end_s - one.start_s)) for one in phases]).astype(np.int8)
    flutter = [(one.start_s * SAMPLING_RATE_HZ, one.end_s * SAMPLING_RATE_HZ - 1) for one in phases if one.rhythm == VF]
    excluded = np.array(flutter, np.int64).reshape(-1, 2)
    digest = hashlib.sha256(b"".join(x.tobytes() for x in (*leads.values(), beats, index, rhythm))).hexdigest()
    return Recording(name, ORIGIN, name, SAMPLING_RATE_HZ, leads, beats, index, excluded, digest, rhythm)


def _phases(plan: tuple[int, ...], seconds: float) -> Iterator[Phase]:
    borders = [float(seconds * i // len(plan)) for i in range(len(plan))] + [seconds]
    for start, end, rhythm in zip(borders[:-1], borders[1:], plan, strict=True):
        yield Phase(start, end, rhythm)


def _beats(
    rr_ms: float, phases: list[Phase], rng: np.random.Generator, premature: float
) -> tuple[np.ndarray, list[str], np.ndarray]:
    """When each beat comes, float64 (beats,) in ms, its class, and whether it is in AF, bool (beats,)."""
    at, classes, fibrillates = [], [], []
    for phase in phases:
        if phase.rhythm in (N, AF, OTHER):
            times, kinds = _rhythm(rr_ms, phase.rhythm, 1000 * (phase.end_s - phase.start_s), rng, premature)
            at.append(times + 1000 * phase.start_s)
            classes += kinds
            fibrillates.append(np.full(len(times), phase.rhythm == AF))
    return np.concatenate([*at, []]), classes, np.concatenate([*fibrillates, np.zeros(0, bool)])


def _rhythm(rr_ms: float, rhythm: int, end_ms: float, rng: np.random.Generator, premature: float) -> tuple[np.ndarray, list[str]]:
    """When each beat comes, float64 (beats,) in ms, and its class; breathing makes the rhythm faster and slower.

    premature  1, or 0 for a rhythm without premature beats
    """
    at, classes, time = [], [], rng.uniform(400, 800) * min(1, rr_ms / USUAL_RR_MS)
    ectopic, breath_s = rng.dirichlet((8, 1, 1, 0.5)), rng.uniform(3, 6)
    ectopic[1:] *= premature
    ectopic[0] = 1 - ectopic[1:].sum()
    pause = 1.0
    while time < end_ms - min(600, rr_ms):
        kind = "N" if pause != 1.0 else str(rng.choice(["N", "S", "V", "F"], p=BIGEMINY if rhythm == OTHER else ectopic))
        for _ in range(rng.choice(RUNS[kind]) if kind != "N" else 1):
            breath = 0.04 * np.sin(2 * np.pi * time / 1000 / breath_s)
            usual = rr_ms * (rng.lognormal(0, 0.2) if rhythm == AF else 1 + breath + rng.normal(0, 0.015))
            time += max(min(280.0, 0.85 * rr_ms), usual * (rng.uniform(*EARLY) if kind != "N" else pause))
            at.append(time)
            classes.append(kind)
        pause = rng.uniform(*PAUSE) if kind != "N" else 1.0
    kept = [i for i, when in enumerate(at) if when < end_ms - 200]
    return np.array(at)[kept], [classes[i] for i in kept]


def _signal(
    heart: Patient, at_ms: np.ndarray, classes: list[str], fibrillates: np.ndarray, seconds: float, rng: np.random.Generator
) -> np.ndarray:
    """One lead, float64 (samples,) in mV: every beat's waves, wander and noise."""
    time_ms = np.arange(int(seconds * SAMPLING_RATE_HZ)) * 1000 / SAMPLING_RATE_HZ
    signal = rng.normal(0, heart.noise_mv / 2, len(time_ms)) + heart.wander_mv * np.sin(2 * np.pi * 0.3 * time_ms / 1000)
    nearer = np.sqrt(min(1, heart.rr_ms / USUAL_RR_MS))
    for r_peak_ms, kind, in_af in zip(at_ms, classes, fibrillates, strict=True):
        waves = jittered(waves_of(kind, rng), heart, rng)
        waves[P_WAVE, 0] *= not (in_af and kind == "N")
        waves[[P_WAVE, T_WAVE], 1:] *= nearer
        part = slice(*np.searchsorted(time_ms, (r_peak_ms - 400, r_peak_ms + 600)))
        signal[part] += heart.gain * sum_of_gaussians(waves, time_ms[part] - r_peak_ms)
    return signal


def _with_fibrillation_and_noise(signal: np.ndarray, phases: list[Phase], rng: np.random.Generator) -> np.ndarray:
    """The lead, float32 (samples,) in mV, with the waves of fibrillating atria or ventricles, or with noise in its place."""
    for phase in phases:
        part = signal[int(phase.start_s * SAMPLING_RATE_HZ) : int(phase.end_s * SAMPLING_RATE_HZ)]  # a view
        if phase.rhythm == AF:
            part += rng.uniform(0.03, 0.12) * _waves(len(part), rng.uniform(5, 8), rng)
        elif phase.rhythm == VF:
            part[:] = rng.normal(0, 0.03, len(part)) + rng.uniform(0.2, 1) * _waves(len(part), rng.uniform(3, 6), rng)
        elif phase.rhythm == UNKNOWN:
            part[:] = np.convolve(rng.normal(0, rng.uniform(0.2, 2), len(part)), np.ones(4) / 2, "same")
    return signal.astype(np.float32)


def _waves(samples: int, frequency_hz: float, rng: np.random.Generator) -> np.ndarray:
    """Waves of about this frequency that come and go, float64 (samples,) of an amplitude of about 1."""
    time = np.arange(samples) / SAMPLING_RATE_HZ
    phase = 2 * np.pi * frequency_hz * time + np.cumsum(rng.normal(0, 4 / SAMPLING_RATE_HZ**0.5, samples))
    swell = 1 + 0.4 * np.sin(2 * np.pi * rng.uniform(0.2, 0.6) * time + rng.uniform(0, 6))
    return swell * (np.sin(phase) + 0.3 * np.sin(2 * phase))
