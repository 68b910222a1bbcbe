"""What training left behind, read and checked before anything heavy is imported."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np


class BadSource(Exception):
    """There is nothing whole to export; the message says what was expected."""


@dataclass(frozen=True)
class Source:
    """One finished training.

    network  the path of `ecg.keras`
    facts    what `ecg.json` says
    rows     features of the test part, float32 (rows, n)
    """

    network: Path
    facts: dict[str, Any]
    rows: np.ndarray

    @classmethod
    def read(cls, folder: Path) -> "Source":
        """Raises BadSource if a file is missing, damaged, or of another training than the rest."""
        network = folder / "ecg.keras"
        try:
            facts = json.loads((folder / "ecg.json").read_text())
            digest = hashlib.sha256(network.read_bytes()).hexdigest()
            with np.load(folder / "test.npz") as test:
                rows = test["features"]
        except FileNotFoundError as error:
            raise BadSource(f"there is no {error.filename}: run python -m train --out {folder}") from error
        except (OSError, ValueError, KeyError) as error:
            raise BadSource(f"{folder} cannot be read ({error}): run python -m train --out {folder} again") from error
        if facts.get("keras_sha256") != digest:
            raise BadSource(f"ecg.json and ecg.keras in {folder} are of two trainings: run python -m train --out {folder} again")
        if rows.ndim != 2 or rows.shape[1] != len(facts["features"]):
            raise BadSource(f"ecg.json and test.npz in {folder} are of two trainings: run python -m train --out {folder} again")
        return cls(network, facts, rows)
