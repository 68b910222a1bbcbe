"""The Lomb–Scargle periodogram, the spectrum of a series that is unevenly sampled, and the power in LF and HF by it.

Scargle, Astrophysical Journal 263 (1982) 835; for RR intervals, with ectopic beats left out: Clifford and Tarassenko,
IEEE Transactions on Biomedical Engineering 52 (2005) 630.
"""

import numpy as np

GRID_HZ = 1 / 600  # half of what five minutes resolve
LF_HZ, HF_HZ, END_HZ = 0.04, 0.15, 0.4  # LF from the first to the second, HF from there to the third
LEAST_FILLED = 0.8  # So much of five minutes is in NN intervals where its spectrum counts.


def band_powers(time_s: np.ndarray, values: np.ndarray) -> tuple[float, float]:
    """Power in LF and in HF, in the square of the values' unit: a wave of amplitude A in a band has A²/2.

    time_s  float64 (values,), ascending
    values  float64 (values,)
    """
    first, border, last = (round(frequency / GRID_HZ) for frequency in (LF_HZ, HF_HZ, END_HZ))
    power = periodogram(time_s, values - values.mean(), GRID_HZ * np.arange(first, last + 1))
    density = 2 * (time_s[-1] - time_s[0]) / len(values) * power
    lf, hf = density[: border - first + 1], density[border - first :]
    return float(np.trapezoid(lf, dx=GRID_HZ)), float(np.trapezoid(hf, dx=GRID_HZ))


def periodogram(time_s: np.ndarray, values: np.ndarray, frequency_hz: np.ndarray) -> np.ndarray:
    """The periodogram, not normalised, float64 (frequencies,): half of what a sine and a cosine of each explain of the squares.

    time_s, values  float64 (values,), the values of mean 0
    """
    phase = 2 * np.pi * np.outer(frequency_hz, time_s - time_s[0])
    sine, cosine = np.sin(phase), np.cos(phase)
    of_sine, of_cosine = sine @ values, cosine @ values
    sines, cosines, both = (sine**2).sum(axis=1), (cosine**2).sum(axis=1), (sine * cosine).sum(axis=1)
    explained = of_cosine**2 * sines + of_sine**2 * cosines - 2 * of_sine * of_cosine * both
    power: np.ndarray = explained / (sines * cosines - both**2) / 2
    return power
