"""Heart-rate variability: the time domain, and the means of what is counted in five-minute segments.

Task Force of the European Society of Cardiology and the North American Society of Pacing and Electrophysiology:
Heart rate variability. Circulation 93 (1996) 1043.
"""

from collections.abc import Iterator

import numpy as np

from server.models.report.intervals import Intervals
from server.models.report.lomb_scargle import LEAST_FILLED, band_powers
from server.models.report.structure import Variability

SEGMENT_S = 300
HALF_FILLED = 0.5  # So much of a segment is in NN intervals where its mean counts for SDANN.
LEAST_SEGMENTS = 3  # of SDANN
BINS_PER_S = 128  # of the triangular index
LEAST_INDEXED_S = 1200  # The Task Force asks 20 minutes of the triangular index.
LONG_MS = 50 + 1e-6  # over 50 ms, though an interval of samples is rounded


def variability(intervals: Intervals) -> Variability:
    """Of a recording's NN intervals."""
    nn_ms = 1000 * intervals.rr_s[intervals.nn]
    change_ms = 1000 * np.abs(np.diff(intervals.rr_s))[intervals.nn[1:] & intervals.nn[:-1]]
    segments = list(_segments(intervals))
    means = [nn_s.mean() for _, nn_s in segments if nn_s.sum() >= HALF_FILLED * SEGMENT_S]
    powers = [band_powers(time_s, 1000 * nn_s) for time_s, nn_s in segments if nn_s.sum() >= LEAST_FILLED * SEGMENT_S]
    lf, hf = np.mean(powers, axis=0).tolist() if powers else (None, None)
    return Variability(
        nn_intervals=len(nn_ms),
        mean_nn_ms=_rounded(nn_ms.mean()) if len(nn_ms) else None,
        sdnn_ms=_rounded(nn_ms.std(ddof=1)) if len(nn_ms) > 1 else None,
        sdann_ms=_rounded(1000 * np.std(means, ddof=1)) if len(means) >= LEAST_SEGMENTS else None,
        rmssd_ms=_rounded(np.sqrt((change_ms**2).mean())) if len(change_ms) else None,
        pnn50=round(float((change_ms > LONG_MS).mean()), 6) if len(change_ms) else None,
        triangular_index=_triangular_index(nn_ms / 1000),
        lf_ms2=_rounded(lf),
        hf_ms2=_rounded(hf),
        lf_hf=_rounded(lf / hf) if hf else None,
        segments=len(powers),
    )


def _segments(intervals: Intervals) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The end of each NN interval and its length, s, by the segments of SEGMENT_S of the recording that they end in."""
    end_s, nn_s = intervals.time_s[1:][intervals.nn], intervals.rr_s[intervals.nn]
    borders = np.flatnonzero(np.diff(end_s // SEGMENT_S)) + 1
    yield from zip(np.split(end_s, borders), np.split(nn_s, borders), strict=True)


def _triangular_index(nn_s: np.ndarray) -> float | None:
    """Intervals over how many are in the fullest bin; None of fewer than LEAST_INDEXED_S."""
    if nn_s.sum() < LEAST_INDEXED_S:
        return None
    bins = np.floor(nn_s * BINS_PER_S + 1e-6).astype(int)  # A length on a border, which rounding may move, is in the upper bin.
    return _rounded(len(nn_s) / np.bincount(bins).max())


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(float(value), 3)
