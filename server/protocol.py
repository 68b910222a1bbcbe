"""The JSON of an answer."""

import msgspec

from server.model import Answer


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


def piece(answer: Answer) -> bytes:
    """The predictions of some rows, in order and separated by commas: for one row, the whole body."""
    rows = zip(answer.predicted_class.tolist(), answer.probability.tolist(), strict=True)
    return encode([Prediction(*row) for row in rows])[1:-1]


def predictions(pieces: list[bytes]) -> bytes:
    """The body for many rows, from their pieces in order."""
    return b'{"predictions":[' + b",".join(pieces) + b"]}"
