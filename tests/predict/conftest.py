"""Rows of the artifact's features, and what the server's own model says of them."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pytest

from predict.__main__ import main
from server.models.classifier import Classifier

ROWS = 3000


class Done(NamedTuple):
    """What a command did."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def predict_inside(monkeypatch, capsys) -> Callable[..., Done]:
    """Run `python -m predict` in the process of the tests, which takes a tenth of the time."""

    def run(*arguments: object) -> Done:
        monkeypatch.setattr(sys, "argv", ["predict", *map(str, arguments)])
        try:
            status = main()
        except SystemExit as stopped:  # argparse
            status = int(stopped.code or 0)
        return Done(status, *capsys.readouterr())

    return run


@pytest.fixture(scope="session")
def model(artifact: Path) -> Classifier:
    """The model that answers."""
    return Classifier.load(artifact)


@pytest.fixture(scope="session")
def features(model: Classifier) -> np.ndarray:
    """Rows like no beat, float32 (ROWS, n): what is said of them is compared, not judged."""
    return np.random.default_rng(0).normal(size=(ROWS, len(model.contract.features))).astype(np.float32)


@pytest.fixture(scope="session")
def rows(model: Classifier, features: np.ndarray) -> pa.Table:
    """The same as a table, between a key of text and one of numbers."""
    named = dict(zip(model.contract.features, features.T, strict=True))
    return pa.table({"patient": [f"p{number % 7}, left" for number in range(ROWS)], **named, "beat": np.arange(ROWS)})
