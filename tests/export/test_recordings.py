"""The export of a training on recordings, of either schema: which outputs there are, and what is compared."""

import json

import numpy as np
import pytest

tf = pytest.importorskip("tensorflow", reason="the packages of export are not installed here")
onnx = pytest.importorskip("onnx", reason="the packages of export are not installed here")

from export.metadata import schema_of, write_metadata  # noqa: E402 - after what may be missing
from export.recordings import convert, extreme_signals, verify  # noqa: E402
from export.rows import BadSource  # noqa: E402
from export.verify import Unverified  # noqa: E402
from server.models.annotator import Annotator  # noqa: E402

SIGNAL = np.sin(np.arange(4000, dtype=np.float32) / 30)


class Network(tf.Module):
    """A network of a line or two: whatever is above 0.99 mV is a beat, and a second is as readable as the signal is high."""

    def __init__(self, schema: int, more: int = 0) -> None:
        super().__init__()
        self.schema, self.more = schema, more

    @tf.function(
        input_signature=[
            tf.TensorSpec((None,), tf.float32, name="signal"),
            tf.TensorSpec((1,), tf.float32, name="sampling_rate"),
        ]
    )
    def annotate(self, signal, sampling_rate):
        """As a training leaves it behind; `more` seconds than there are."""
        sample = tf.cast(tf.where(signal > 0.99)[:, 0], tf.int32)
        probabilities = tf.nn.softmax(tf.gather(signal, sample)[:, None] * tf.constant([[1.0, 2.0]]))
        beats = {
            "sample": sample,
            "predicted_class": tf.argmax(probabilities, axis=1, output_type=tf.int32),
            "probability": tf.reduce_max(probabilities, axis=1),
            "probabilities": probabilities,
        }
        seconds = tf.cast(tf.math.ceil(tf.cast(tf.size(signal), tf.float32) / sampling_rate[0]), tf.int32) + self.more
        readable = tf.nn.sigmoid(tf.zeros([seconds]) + tf.reduce_max(tf.concat([signal, [0.0]], 0)))
        rhythms = tf.nn.softmax(readable[:, None] * tf.constant([[1.0, 2.0, 3.0, 4.0]]))
        return beats if self.schema == 1 else {**beats, "readable": readable, "rhythm_probabilities": rhythms}


@pytest.fixture(scope="module")
def facts(beats_of_schema):
    """What a training of a schema says of itself."""

    def of(schema: int) -> dict:
        [text] = [entry.value for entry in onnx.load(beats_of_schema[schema]).metadata_props]
        facts = json.loads(text) | {"classes": ["N", "V"]}
        return {name: value for name, value in facts.items() if name != "version" and (schema == 2 or name != "schema")}

    return of


def exported(network: Network, facts: dict) -> onnx.ModelProto:
    """What is verified."""
    model = convert(network, schema_of(facts))
    write_metadata(model, facts)
    return model


@pytest.mark.parametrize("schema", [1, 2])
def test_the_file_has_the_outputs_of_its_schema(facts, schema) -> None:
    """In their order, with their dimensions and a contract of the schema; the same as in TensorFlow."""
    network = Network(schema)

    model = exported(network, facts(schema))
    difference = verify(model.SerializeToString(), network, [(250.0, SIGNAL)])

    dimensions = {value.name: value.type.tensor_type.shape.dim[0].dim_param for value in model.graph.output}
    beats = dict.fromkeys(["predicted_class", "probability", "probabilities", "sample"], "beats")
    seconds = {"rhythm_probabilities": "seconds", "readable": "seconds"} if schema == 2 else {}
    assert list(dimensions.items()) == list((beats | seconds).items())
    assert Annotator(model.SerializeToString()).contract.schema == schema
    assert model.producer_version == str(schema)
    assert difference < 1e-5


@pytest.mark.parametrize(("trained", "said"), [(1, 2), (2, 1)])
def test_a_training_with_other_outputs_than_it_says_is_not_converted(facts, trained, said) -> None:
    """With a sentence that names those of the schema."""
    with pytest.raises(BadSource, match=f"of schema {said} the outputs predicted_class"):
        convert(Network(trained), schema_of(facts(said)))


def test_other_seconds_than_the_recording_has_are_not_exported(facts) -> None:
    """One row too many is found, if not by loading then by the comparison."""
    network = Network(2, more=1)
    file = exported(network, facts(2)).SerializeToString()

    with pytest.raises(Unverified, match=r"rows of|shape \(3,\)"):
        verify(file, network, [(250.0, SIGNAL)])


@pytest.mark.parametrize("name", ["readable", "rhythm_probabilities"])
def test_other_numbers_of_a_second_are_not_exported(facts, name) -> None:
    """A file that says 1.001 times as much of a second as TensorFlow does is refused, and the output is named."""
    network = Network(2)
    model = exported(network, facts(2))
    for node in model.graph.node:
        node.output[:] = ["before" if output == name else output for output in node.output]
        node.input[:] = ["before" if used == name else used for used in node.input]
    model.graph.initializer.append(onnx.numpy_helper.from_array(np.float32(1.001), "more"))
    model.graph.node.append(onnx.helper.make_node("Mul", ["before", "more"], [name]))

    with pytest.raises(Unverified, match=f"{name} differs by"):
        verify(model.SerializeToString(), network, [(250.0, SIGNAL)])


def test_extreme_signals_go_from_none_to_ten_seconds() -> None:
    """No sample, less than a second at 360 Hz, and whole ones."""
    lengths = {len(signal) for signal in extreme_signals()}

    assert {0, 1, 7, 359, 3600} <= lengths
