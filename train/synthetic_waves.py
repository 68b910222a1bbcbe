"""The waves of generated beats, and patients who differ: what built-in rows and built-in recordings are drawn from.

A beat is a sum of Gaussian P, Q, R, S and T waves, as in McSharry, Clifford, Tarassenko and Smith, "A dynamical model for
generating synthetic electrocardiogram signals", IEEE Trans. Biomed. Eng. 50 (2003), 289-294.
"""

from dataclasses import dataclass

import numpy as np

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


def random_patient(rng: np.random.Generator) -> Patient:
    """A patient with a random shape of the waves, gain, heart rate, noise and baseline wander."""
    shape = np.stack([rng.lognormal(0, 0.28, 5), rng.normal(0, 7, 5), rng.lognormal(0, 0.15, 5)], axis=1)
    return Patient(shape, rng.lognormal(0, 0.2), rng.uniform(600, 1050), rng.uniform(0.02, 0.07), rng.uniform(0, 0.15))


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
