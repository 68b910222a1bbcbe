"""A model of rows: read what training left behind, and convert the Keras network to an ONNX graph.

TensorFlow is imported by what needs it, so that a missing file is refused at once.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import keras
    import onnx
    import tensorflow as tf

OPSET = 17
IR_VERSION = 8
OUTPUTS = dict.fromkeys(("predicted_class", "probability", "probabilities"), "rows")


class BadSource(Exception):
    """Nothing can be exported: a file is missing, damaged, or of another training; the message says what to do."""


@dataclass(frozen=True)
class TrainedRows:
    """What a training on rows left behind.

    network  the path of `ecg.keras`
    facts    what `ecg.json` says
    rows     features of the test part, float32 (rows, n)
    """

    network: Path
    facts: dict[str, Any]
    rows: np.ndarray

    @classmethod
    def read(cls, folder: Path) -> "TrainedRows":
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


def convert(network: "keras.Model") -> "onnx.ModelProto":
    """One input `features`, float32 (rows, n); outputs `predicted_class`, `probability` and `probabilities`."""
    import tensorflow as tf
    import tf2onnx

    n = network.input_shape[1]

    @tf.function(input_signature=[tf.TensorSpec((None, n), tf.float32, name="features")])
    def answer(features: tf.Tensor) -> dict[str, tf.Tensor]:
        probabilities = _probabilities(network, features)
        return {
            "predicted_class": tf.argmax(probabilities, axis=1, output_type=tf.int32),
            "probability": tf.reduce_max(probabilities, axis=1),
            "probabilities": probabilities,
        }

    model, _ = tf2onnx.convert.from_function(answer, input_signature=answer.input_signature, opset=OPSET)
    return with_names(model, "ecg", {"features": "rows"}, OUTPUTS)


def _probabilities(network: "keras.Model", features: "tf.Tensor") -> "tf.Tensor":
    """One column a class, float32 (rows, classes), for two classes too.

    The scaling is written with NumPy constants: converted as a Keras layer, it would become further inputs of the graph.
    """
    import keras
    import tensorflow as tf

    x = features
    for layer in network.layers[1:]:
        if isinstance(layer, keras.layers.Normalization):
            mean, deviation = _mean_and_deviation(layer)
            x = (x - mean) / deviation
        else:
            x = layer(x, training=False) if isinstance(layer, keras.layers.Dropout) else layer(x)
    return tf.concat([1 - x, x], axis=1) if network.output_shape[1] == 1 else x


def _mean_and_deviation(layer: "keras.layers.Normalization") -> tuple[np.ndarray, np.ndarray]:
    """Of each feature, as the layer scales by them, float32."""
    import keras

    deviation = np.maximum(np.sqrt(np.asarray(layer.variance, np.float32)), np.float32(keras.backend.epsilon()))
    return np.asarray(layer.mean, np.float32), deviation


def scaling(network: "keras.Model") -> dict[str, Any]:
    """What the contract says of it: mean and deviation of each feature, to six digits; nothing of a network without."""
    import keras

    layers = [layer for layer in network.layers if isinstance(layer, keras.layers.Normalization)]
    numbers = [
        [float(f"{value:.6g}") for value in values.ravel()] for layer in layers[:1] for values in _mean_and_deviation(layer)
    ]
    return {"scaling": dict(zip(("mean", "deviation"), numbers, strict=True))} if numbers else {}


def with_names(model: "onnx.ModelProto", name: str, inputs: dict[str, str], outputs: dict[str, str]) -> "onnx.ModelProto":
    """Set the IR version, keep only the operator set in use, name the graph and its dynamic dimensions, order the outputs.

    inputs   the name of the first dimension of each input that has a dynamic one
    outputs  that of each output, in the order that they shall have
    """
    model.ir_version = IR_VERSION
    used = [opset for opset in model.opset_import if opset.domain == ""]
    del model.opset_import[:]
    model.opset_import.extend(used)
    for value in model.graph.input:
        if value.name in inputs:
            value.type.tensor_type.shape.dim[0].dim_param = inputs[value.name]
    ordered = sorted(model.graph.output, key=lambda output: list(outputs).index(output.name))
    for output in ordered:
        output.type.tensor_type.shape.dim[0].dim_param = outputs[output.name]
    del model.graph.value_info[:], model.graph.output[:]
    model.graph.output.extend(ordered)
    model.graph.name = name
    return model
