"""The JSON of a request and of its answer."""

import msgspec
import numpy as np

from server.errors import MalformedRequest, WrongShape
from server.model import Answer

EXPECTED = 'expected JSON like {"features": [f1, …, fn]}'


class Row(msgspec.Struct, forbid_unknown_fields=True):
    """A request for one row."""

    features: list[float]


class Rows(msgspec.Struct, forbid_unknown_fields=True):
    """A request for many rows."""

    features: list[list[float]]


class Prediction(msgspec.Struct):
    """The answer for one row."""

    predicted_class: int
    probability: float


class Predictions(msgspec.Struct):
    """The answer for many rows, in their order."""

    predictions: list[Prediction]


class Health(msgspec.Struct, omit_defaults=True):
    """Whether a request would be answered, and why if not."""

    status: str
    reason: str | None = None


class Failure(msgspec.Struct):
    """The body of every error."""

    error: str


encode = msgspec.json.Encoder().encode
_row = msgspec.json.Decoder(Row)
_rows = msgspec.json.Decoder(Rows)
_syntax = msgspec.json.Decoder(msgspec.Raw)
_object = msgspec.json.Decoder(dict[str, msgspec.Raw])
_named = msgspec.json.Decoder(dict[str, float])


def decode(body: bytes, names: tuple[str, ...]) -> tuple[np.ndarray, bool]:
    """Rows float32 (rows, n) in the order of `names`, and whether the request was for many.

    Raises MalformedRequest if the body is not JSON, WrongShape if it is not rows of n finite numbers.
    """
    try:
        return _array([_row.decode(body).features], len(names)), False
    except msgspec.ValidationError:
        return _decode_other(body, names)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedRequest(f"the body is not JSON, {EXPECTED}") from error


def _decode_other(body: bytes, names: tuple[str, ...]) -> tuple[np.ndarray, bool]:
    try:
        _syntax.decode(body)
        fields = _object.decode(body)
        if set(fields) != {"features"}:
            return _array([_in_order(_named.decode(body), names)], len(names)), False
        if bytes(fields["features"])[1:].lstrip().startswith(b"["):
            return _array(_rows.decode(body).features, len(names)), True
        return _array([_row.decode(body).features], len(names)), False
    except msgspec.ValidationError as error:
        raise WrongShape(f"{EXPECTED} with {len(names)} finite numbers: {_without_keys(error)}") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedRequest(f"the body is not JSON, {EXPECTED}") from error


def _without_keys(error: msgspec.ValidationError) -> str:
    """What msgspec says of types and positions; it never repeats a value, and `[...]` stands for any name."""
    return str(error)[0].lower() + str(error)[1:]


def _in_order(values: dict[str, float], names: tuple[str, ...]) -> list[float]:
    missing = [name for name in names if name not in values]
    if missing:
        raise WrongShape(f"{EXPECTED} or every feature by name: {missing[0]} is missing, {len(missing)} of {len(names)} are")
    if len(values) > len(names):
        raise WrongShape(
            f"expected {len(names)} features by name: {len(values) - len(names)} others are no features of this model"
        )
    return [values[name] for name in names]


def _array(rows: list[list[float]], n: int) -> np.ndarray:
    for number, row in enumerate(rows, start=1):
        if len(row) != n:
            raise WrongShape(f"expected rows of {n} numbers, row {number} has {len(row)}")
    with np.errstate(over="ignore"):
        features = np.array(rows, dtype=np.float32)
    if not np.isfinite(features).all():
        raise WrongShape(f"expected numbers of at most {np.finfo(np.float32).max:.3g} in size, some are larger")
    return features


def answer(predictions: Answer, many: bool) -> bytes:
    """The JSON body for what the model said."""
    rows = [Prediction(*row) for row in zip(predictions.predicted_class.tolist(), predictions.probability.tolist(), strict=True)]
    return encode(Predictions(rows) if many else rows[0])
