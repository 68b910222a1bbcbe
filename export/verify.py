"""Checks that an ONNX file is valid and answers as Keras does; the one that fails is named, and nothing is exported."""

from typing import TYPE_CHECKING

import numpy as np
import onnx

from server.models.classifier import Classifier
from server.models.contract import BadArtifact

if TYPE_CHECKING:
    import keras

TOLERANCE = 1e-5
ROUNDING = 2 * np.finfo(np.float32).eps  # of a logit: the processor decides in which order products are added up
LARGEST = 1000.0


class Unverified(Exception):
    """A check failed; the message names it."""


def verify(file: bytes, network: "keras.Model", rows: np.ndarray) -> float:
    """Check the ONNX file in `file` against `network` on `rows`, float32 (rows, n), and on extreme ones.

    Returns the largest difference of a probability. Raises Unverified.
    """
    check_structure(onnx.load_from_string(file), ["features"])
    try:
        model = Classifier(file)
    except BadArtifact as error:
        raise Unverified(f"the server's own loading: {error}") from error
    n = rows.shape[1]
    return max(_compare("test rows", model, network, rows), _compare("extreme rows", model, network, extreme_rows(n)))


def extreme_rows(n: int) -> np.ndarray:
    """Extreme rows: zeros, ±1e3 in all and in single columns, denormals; float32 (rows, n)."""
    alternating = np.resize([LARGEST, -LARGEST], n)
    single = np.zeros((2 * min(n, 32), n))
    columns = np.linspace(0, n - 1, len(single) // 2).astype(int)
    single[np.arange(len(single)), np.repeat(columns, 2)] = np.resize([LARGEST, -LARGEST], len(single))
    flat = [np.full(n, value) for value in (0.0, LARGEST, -LARGEST, 1e-40, -1e-40, 1e-45)]
    return np.vstack([*flat, alternating, -alternating, single]).astype(np.float32)


def check_structure(model: onnx.ModelProto, inputs: list[str]) -> None:
    """Raises Unverified if it is no valid graph with these inputs and all weights inside."""
    try:
        onnx.checker.check_model(model, full_check=True)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as error:
        raise Unverified(f"ONNX checker: {error}") from error
    names = [value.name for value in model.graph.input]
    if names != inputs:
        raise Unverified(f"inputs: expected {', '.join(inputs)} and no other, found {', '.join(names)}")
    if any(tensor.external_data for tensor in model.graph.initializer):
        raise Unverified("self-contained: expected every weight inside the file")


def _compare(what: str, model: Classifier, network: "keras.Model", rows: np.ndarray) -> float:
    expected = network.predict(rows, batch_size=4096, verbose=0)
    expected = np.hstack([1 - expected, expected]) if expected.shape[1] == 1 else expected
    many = model.predict(rows)
    single = [model.predict(row[None]) for row in rows[:64]]
    classes, probability = expected.argmax(axis=1), expected.max(axis=1)
    alone = np.concatenate([one.probability for one in single])
    difference = np.abs(many.probability - probability)
    difference[: len(alone)] = np.maximum(difference[: len(alone)], np.abs(alone - probability[: len(alone)]))
    if not (many.predicted_class == classes).all():
        raise Unverified(
            f"{what}: {int((many.predicted_class != classes).sum())} of {len(rows)} have another class than in Keras"
        )
    if [int(one.predicted_class[0]) for one in single] != classes[: len(single)].tolist():
        raise Unverified(f"{what}, one at a time: another class than in Keras")
    allowed = tolerances(network, rows)
    if not (difference <= allowed).all():
        worst = (difference / allowed).argmax()
        raise Unverified(
            f"{what}: a probability differs by {difference[worst]:.1e} from Keras, expected {allowed[worst]:.0e} at most"
        )
    return float(difference.max())


def tolerances(network: "keras.Model", rows: np.ndarray) -> np.ndarray:
    """By how much the probability of each row may differ, float32 (rows,): TOLERANCE, or what float32 rounds its logits by."""
    import keras

    last = network.layers[-1]
    kernel, bias = last.get_weights()
    logits = keras.Model(network.inputs, last.input).predict(rows, batch_size=4096, verbose=0) @ kernel + bias
    return np.maximum(TOLERANCE, ROUNDING * np.abs(logits).max(axis=1))
