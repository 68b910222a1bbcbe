"""The figures of ANSI/AAMI EC57 from confusion tables: sensitivity, positive predictivity, accuracy, F1.

Sensitivity of a class is the share of its annotated beats that were found and classified so; positive predictivity is the share
of beats classified so that were annotated so. Fusion beats classified V are neither right nor wrong there, as in bxb, the
standard's own comparator in the WFDB software package.
"""

from typing import Any

import numpy as np

from train.recordings.ec57_scoring.confusion import CLASSES, NONE, Q

V, F = CLASSES.index("V"), CLASSES.index("F")
# Which beats count among those classified so (columns), by what they are annotated (rows).
STRICT = np.arange(NONE + 1)[:, None].repeat(Q, axis=1) != Q
COUNTED = STRICT.copy()
COUNTED[F, V] = False


def figures(table: np.ndarray) -> dict[str, np.ndarray]:
    """The figures of tables (…, NONE + 1, NONE + 1), each (…,); nan where the denominator is zero.

    accuracy is the share of beats annotated N, S, V or F that were found and classified so; accuracy_of_found leaves out those
    missed. F1 and V_positive_predictivity_strict count fusion beats classified V as wrong.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        beats, found = table[..., :NONE, :], table[..., :NONE, :NONE]
        right = np.stack([table[..., c, c] for c in range(Q)], -1)
        annotated = table[..., :Q, :].sum(axis=-1)
        predicted, counted = ((table[..., :Q] * which).sum(axis=-2) for which in (STRICT, COUNTED))
        sensitivity, predictivity = right / annotated, right / counted
        f1 = 2 * right / (annotated + predicted)
        numbers = {
            "detection_sensitivity": found.sum((-1, -2)) / beats.sum((-1, -2)),
            "detection_positive_predictivity": found.sum((-1, -2)) / (found.sum((-1, -2)) + table[..., NONE, :].sum(-1)),
            "accuracy": right.sum(-1) / annotated.sum(-1),
            "accuracy_of_found": right.sum(-1) / table[..., :Q, :Q].sum((-1, -2)),
            "macro_f1": f1[..., :3].mean(-1),
            "V_positive_predictivity_strict": right[..., V] / predicted[..., V],
        }
    for c, name in enumerate(CLASSES):
        numbers |= {
            f"{name}_sensitivity": sensitivity[..., c],
            f"{name}_positive_predictivity": predictivity[..., c],
            f"{name}_f1": f1[..., c],
        }
    return numbers


def known(figures: dict[Any, float]) -> dict[Any, float | None]:
    """The figures as JSON has them: null where they are nan."""
    return {name: None if np.isnan(value) else round(value, 6) for name, value in figures.items()}
