"""The annotating network: from what training left behind to a verified ONNX file."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import tensorflow as tf
import tf2onnx

from export.rows import IR_VERSION, OPSET
from export.source import BadSource
from export.verify import Unverified, check_structure
from server.models.annotator import Annotator, Beats
from server.models.contract import BadArtifact

INPUTS = {"signal": "samples", "sampling_rate": None}
OUTPUTS = ("predicted_class", "probability", "probabilities", "sample")
TOLERANCE = 1e-4  # of a probability: there are sums over minutes of signal before it
RATES_HZ = (50.0, 125.0, 128.0, 257.3, 360.0, 500.0, 1000.0)


@dataclass(frozen=True)
class RecordingSource:
    """One finished training.

    network  what annotates, as a TensorFlow function
    facts    what `beats.json` says
    trial    recordings to compare on: sampling rate in Hz and signal in mV, float32 (samples,)
    """

    network: Any
    facts: dict[str, Any]
    trial: list[tuple[float, np.ndarray]]

    @classmethod
    def read(cls, folder: Path) -> "RecordingSource":
        """Raises BadSource if a file is missing or damaged."""
        again = f"run python -m train --task annotation --out {folder}"
        try:
            facts = json.loads((folder / "beats.json").read_text())
            with np.load(folder / "beats-test.npz") as file:
                trial = [(float(file[name][0]), file[name][1:]) for name in file.files]
            return cls(tf.saved_model.load(str(folder / "beats.tf")), facts, trial)
        except FileNotFoundError as error:
            raise BadSource(f"there is no {error.filename}: {again}") from error
        except (OSError, ValueError, KeyError) as error:
            raise BadSource(f"{folder} cannot be read ({error}): {again} again") from error


def convert(network: Any) -> onnx.ModelProto:
    """Inputs `signal` (samples,) and `sampling_rate` (1,), float32; outputs as the artifact's contract has them."""
    signature = [tf.TensorSpec((None,), tf.float32, name="signal"), tf.TensorSpec((1,), tf.float32, name="sampling_rate")]
    model, _ = tf2onnx.convert.from_function(network.annotate, input_signature=signature, opset=OPSET)
    model.ir_version = IR_VERSION
    used = [opset for opset in model.opset_import if opset.domain == ""]
    del model.opset_import[:]
    model.opset_import.extend(used)
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_param = "samples"
    outputs = sorted(model.graph.output, key=lambda output: OUTPUTS.index(output.name))
    for output in outputs:
        output.type.tensor_type.shape.dim[0].dim_param = "beats"
    del model.graph.value_info[:], model.graph.output[:]
    model.graph.output.extend(outputs)
    model.graph.name = "beats"
    return model


def verify(file: bytes, network: Any, trial: list[tuple[float, np.ndarray]]) -> float:
    """Check the ONNX file against TensorFlow on the trial, on its rates changed, and on signals no heart makes.

    Returns the largest difference of a probability. Raises Unverified.
    """
    check_structure(onnx.load_from_string(file), list(INPUTS))
    try:
        annotator = Annotator(file)
    except BadArtifact as error:
        raise Unverified(f"the server's own loading: {error}") from error
    first = trial[0][1]
    cases = [*trial, *((rate, first) for rate in RATES_HZ), *((360.0, signal) for signal in extreme_signals())]
    return max(_compare(annotator, network, rate, signal) for rate, signal in cases)


def extreme_signals() -> list[np.ndarray]:
    """Nothing, one sample, flat lines, ±1e3 mV, a step of 5 mV and noise, float32 (samples,) each."""
    flat = [np.full(n, value, np.float32) for n, value in ((0, 0), (1, 1), (7, -1), (3600, 0), (3600, 1e3), (3600, -1e-40))]
    noise = np.random.default_rng(0).normal(0, 1, (2, 3600)).astype(np.float32)
    return [
        *flat,
        np.resize(flat[4][:2] * np.array([1, -1], np.float32), 3600),
        np.repeat(np.array([0, 5], np.float32), 1800),
        noise[0],
        1e3 * noise[1],
    ]


def _compare(annotator: Annotator, network: Any, rate: float, signal: np.ndarray) -> float:
    expected = network.annotate(tf.constant(signal), tf.constant([rate], tf.float32))
    found = annotator.annotate(signal, rate)
    what = f"{len(signal)} samples at {rate:g} Hz"
    for name in ("sample", "predicted_class"):
        if not np.array_equal(getattr(found, name), expected[name].numpy()):
            raise Unverified(f"{what}: other beats than in TensorFlow ({name})")
    return _difference(what, found, expected)


def _difference(what: str, found: Beats, expected: dict[str, Any]) -> float:
    pairs = ((getattr(found, name), expected[name].numpy()) for name in ("probability", "probabilities"))
    largest = max(float(np.abs(ours - theirs).max(initial=0)) for ours, theirs in pairs)
    if not largest <= TOLERANCE:
        raise Unverified(f"{what}: a probability differs by {largest:.1e} from TensorFlow, expected {TOLERANCE:.0e} at most")
    return largest
