"""Plausibility of a recording: warnings about an amplitude or a lack of beats that hint at a wrong gain or unit."""

import numpy as np

LOWEST_MV, HIGHEST_MV = 0.05, 20.0
SPREAD_PERCENT = (0.5, 99.5)  # artefacts of a few samples do not count as amplitude
WITHOUT_BEATS_S = 10.0


def warnings(millivolts: np.ndarray, sampling_rate_hz: float, beats: int) -> list[str]:
    """One sentence for each thing that is unusual: an amplitude that hints at a wrong gain or unit, no beat in ten seconds.

    millivolts  float32 (samples,), NaN where nothing was recorded
    beats       how many were found in it
    """
    known = millivolts[np.isfinite(millivolts)]
    if not len(known):
        return []
    low, high = np.percentile(known, SPREAD_PERCENT)
    found = []
    if not LOWEST_MV <= high - low <= HIGHEST_MV:
        found.append(f"an amplitude of {_format_amplitude(float(high - low))} is unusual for an ECG: are gain and unit right?")
    if not beats and len(known) >= WITHOUT_BEATS_S * sampling_rate_hz:
        found.append(f"no beat was found in {len(known) / sampling_rate_hz:.0f} s")
    return found


def _format_amplitude(mv: float) -> str:
    return f"{mv:.3g} mV" if mv >= 1 else f"{1000 * mv:.3g} µV"
