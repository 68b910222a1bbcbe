"""Built-in beats of the five AAMI classes, drawn by a seeded generator.

Each patient has a shape, a rhythm and a noise of their own, so that a split by patient asks for more than a split by beat.
Beats drawn here are for trying things out: a network trained on them knows nothing about real hearts.
"""

import hashlib

import numpy as np

from train.aami import AAMI
from train.rows.data.records import Groups, Records, Signal
from train.synthetic_waves import Patient, jittered, random_patient, sum_of_gaussians, waves_of

SIGNAL = Signal(sampling_rate_hz=200.0, unit="mV", lead="synthetic", before_r_ms=250.0, after_r_ms=450.0)
SAMPLES = 140
PATIENTS = 48
BEATS_PER_PATIENT = 100
SHARE = {"N": 0.56, "S": 0.13, "V": 0.15, "F": 0.07, "Q": 0.09}


def synthetic(seed: int) -> Records:
    """Draw PATIENTS × BEATS_PER_PATIENT beats of SAMPLES samples in mV; the same seed gives the same beats."""
    rng = np.random.default_rng(seed)
    labels = rng.choice(len(AAMI), size=(PATIENTS, BEATS_PER_PATIENT), p=[SHARE[name] for name in AAMI])
    features = np.concatenate([_beats(random_patient(rng), [AAMI[i] for i in row], rng) for row in labels]).astype(np.float32)
    return Records(
        name="built-in synthetic beats",
        digest=hashlib.sha256(features.tobytes()).hexdigest(),
        features=features,
        labels=labels.ravel().astype(np.int32),
        classes=AAMI,
        feature_names=tuple(f"F{i + 1}" for i in range(SAMPLES)),
        groups=Groups(np.repeat([f"synthetic-{i + 1:02}" for i in range(PATIENTS)], BEATS_PER_PATIENT)),
        signal=SIGNAL,
        synthetic=True,
    )


def _beats(patient: Patient, classes: list[str], rng: np.random.Generator) -> np.ndarray:
    """One window a class, float64 (beats, SAMPLES) in mV: the beat, its neighbours' waves, wander and noise."""
    t_ms = np.arange(SAMPLES) * 1000 / SIGNAL.sampling_rate_hz - SIGNAL.before_r_ms
    beats = np.stack([_with_neighbours(patient, name, t_ms, rng) for name in classes])
    noise = rng.normal(0, patient.noise_mv, beats.shape)
    return patient.gain * beats + noise + _wander(patient, len(classes), t_ms, rng)


def _with_neighbours(patient: Patient, name: str, t_ms: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    early = rng.uniform(0.55, 0.85) if name in "SVF" else rng.normal(1, 0.05)
    pause = rng.uniform(1.0, 1.3) if name in "SVF" else rng.normal(1, 0.05)
    usual = waves_of("Q" if name == "Q" else "N", rng)
    before, after = t_ms + patient.rr_ms * early, t_ms - patient.rr_ms * pause
    beats = [(waves_of(name, rng), t_ms), (usual, before), (usual, after)]
    return np.sum([sum_of_gaussians(jittered(waves, patient, rng), t) for waves, t in beats], axis=0)


def _wander(patient: Patient, beats: int, t_ms: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Breathing moves the baseline, at 0.15 to 0.4 Hz, float64 (beats, SAMPLES) in mV."""
    frequency_hz, phase = rng.uniform(0.15, 0.4, (beats, 1)), rng.uniform(0, 2 * np.pi, (beats, 1))
    return patient.wander_mv * np.sin(2 * np.pi * frequency_hz * t_ms / 1000 + phase)
