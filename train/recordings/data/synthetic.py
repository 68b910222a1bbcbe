"""Built-in recordings: generated beats in sinus rhythm, with ectopic beats, and in atrial fibrillation."""

import hashlib

import numpy as np

from train.aami import AAMI
from train.recordings.reading import Recording
from train.synthetic_waves import Patient, jittered, random_patient, sum_of_gaussians, waves_of

ORIGIN = "built-in synthetic recordings"
SAMPLING_RATE_HZ = 250.0
RECORDINGS = 24
SECONDS = 120.0
P_WAVE = 0  # the row of the waves
EARLY, PAUSE = (0.55, 0.8), (1.05, 1.4)  # of the usual RR interval, before and after a premature beat
RUNS = {"S": (1, 1, 1, 2, 3), "V": (1, 1, 1, 2), "F": (1,)}


def synthetic_recordings(seed: int, recordings: int = RECORDINGS, seconds: float = SECONDS) -> list[Recording]:
    """Recordings of two leads, each of another patient; the same seed gives the same ones."""
    rng = np.random.default_rng(seed)
    return [_recording(f"synthetic-{i + 1:02}", fibrillates=i % 6 == 5, seconds=seconds, rng=rng) for i in range(recordings)]


def _recording(name: str, fibrillates: bool, seconds: float, rng: np.random.Generator) -> Recording:
    hearts = [random_patient(rng) for _ in range(2)]
    at_ms, classes = _rhythm(hearts[0].rr_ms, fibrillates, 1000 * seconds, rng)
    leads = {
        lead: _signal(heart, at_ms, classes, fibrillates, seconds, rng) for lead, heart in zip(("I", "II"), hearts, strict=True)
    }
    beats = np.round(at_ms / 1000 * SAMPLING_RATE_HZ).astype(np.int64)
    index = np.array([AAMI.index(one) for one in classes], np.int32)
    digest = hashlib.sha256(b"".join(x.tobytes() for x in (*leads.values(), beats, index))).hexdigest()
    return Recording(name, ORIGIN, name, SAMPLING_RATE_HZ, leads, beats, index, np.zeros((0, 2), np.int64), digest)


def _rhythm(rr_ms: float, fibrillates: bool, end_ms: float, rng: np.random.Generator) -> tuple[np.ndarray, list[str]]:
    """When each beat comes, float64 (beats,) in ms, and its class; breathing makes the rhythm faster and slower."""
    at, classes, time = [], [], rng.uniform(400, 800)
    ectopic, breath_s = rng.dirichlet((8, 1, 1, 0.5)), rng.uniform(3, 6)
    pause = 1.0
    while time < end_ms - 600:
        kind = "N" if pause != 1.0 else str(rng.choice(["N", "S", "V", "F"], p=ectopic))
        for _ in range(rng.choice(RUNS[kind]) if kind != "N" else 1):
            breath = 0.04 * np.sin(2 * np.pi * time / 1000 / breath_s)
            usual = rr_ms * (rng.lognormal(0, 0.2) if fibrillates else 1 + breath + rng.normal(0, 0.015))
            time += max(280.0, usual * (rng.uniform(*EARLY) if kind != "N" else pause))
            at.append(time)
            classes.append(kind)
        pause = rng.uniform(*PAUSE) if kind != "N" else 1.0
    kept = [i for i, when in enumerate(at) if when < end_ms - 200]
    return np.array(at)[kept], [classes[i] for i in kept]


def _signal(
    heart: Patient, at_ms: np.ndarray, classes: list[str], fibrillates: bool, seconds: float, rng: np.random.Generator
) -> np.ndarray:
    """One lead, float32 (samples,) in mV: every beat's waves, wander and noise."""
    time_ms = np.arange(int(seconds * SAMPLING_RATE_HZ)) * 1000 / SAMPLING_RATE_HZ
    signal = rng.normal(0, heart.noise_mv / 2, len(time_ms)) + heart.wander_mv * np.sin(2 * np.pi * 0.3 * time_ms / 1000)
    for r_peak_ms, kind in zip(at_ms, classes, strict=True):
        waves = jittered(waves_of(kind, rng), heart, rng)
        waves[P_WAVE, 0] *= not (fibrillates and kind == "N")
        part = slice(*np.searchsorted(time_ms, (r_peak_ms - 400, r_peak_ms + 600)))
        signal[part] += heart.gain * sum_of_gaussians(waves, time_ms[part] - r_peak_ms)
    return signal.astype(np.float32)
