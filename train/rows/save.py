"""What training leaves behind, put into place file by file once all of it is written."""

import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any

import keras
import numpy as np

from train.rows.data.records import Records
from train.rows.evaluate import Evaluation
from train.rows.model_card import report
from train.rows.plots import draw

EXAMPLE_DIGITS = 4


def save(
    network: keras.Model,
    facts: dict[str, Any],
    evaluation: Evaluation,
    history: dict[str, list[float]],
    records: Records,
    to: Path,
) -> None:
    """Write `ecg.keras`, `ecg.json`, `test.npz`, `example.json` and `report/` into the folder `to`.

    `ecg.json` comes last and holds the digest of `ecg.keras`, so a training that was cut off is noticed by the export.
    """
    draft = to / ".training"
    shutil.rmtree(draft, ignore_errors=True)
    (draft / "report").mkdir(parents=True)
    draw(evaluation, history, records.signal, facts["seed"], draft / "report")
    (draft / "report" / "report.md").write_text(report(facts, evaluation.text))
    (draft / "report" / "metrics.json").write_text(json.dumps(facts["metrics"], indent=2) + "\n")
    network.save(draft / "ecg.keras")
    np.savez_compressed(draft / "test.npz", features=evaluation.features, labels=evaluation.labels)
    (draft / "example.json").write_text(_example(evaluation))
    digest = hashlib.sha256((draft / "ecg.keras").read_bytes()).hexdigest()
    (draft / "ecg.json").write_text(json.dumps({**facts, "keras_sha256": digest}, indent=2) + "\n")
    _replace(draft, to)


def _replace(draft: Path, to: Path) -> None:
    (to / "report").mkdir(exist_ok=True)
    files = [path.relative_to(draft) for path in draft.rglob("*") if path.is_file()]
    for name in sorted(files, key=lambda name: name == Path("ecg.json")):
        os.replace(draft / name, to / name)
    shutil.rmtree(draft)


def _example(evaluation: Evaluation) -> str:
    """A request for one row of the test part, to send with curl."""
    return json.dumps({"features": [round(float(value), EXAMPLE_DIGITS) for value in evaluation.features[0]]}) + "\n"
