"""Built-in beats of the five AAMI classes, drawn by a seeded generator.

A beat is a sum of Gaussian P, Q, R, S and T waves, as in McSharry, Clifford, Tarassenko and Smith, "A dynamical model for
generating synthetic electrocardiogram signals", IEEE Trans. Biomed. Eng. 50 (2003), 289-294. Each patient has a shape, a
rhythm and a noise of their own, so that a split by patient asks for more than a split by beat. Beats drawn here are for
trying things out: a network trained on them knows nothing about real hearts.
"""

import hashlib
from dataclasses import dataclass

import numpy as np

from train.rows.data.records import AAMI, Groups, Records, Signal

SIGNAL = Signal(sampling_rate_hz=200.0, unit="mV", lead="synthetic", before_r_ms=250.0, after_r_ms=450.0)
SAMPLES = 140
PATIENTS = 48
BEATS_PER_PATIENT = 100
SHARE = {"N": 0.56, "S": 0.13, "V": 0.15, "F": 0.07, "Q": 0.09}

# One wave a row: amplitude in mV, centre in ms after the R peak, width (standard deviation) in ms.
NORMAL = np.array([[0.15, -165, 22], [-0.12, -30, 8], [1.10, 0, 10], [-0.25, 30, 9], [0.32, 250, 48]])
ECTOPIC_P = np.array([[-0.10, -115, 16], *NORMAL[1:]])
VENTRICULAR = np.array([[0.02, -165, 22], [-0.15, -70, 20], [1.35, 0, 30], [-0.60, 85, 34], [-0.42, 290, 60]])
PACED = np.array([[0.70, -55, 3], [0.20, -40, 14], [-0.95, 0, 34], [-0.35, 60, 30], [0.45, 285, 62]])
WAVES = {"N": NORMAL, "S": ECTOPIC_P, "V": VENTRICULAR, "Q": PACED}


@dataclass(frozen=True)
class Patient:
    """One heart and its electrodes; `shape` holds a factor or shift for each wave, as WAVES does."""

    shape: np.ndarray
    gain: float
    rr_ms: float
    noise_mv: float
    wander_mv: float


def synthetic(seed: int) -> Records:
    """Draw PATIENTS × BEATS_PER_PATIENT beats of SAMPLES samples in mV; the same seed gives the same beats."""
    rng = np.random.default_rng(seed)
    labels = rng.choice(len(AAMI), size=(PATIENTS, BEATS_PER_PATIENT), p=[SHARE[name] for name in AAMI])
    features = np.concatenate([_beats(some_patient(rng), [AAMI[i] for i in row], rng) for row in labels]).astype(np.float32)
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


def some_patient(rng: np.random.Generator) -> Patient:
    """A patient nobody has seen before."""
    shape = np.stack([rng.lognormal(0, 0.28, 5), rng.normal(0, 7, 5), rng.lognormal(0, 0.15, 5)], axis=1)
    return Patient(shape, rng.lognormal(0, 0.2), rng.uniform(600, 1050), rng.uniform(0.02, 0.07), rng.uniform(0, 0.15))


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


def waves_of(name: str, rng: np.random.Generator) -> np.ndarray:
    """The waves (5, 3) of a class; a fusion beat is a normal and a ventricular one in a share drawn anew."""
    if name != "F":
        return WAVES[name]
    share = rng.uniform(0.2, 0.8)
    return share * NORMAL + (1 - share) * VENTRICULAR


def jittered(waves: np.ndarray, patient: Patient, rng: np.random.Generator) -> np.ndarray:
    """Waves (5, 3) as this patient's heart draws them this time."""
    amplitude = waves[:, 0] * patient.shape[:, 0] * rng.lognormal(0, 0.08, 5)
    centre = waves[:, 1] + (patient.shape[:, 1] + rng.normal(0, 3, 5)) * (waves[:, 1] != 0)
    return np.stack([amplitude, centre, waves[:, 2] * patient.shape[:, 2]], axis=1)


def sum_of_gaussians(waves: np.ndarray, t_ms: np.ndarray) -> np.ndarray:
    """Waves (5, 3) at the times `t_ms` after the R peak, in mV, float64 of their shape."""
    amplitude, centre, width = waves.T[:, :, None]
    return (amplitude * np.exp(-0.5 * ((t_ms - centre) / width) ** 2)).sum(axis=0)


def _wander(patient: Patient, beats: int, t_ms: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Breathing moves the baseline, at 0.15 to 0.4 Hz, float64 (beats, SAMPLES) in mV."""
    frequency_hz, phase = rng.uniform(0.15, 0.4, (beats, 1)), rng.uniform(0, 2 * np.pi, (beats, 1))
    return patient.wander_mv * np.sin(2 * np.pi * frequency_hz * t_ms / 1000 + phase)
