"""Whether the ONNX file says what the Keras network says: every check has a name, and one that fails stops the export."""

import keras
import numpy as np
import onnx

from server.contract import BadArtifact
from server.model import Model

TOLERANCE = 1e-5
LARGEST = 1000.0


class Unverified(Exception):
    """A check failed; the message names it."""


def verify(file: bytes, network: keras.Model, rows: np.ndarray) -> float:
    """Check the ONNX file in `file` against `network` on `rows`, float32 (rows, n), and on extreme ones.

    Returns the largest difference of a probability. Raises Unverified.
    """
    _check_structure(onnx.load_from_string(file))
    try:
        model = Model(file)
    except BadArtifact as error:
        raise Unverified(f"the server's own loading: {error}") from error
    n = rows.shape[1]
    return max(_compare("test rows", model, network, rows), _compare("extreme rows", model, network, extreme_rows(n)))


def extreme_rows(n: int) -> np.ndarray:
    """Rows no heart makes: zeros, ±1e3 in all and in single columns, denormals; float32 (rows, n)."""
    alternating = np.resize([LARGEST, -LARGEST], n)
    single = np.zeros((2 * min(n, 32), n))
    columns = np.linspace(0, n - 1, len(single) // 2).astype(int)
    single[np.arange(len(single)), np.repeat(columns, 2)] = np.resize([LARGEST, -LARGEST], len(single))
    flat = [np.full(n, value) for value in (0.0, LARGEST, -LARGEST, 1e-40, -1e-40, 1e-45)]
    return np.vstack([*flat, alternating, -alternating, single]).astype(np.float32)


def _check_structure(model: onnx.ModelProto) -> None:
    try:
        onnx.checker.check_model(model, full_check=True)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as error:
        raise Unverified(f"ONNX checker: {error}") from error
    names = [value.name for value in model.graph.input]
    if names != ["features"]:
        raise Unverified(f"one input: expected features alone, found {', '.join(names)}")
    if any(tensor.external_data for tensor in model.graph.initializer):
        raise Unverified("self-contained: expected every weight inside the file")


def _compare(what: str, model: Model, network: keras.Model, rows: np.ndarray) -> float:
    expected = network.predict(rows, batch_size=4096, verbose=0)
    expected = np.hstack([1 - expected, expected]) if expected.shape[1] == 1 else expected
    many = model.predict(rows)
    single = [model.predict(row[None]) for row in rows[:64]]
    classes, sure = expected.argmax(axis=1), expected.max(axis=1)
    largest = float(np.abs(many.probability - sure).max())
    alone = float(np.abs(np.concatenate([one.probability for one in single]) - sure[: len(single)]).max())
    if not (many.predicted_class == classes).all():
        raise Unverified(
            f"{what}: {int((many.predicted_class != classes).sum())} of {len(rows)} have another class than in Keras"
        )
    if [int(one.predicted_class[0]) for one in single] != classes[: len(single)].tolist():
        raise Unverified(f"{what}, one at a time: another class than in Keras")
    if not max(largest, alone) <= TOLERANCE:
        raise Unverified(
            f"{what}: a probability differs by {max(largest, alone):.1e} from Keras, expected {TOLERANCE:.0e} at most"
        )
    return max(largest, alone)
