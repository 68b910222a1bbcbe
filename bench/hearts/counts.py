"""Counts by name, of which those of several folds can be added."""

from collections.abc import Iterable

import numpy as np

Counts = dict[str, np.ndarray]


def add(counts: Counts, more: Counts) -> None:
    """Add `more` to `counts`, in place."""
    for name, value in more.items():
        counts[name] = counts[name] + value if name in counts else np.asarray(value)


def total(parts: Iterable[Counts]) -> Counts:
    """The sum of the counts of several folds, or of several databases."""
    counts: Counts = {}
    for part in parts:
        add(counts, part)
    return counts
