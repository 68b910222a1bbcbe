"""Beats found and named against beats annotated, as ANSI/AAMI EC57 compares them.

A beat that is found within 150 ms of an annotated one is that beat, and each is used once. One that is not found is missed;
one that is found where none is annotated is false. Sensitivity of a class is the share of its annotated beats that were found
and so named; positive predictivity is the share of beats so named that were annotated so, and fusion beats named V are neither
right nor wrong there (as in bxb, the standard's own comparator in the WFDB software package). Beats of class Q count where
beats are found, not where they are named; nothing counts in ventricular flutter, where no beats are annotated.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from train.recordings.reading import Recording

WINDOW_S = 0.150
CLASSES = ("N", "S", "V", "F")
V, F = CLASSES.index("V"), CLASSES.index("F")
Q = len(CLASSES)
NONE = Q + 1  # no beat: the last column holds those missed, the last row those that are false
# Which beats count among those named so (columns), by what they are annotated (rows).
STRICT = np.arange(NONE + 1)[:, None].repeat(Q, axis=1) != Q
COUNTED = STRICT.copy()
COUNTED[F, V] = False
RESAMPLES = 2000


@dataclass(frozen=True)
class Answered:
    """What was found in a recording.

    sample         int (beats,), index of each R peak
    probabilities  float32 (beats, classes)
    """

    recording: Recording
    sample: np.ndarray
    probabilities: np.ndarray


def match(reference: np.ndarray, found: np.ndarray, window: float) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of indices into the two ascending arrays, int (pairs,) each: beats that are each other's nearest, within `window`."""
    if not len(reference) or not len(found):
        return np.zeros(0, int), np.zeros(0, int)
    theirs, ours = _nearest(reference, found), _nearest(found, reference)
    mutual = np.flatnonzero(ours[theirs] == np.arange(len(reference)))
    near = mutual[np.abs(found[theirs[mutual]] - reference[mutual]) <= window]
    return near, theirs[near]


def _nearest(places: np.ndarray, others: np.ndarray) -> np.ndarray:
    """For each place the index of the nearest of the others."""
    after = np.clip(np.searchsorted(others, places), 1, max(1, len(others) - 1)) if len(others) > 1 else np.ones(len(places), int)
    before = after - 1
    after = np.minimum(after, len(others) - 1)
    return np.where(np.abs(others[before] - places) <= np.abs(others[after] - places), before, after)


def counts(answered: Answered) -> np.ndarray:
    """How often what was annotated was named how, int (NONE + 1, NONE + 1): rows and columns are N, S, V, F, Q, no beat."""
    recording, rate = answered.recording, answered.recording.sampling_rate_hz
    named = answered.probabilities.argmax(axis=1) if len(answered.sample) else np.zeros(0, int)
    reference, found = match(recording.beats, answered.sample, WINDOW_S * rate)
    table = np.zeros((NONE + 1, NONE + 1), int)
    np.add.at(table, (recording.classes[reference], named[found]), 1)
    missed = np.setdiff1d(np.arange(len(recording.beats)), reference)
    false = np.setdiff1d(np.arange(len(answered.sample)), found)
    false = false[~_within(answered.sample[false], recording.unsure)]
    np.add.at(table, (recording.classes[missed], NONE), 1)
    np.add.at(table, (NONE, named[false]), 1)
    return table


def _within(samples: np.ndarray, stretches: np.ndarray) -> np.ndarray:
    """Which samples lie in one of the stretches, bool (samples,)."""
    inside = (samples[:, None] >= stretches[:, 0]) & (samples[:, None] <= stretches[:, 1])
    return np.asarray(inside.any(axis=1))


def figures(table: np.ndarray) -> dict[str, np.ndarray]:
    """Numbers that follow from tables of counts (…, NONE + 1, NONE + 1), each (…,); nan where there is nothing to share.

    accuracy is the share of beats annotated N, S, V or F that were found and named so; accuracy_of_found leaves out the missed.
    F1 and V_positive_predictivity_strict take fusion beats named V for wrong.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        beats, found = table[..., :NONE, :], table[..., :NONE, :NONE]
        right = np.stack([table[..., c, c] for c in range(Q)], -1)
        annotated = table[..., :Q, :].sum(axis=-1)
        named, counted = ((table[..., :Q] * which).sum(axis=-2) for which in (STRICT, COUNTED))
        sensitivity, predictivity = right / annotated, right / counted
        f1 = 2 * right / (annotated + named)
        numbers = {
            "detection_sensitivity": found.sum((-1, -2)) / beats.sum((-1, -2)),
            "detection_positive_predictivity": found.sum((-1, -2)) / (found.sum((-1, -2)) + table[..., NONE, :].sum(-1)),
            "accuracy": right.sum(-1) / annotated.sum(-1),
            "accuracy_of_found": right.sum(-1) / table[..., :Q, :Q].sum((-1, -2)),
            "macro_f1": f1[..., :3].mean(-1),
            "V_positive_predictivity_strict": right[..., V] / named[..., V],
        }
    for c, name in enumerate(CLASSES):
        numbers |= {
            f"{name}_sensitivity": sensitivity[..., c],
            f"{name}_positive_predictivity": predictivity[..., c],
            f"{name}_f1": f1[..., c],
        }
    return numbers


@dataclass(frozen=True)
class Evaluation:
    """What a set of recordings says of a model.

    names      of the recordings
    tables     int (recordings, NONE + 1, NONE + 1), counts of each
    gross      each figure over all their beats
    average    each figure as the mean over recordings in which it is defined
    interval   of each gross figure: 95 %, by drawing recordings with replacement
    """

    names: list[str]
    tables: np.ndarray
    gross: dict[str, float]
    average: dict[str, float]
    interval: dict[str, tuple[float, float]]


def evaluate(names: Sequence[str], tables: np.ndarray, seed: int = 0) -> Evaluation:
    """The figures of recordings from their tables of counts; the bootstrap's draws follow from `seed` (Efron 1979)."""
    each = figures(tables)
    drawn = np.random.default_rng(seed).multinomial(len(tables), np.full(len(tables), 1 / len(tables)), RESAMPLES)
    resampled = figures(np.tensordot(drawn, tables, axes=1))
    return Evaluation(
        names=list(names),
        tables=tables,
        gross={name: float(value) for name, value in figures(tables.sum(axis=0)).items()},
        average={name: float(np.nanmean(values)) if np.isfinite(values).any() else float("nan") for name, values in each.items()},
        interval={name: _middle(values) for name, values in resampled.items()},
    )


def _middle(values: np.ndarray) -> tuple[float, float]:
    values = values[np.isfinite(values)]
    low, high = np.percentile(values, [2.5, 97.5]) if len(values) else (np.nan, np.nan)
    return float(low), float(high)


def known(figures: dict[Any, float]) -> dict[Any, float | None]:
    """The figures as JSON has them: none where they are not a number."""
    return {name: None if np.isnan(value) else round(value, 6) for name, value in figures.items()}
