"""The JSON of responses: predictions, health, errors."""

from collections.abc import Iterator

import msgspec
import numpy as np

from server.models.classifier import Answer, Classifier
from server.serving.classifier_service import require_finite

RUN_SLICES = 4


class Prediction(msgspec.Struct, gc=False):
    """The answer for one row."""

    predicted_class: int
    probability: float


class Health(msgspec.Struct, omit_defaults=True):
    """Whether a request would be answered, and why if not."""

    status: str
    reason: str | None = None


class Failure(msgspec.Struct):
    """The body of every error."""

    error: str


encode = msgspec.json.Encoder().encode
FAILED = encode(Failure("the server failed to answer, its log says why"))


def pieces(model: Classifier, rows: Iterator[np.ndarray]) -> Iterator[bytes]:
    """The JSON of the predictions, comma-separated, in pieces for time slicing; empty while rows are collected."""
    waiting: list[np.ndarray] = []
    for some in rows:
        waiting.append(some)
        if len(waiting) < RUN_SLICES:
            yield b""
        else:
            yield _piece(model.predict(np.concatenate(waiting)))
            waiting.clear()
    if waiting:
        yield _piece(model.predict(np.concatenate(waiting)))


def _piece(answer: Answer) -> bytes:
    require_finite(answer.probability)
    rows = zip(answer.predicted_class.tolist(), answer.probability.tolist(), strict=True)
    return encode([Prediction(*row) for row in rows])[1:-1]


def predictions(pieces: list[bytes]) -> bytes:
    """The body for many rows, from their pieces in order."""
    return b'{"predictions":[' + b",".join(filter(None, pieces)) + b"]}"
