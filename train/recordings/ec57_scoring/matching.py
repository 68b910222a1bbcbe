"""Which detected beat is which annotated one: each other's nearest, within 150 ms, as ANSI/AAMI EC57 has it."""

import numpy as np

WINDOW_S = 0.150


def match(reference: np.ndarray, found: np.ndarray, window: float) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of indices into the two ascending arrays, int (pairs,) each: beats that are each other's nearest, within `window`."""
    if not len(reference) or not len(found):
        return np.zeros(0, int), np.zeros(0, int)
    of_reference, of_found = _nearest(reference, found), _nearest(found, reference)
    mutual = np.flatnonzero(of_found[of_reference] == np.arange(len(reference)))
    near = mutual[np.abs(found[of_reference[mutual]] - reference[mutual]) <= window]
    return near, of_reference[near]


def _nearest(samples: np.ndarray, others: np.ndarray) -> np.ndarray:
    """For each of the samples the index of the nearest of the others."""
    last = len(others) - 1
    after = np.clip(np.searchsorted(others, samples), 1, last) if last else np.ones(len(samples), int)
    before = after - 1
    after = np.minimum(after, last)
    return np.where(np.abs(others[before] - samples) <= np.abs(others[after] - samples), before, after)
