"""Plausibility of a recording and its annotation: warnings about a wrong gain, unit or class, and about what is unreadable."""

from collections.abc import Sequence

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from server.models.annotator import Annotation, Beats
from server.models.rhythm import readable_s

LOWEST_MV, HIGHEST_MV = 0.05, 20.0
SPREAD_PERCENT = (0.5, 99.5)  # artefacts of a few samples do not count as amplitude
WITHOUT_BEATS_S = 10.0
UNREADABLE_SHARE = 0.2  # of the seconds that were recorded
PREMATURE = "S"
REGULAR_BEATS, REGULAR_SPREAD = 10, 0.1  # so many beats whose RR intervals differ by no more than this share of their median


def warnings(millivolts: np.ndarray, sampling_rate_hz: float, annotation: Annotation, classes: Sequence[str]) -> list[str]:
    """One sentence for each thing that is unusual.

    That is an amplitude, no beat in ten seconds, a fifth or more that is unreadable, a regular rhythm called premature.

    millivolts  float32 (samples,), NaN where nothing was recorded
    annotation  what was said of it
    classes     the names of its beats' classes
    """
    beats = annotation.beats
    known = millivolts[np.isfinite(millivolts)]
    if not len(known):
        return []
    low, high = np.percentile(known, SPREAD_PERCENT, overwrite_input=True)
    found = []
    if not LOWEST_MV <= high - low <= HIGHEST_MV:
        found.append(f"an amplitude of {_format_amplitude(float(high - low))} is unusual for an ECG: are gain and unit right?")
    if not len(beats.sample) and len(known) >= WITHOUT_BEATS_S * sampling_rate_hz:
        found.append(f"no beat was found in {len(known) / sampling_rate_hz:.0f} s")
    if annotation.readable is not None:
        recorded_s = len(known) / sampling_rate_hz
        unreadable_s = recorded_s - readable_s(annotation.readable, len(millivolts) / sampling_rate_hz)
        if unreadable_s >= UNREADABLE_SHARE * recorded_s:
            found.append(f"{unreadable_s:.0f} of {recorded_s:.0f} s cannot be read: noise, or no contact of an electrode?")
    return found + _regular_but_premature(beats, sampling_rate_hz, classes)


def _regular_but_premature(beats: Beats, sampling_rate_hz: float, classes: Sequence[str]) -> list[str]:
    """S means premature, which no beat of a regular rhythm is: there the model cannot tell N and S apart."""
    if PREMATURE not in classes or len(beats.sample) < REGULAR_BEATS:
        return []
    intervals = sliding_window_view(np.diff(beats.sample), REGULAR_BEATS - 1)
    medians = np.median(intervals, axis=1)
    premature = sliding_window_view(beats.predicted_class == classes.index(PREMATURE), REGULAR_BEATS).all(axis=1)
    regular = premature & (np.ptp(intervals, axis=1) <= REGULAR_SPREAD * medians)
    if not regular.any():
        return []
    rate = 60 * sampling_rate_hz / float(np.median(medians[regular]))
    return [f"beats in a regular rhythm of {rate:.0f} a minute are called S: N and S cannot be told apart there"]


def _format_amplitude(mv: float) -> str:
    return f"{mv:.3g} mV" if mv >= 1 else f"{1000 * mv:.3g} µV"
