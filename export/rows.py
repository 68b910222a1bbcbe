"""From a Keras network to a bare ONNX graph that answers alone."""

import keras
import numpy as np
import onnx
import tensorflow as tf
import tf2onnx

OPSET = 17
IR_VERSION = 8
ROWS = "rows"
OUTPUTS = ["predicted_class", "probability", "probabilities"]


def convert(network: keras.Model) -> onnx.ModelProto:
    """One input `features`, float32 (rows, n); outputs `predicted_class`, `probability` and `probabilities`."""
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
    return _tidied(model)


def _probabilities(network: keras.Model, features: tf.Tensor) -> tf.Tensor:
    """One column a class, float32 (rows, classes), for two classes too.

    The scaling is spelled out with NumPy constants: converted as a layer, it would turn into further inputs of the graph.
    """
    x = features
    for layer in network.layers[1:]:
        if isinstance(layer, keras.layers.Normalization):
            spread = np.maximum(np.sqrt(np.asarray(layer.variance, np.float32)), np.float32(keras.backend.epsilon()))
            x = (x - np.asarray(layer.mean, np.float32)) / spread
        else:
            x = layer(x, training=False) if isinstance(layer, keras.layers.Dropout) else layer(x)
    return tf.concat([1 - x, x], axis=1) if network.output_shape[1] == 1 else x


def _tidied(model: onnx.ModelProto) -> onnx.ModelProto:
    """The oldest IR that holds the opset, the one operator set in use, a name for the dynamic dimension, outputs in order."""
    model.ir_version = IR_VERSION
    used = [opset for opset in model.opset_import if opset.domain == ""]
    del model.opset_import[:]
    model.opset_import.extend(used)
    for value in [*model.graph.input, *model.graph.output]:
        value.type.tensor_type.shape.dim[0].dim_param = ROWS
    outputs = sorted(model.graph.output, key=lambda output: OUTPUTS.index(output.name))
    del model.graph.value_info[:], model.graph.output[:]
    model.graph.output.extend(outputs)
    model.graph.name = "ecg"
    return model
