"""What training leaves behind, put into place once all of it is written."""

import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from train.recordings.ec57_scoring import Answered
from train.recordings.onnx_graph import Annotation
from train.recordings.plots import draw
from train.recordings.report import report

NETWORK, FACTS, TRIAL, REPORT = "beats.tf", "beats.json", "beats-test.npz", "beats-report"
TRIAL_SECONDS = 60


def save(annotation: Annotation, facts: dict[str, Any], answered: Sequence[Answered], to: Path) -> None:
    """Write `beats.tf`, `beats.json`, `beats-test.npz` and `beats-report/` into the folder `to`; the facts come last."""
    draft = to / ".training-beats"
    shutil.rmtree(draft, ignore_errors=True)
    (draft / REPORT).mkdir(parents=True)
    draw(answered, draft / REPORT)
    text, numbers = report(facts, answered)
    (draft / REPORT / "report.md").write_text(text)
    (draft / REPORT / "metrics.json").write_text(json.dumps(numbers, indent=2) + "\n")
    tf.saved_model.save(annotation, str(draft / NETWORK), signatures={"annotate": annotation.annotate})
    np.savez_compressed(draft / TRIAL, allow_pickle=False, **_trial(answered))
    (draft / FACTS).write_text(json.dumps(facts, indent=2) + "\n")
    for name in (REPORT, TRIAL, NETWORK, FACTS):
        _replace(draft / name, to / name)
    shutil.rmtree(draft)


def _replace(draft: Path, place: Path) -> None:
    """Folders cannot be replaced whole: the old one is moved away first."""
    if draft.is_dir() and place.exists():
        os.replace(place, draft.with_name(f"{draft.name}.old"))
    os.replace(draft, place)


def _trial(answered: Sequence[Answered]) -> dict[str, np.ndarray]:
    """A minute of each test recording and its sampling rate, on which the export is verified; float32."""
    trial: dict[str, np.ndarray] = {}
    for one in answered:
        rate, signal = one.recording.sampling_rate_hz, next(iter(one.recording.leads.values()))
        trial[one.recording.name] = np.concatenate([[rate], signal[: int(TRIAL_SECONDS * rate)]]).astype(np.float32)
    return trial
