"""Rows of the artifact's features, and what the server's own model says of them."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from server.models.classifier import Model

ROWS = 3000


@pytest.fixture(scope="session")
def model(artifact: Path) -> Model:
    """The model that answers."""
    return Model.load(artifact)


@pytest.fixture(scope="session")
def features(model: Model) -> np.ndarray:
    """Rows like no beat, float32 (ROWS, n): what is said of them is compared, not judged."""
    return np.random.default_rng(0).normal(size=(ROWS, len(model.contract.features))).astype(np.float32)


@pytest.fixture(scope="session")
def rows(model: Model, features: np.ndarray) -> pa.Table:
    """The same as a table, between a key of text and one of numbers."""
    named = dict(zip(model.contract.features, features.T, strict=True))
    return pa.table({"patient": [f"p{number % 7}, left" for number in range(ROWS)], **named, "beat": np.arange(ROWS)})
