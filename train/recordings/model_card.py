"""`beats.json`: the facts about a trained annotating network, which travel with it."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np

from train.recordings.ec57_scoring import CLASSES, Answered, counts, evaluate, known
from train.recordings.network import SAMPLING_RATE_HZ
from train.recordings.reading import Recording
from train.recordings.split import Parts
from train.recordings.synthetic import ORIGIN as SYNTHETIC
from train.rows.model_card import RECORDED_USE, SYNTHETIC_USE

LOWEST_RATE_HZ, HIGHEST_RATE_HZ = 50.0, 1000.0
CONTEXT_S = 24.0
HEADLINE = (
    *("detection_sensitivity", "detection_positive_predictivity", "accuracy", "macro_f1"),
    *(f"{name}_{figure}" for name in CLASSES for figure in ("sensitivity", "positive_predictivity")),
)


def facts(
    recordings: Sequence[Recording], parts: Parts, answered: Sequence[Answered], recipe: dict[str, Any], seed: int
) -> dict[str, Any]:
    """Everything that travels with the weights; see the artifact's contract in the README."""
    is_synthetic = recordings[0].origin == SYNTHETIC
    evaluation = evaluate([one.recording.name for one in answered], np.stack([counts(one) for one in answered]))
    return {
        "task": "annotation",
        "classes": list(CLASSES),
        "sampling_rate_hz": SAMPLING_RATE_HZ,
        "lowest_rate_hz": LOWEST_RATE_HZ,
        "highest_rate_hz": HIGHEST_RATE_HZ,
        "unit": "mV",
        "lead": next(iter(recordings[0].leads)),
        "context_s": CONTEXT_S,
        "network": recipe,
        "seed": seed,
        "trained_on": {
            "name": ", ".join(sorted({recording.origin for recording in parts.training})),
            "sha256": hashlib.sha256("".join(recording.digest for recording in recordings).encode()).hexdigest(),
            "recordings": len(parts.training),
            "beats": sum(len(recording.beats) for recording in parts.training),
            "synthetic": is_synthetic,
            "split": {
                "by": parts.by,
                "training": [recording.name for recording in parts.training],
                "test": [recording.name for recording in parts.test],
            },
        },
        "metrics": known({name: evaluation.gross[name] for name in HEADLINE}),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "intended_use": SYNTHETIC_USE if is_synthetic else RECORDED_USE,
    }
