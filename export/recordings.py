"""A model of recordings: read what training left behind, convert the TensorFlow function to ONNX, compare the two.

TensorFlow is imported by what needs it, so that a missing file is refused at once.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx

from export.rows import OPSET, BadSource, with_names
from export.verify import Unverified, check_structure
from server.models.annotator import Annotator, seconds_of
from server.models.contract import BadArtifact

INPUTS = ("signal", "sampling_rate")
# The outputs by schema, in their order, and what their rows are.
BEATS = dict.fromkeys(("predicted_class", "probability", "probabilities", "sample"), "beats")
OUTPUTS = {1: BEATS, 2: BEATS | dict.fromkeys(("rhythm_probabilities", "readable"), "seconds")}
EXACT = ("sample", "predicted_class")
TOLERANCE = 1e-4  # of a probability: it depends on sums over minutes of signal
RATES_HZ = (50.0, 125.0, 128.0, 257.3, 360.0, 500.0, 1000.0)


@dataclass(frozen=True)
class TrainedRecordings:
    """What a training on recordings left behind.

    network       the folder of a SavedModel with a function `annotate`
    facts         what `beats.json` says; its `schema`, or 1 if there is none, says which outputs `annotate` has
    test_signals  recordings to compare on: sampling rate in Hz and signal in mV, float32 (samples,)
    """

    network: Path
    facts: dict[str, Any]
    test_signals: list[tuple[float, np.ndarray]]

    @classmethod
    def read(cls, folder: Path) -> "TrainedRecordings":
        """Raises BadSource if a file is missing or damaged."""
        again = f"run python -m train --task annotation --out {folder}"
        try:
            facts = json.loads((folder / "beats.json").read_text())
            with np.load(folder / "beats-test.npz") as file:
                signals = [(float(file[name][0]), file[name][1:]) for name in file.files]
            (folder / "beats.tf" / "saved_model.pb").stat()
            return cls(folder / "beats.tf", facts, signals)
        except FileNotFoundError as error:
            raise BadSource(f"there is no {error.filename}: {again}") from error
        except (OSError, ValueError, KeyError) as error:
            raise BadSource(f"{folder} cannot be read ({error}): {again} again") from error


def load(network: Path) -> Any:
    """The SavedModel; raises BadSource if TensorFlow cannot read it."""
    import tensorflow as tf

    try:
        return tf.saved_model.load(str(network))
    except (OSError, ValueError, tf.errors.OpError) as error:
        raise BadSource(f"{network} cannot be read: run python -m train --task annotation again") from error


def convert(network: Any, schema: int) -> onnx.ModelProto:
    """Inputs `signal` (samples,) and `sampling_rate` (1,), float32; outputs as the schema has them.

    Raises BadSource if the network has others.
    """
    import tensorflow as tf
    import tf2onnx

    signature = [tf.TensorSpec((None,), tf.float32, name="signal"), tf.TensorSpec((1,), tf.float32, name="sampling_rate")]
    model, _ = tf2onnx.convert.from_function(network.annotate, input_signature=signature, opset=OPSET)
    if {output.name for output in model.graph.output} != set(OUTPUTS[schema]):
        raise BadSource(f"expected of a training of schema {schema} the outputs {', '.join(OUTPUTS[schema])}: train again")
    return with_names(model, "beats", {"signal": "samples"}, OUTPUTS[schema])


def verify(file: bytes, network: Any, test_signals: list[tuple[float, np.ndarray]]) -> float:
    """Check the ONNX file against TensorFlow on test signals, at other sampling rates, and on extreme signals.

    Returns the largest difference of a probability. Raises Unverified.
    """
    check_structure(onnx.load_from_string(file), list(INPUTS))
    try:
        annotator = Annotator(file)
    except BadArtifact as error:
        raise Unverified(f"the server's own loading: {error}") from error
    first = test_signals[0][1]
    cases = [*test_signals, *((rate, first) for rate in RATES_HZ), *((360.0, signal) for signal in extreme_signals())]
    return max(_compare(annotator, network, rate, signal) for rate, signal in cases)


def extreme_signals() -> list[np.ndarray]:
    """No sample, less than a second, flat lines, ±1e3 mV, a step of 5 mV and noise, float32 (samples,) each."""
    flat = [np.full(n, value, np.float32) for n, value in ((0, 0), (1, 1), (7, -1), (3600, 0), (3600, 1e3), (3600, -1e-40))]
    noise = np.random.default_rng(0).normal(0, 1, (2, 3600)).astype(np.float32)
    return [
        *flat,
        np.resize(flat[4][:2] * np.array([1, -1], np.float32), 3600),
        np.repeat(np.array([0, 5], np.float32), 1800),
        noise[0],
        noise[0, :359],
        1e3 * noise[1],
    ]


def _compare(annotator: Annotator, network: Any, rate: float, signal: np.ndarray) -> float:
    import tensorflow as tf

    answer = network.annotate(tf.constant(signal), tf.constant([rate], tf.float32))
    expected = {name: values.numpy() for name, values in answer.items()}
    fed = {"signal": signal, "sampling_rate": np.array([rate], np.float32)}
    found = dict(zip(annotator.outputs, annotator.session.run(annotator.outputs, fed), strict=True))
    what = f"{len(signal)} samples at {rate:g} Hz"
    for name in EXACT:
        if not np.array_equal(found[name], expected[name]):
            raise Unverified(f"{what}: other beats than in TensorFlow ({name})")
    seconds = seconds_of(len(signal), rate)
    for name, rows in OUTPUTS[annotator.contract.schema].items():
        if rows == "seconds" and len(found[name]) != seconds:
            raise Unverified(f"{what}: expected {seconds} rows of {name}, found {len(found[name])}")
    return _difference(what, found, expected)


def _difference(what: str, found: dict[str, np.ndarray], expected: dict[str, np.ndarray]) -> float:
    largest = 0.0
    for name in found.keys() - set(EXACT):
        if found[name].shape != expected[name].shape:
            raise Unverified(f"{what}: {name} has another shape than in TensorFlow")
        difference = float(np.abs(found[name] - expected[name]).max(initial=0))
        if not difference <= TOLERANCE:
            raise Unverified(f"{what}: {name} differs by {difference:.1e} from TensorFlow, expected {TOLERANCE:.0e} at most")
        largest = max(largest, difference)
    return largest
