"""What training leaves behind, put into place once all of it is written."""

import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from train.recordings.ec57_scoring.confusion import PredictedBeats
from train.recordings.evaluate import all_metrics, results
from train.recordings.model_card import report
from train.recordings.onnx_graph.annotation import AnnotationGraph
from train.recordings.plots import draw

NETWORK, FACTS, TRIAL, REPORT = "beats.tf", "beats.json", "beats-test.npz", "beats-report"
TRIAL_SECONDS, TRIAL_RECORDINGS = 60, 48


def save(graph: AnnotationGraph, facts: dict[str, Any], predictions: Sequence[PredictedBeats], to: Path) -> None:
    """Write `beats.tf`, `beats.json`, `beats-test.npz` and `beats-report/` into the folder `to`; the facts come last."""
    draft = to / ".training-beats"
    shutil.rmtree(draft, ignore_errors=True)
    (draft / REPORT).mkdir(parents=True)
    draw(predictions, draft / REPORT)
    found = results(predictions)
    (draft / REPORT / "report.md").write_text(report(facts, found))
    (draft / REPORT / "metrics.json").write_text(json.dumps(all_metrics(found), indent=2) + "\n")
    tf.saved_model.save(graph, str(draft / NETWORK), signatures={"annotate": graph.annotate})
    np.savez_compressed(draft / TRIAL, allow_pickle=False, **_verification(predictions))
    (draft / FACTS).write_text(json.dumps(facts, indent=2) + "\n")
    for name in (REPORT, TRIAL, NETWORK, FACTS):
        _replace(draft / name, to / name)
    shutil.rmtree(draft)


def _replace(draft: Path, path: Path) -> None:
    """Folders cannot be replaced whole: the old one is moved away first."""
    if draft.is_dir() and path.exists():
        os.replace(path, draft.with_name(f"{draft.name}.old"))
    os.replace(draft, path)


def _verification(predictions: Sequence[PredictedBeats]) -> dict[str, np.ndarray]:
    """A minute of each of some test recordings and its sampling rate, on which the export is verified; float32."""
    recordings = list({(one.recording.origin, one.recording.name): one.recording for one in predictions}.values())
    some = recordings[:: -(-len(recordings) // TRIAL_RECORDINGS)]
    signals = [(one, next(iter(one.leads.values()))[: int(TRIAL_SECONDS * one.sampling_rate_hz)]) for one in some]
    return {one.name: np.concatenate([[one.sampling_rate_hz], signal]).astype(np.float32) for one, signal in signals}
