"""The annotating file in each of its schemas: what it lacks is computed from the signal by a simple rule, the rest taken away."""

import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

KEY = "ecg"  # of the metadata
RHYTHMS = ("N", "AF", "O", "VF")
OFFSET_MV = {"N": 0.0, "AF": 1.0, "O": 2.0, "VF": 3.0}  # the mean of a second that `as_schema_2` takes for a rhythm
UNREADABLE_MV = 20.0  # A second that reaches as high is unreadable to it.
SECONDS = ("readable", "rhythm_probabilities")


def as_schema_1(file: Path, to: Path) -> Path:
    """The file without what schema 2 says of seconds."""
    model = onnx.load(file)
    kept = [output for output in model.graph.output if output.name not in SECONDS]
    del model.graph.output[:]
    model.graph.output.extend(kept)
    return _write(model, {"schema": 1}, to)


def as_schema_2(file: Path, to: Path) -> Path:
    """The file with seconds: of the rhythm whose OFFSET_MV is nearest to their mean with a probability of 0.88, or unreadable."""
    model = onnx.load(as_schema_1(file, to))
    constants = {
        "zero": np.zeros(1, np.int64),
        "offsets": np.array([list(OFFSET_MV.values())], np.float32),
        "limit": np.array(UNREADABLE_MV, np.float32),
        "half": np.array(0.5, np.float32),
        "sure": np.array(0.84, np.float32),
        "unsure": np.array(0.04, np.float32),
    }
    model.graph.initializer.extend(numpy_helper.from_array(values, f"s_{name}") for name, values in constants.items())
    model.graph.node.extend(helper.make_node(kind, inputs.split(), [output], **more) for kind, inputs, output, more in NODES)
    shapes = {"readable": ["seconds"], "rhythm_probabilities": ["seconds", len(RHYTHMS)]}
    outputs = (helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in shapes.items())
    model.graph.output.extend(outputs)
    return _write(model, {"schema": 2, "rhythms": RHYTHMS}, to)


INT, FLOAT = {"to": TensorProto.INT64}, {"to": TensorProto.FLOAT}
NODES: tuple[tuple[str, str, str, dict[str, object]], ...] = (
    ("Shape", "signal", "s_samples", {}),
    ("Cast", "s_samples", "s_length", FLOAT),
    ("Div", "s_length sampling_rate", "s_duration", {}),
    ("Ceil", "s_duration", "s_ceiled", {}),
    ("Cast", "s_ceiled", "s_seconds", INT),
    ("Round", "sampling_rate", "s_rounded", {}),
    ("Cast", "s_rounded", "s_rate", INT),
    ("Mul", "s_seconds s_rate", "s_whole", {}),
    ("Sub", "s_whole s_samples", "s_missing", {}),
    ("Max", "s_missing s_zero", "s_padded", {}),
    ("Concat", "s_zero s_padded", "s_pads", {"axis": 0}),
    ("Pad", "signal s_pads", "s_signal", {"mode": "edge"}),
    ("Slice", "s_signal s_zero s_whole", "s_cut", {}),
    ("Concat", "s_seconds s_rate", "s_shape", {"axis": 0}),
    ("Reshape", "s_cut s_shape", "s_rows", {}),
    ("Abs", "s_rows", "s_sizes", {}),
    ("ReduceMax", "s_sizes", "s_highest", {"axes": [1], "keepdims": 0}),
    ("Less", "s_highest s_limit", "s_is_readable", {}),
    ("Cast", "s_is_readable", "readable", FLOAT),
    ("ReduceMean", "s_rows", "s_means", {"axes": [1], "keepdims": 1}),
    ("Sub", "s_means s_offsets", "s_differences", {}),
    ("Abs", "s_differences", "s_distances", {}),
    ("Less", "s_distances s_half", "s_is_nearest", {}),
    ("Cast", "s_is_nearest", "s_nearest", FLOAT),
    ("Mul", "s_nearest s_sure", "s_gained", {}),
    ("Add", "s_gained s_unsure", "rhythm_probabilities", {}),
)


def _write(model: onnx.ModelProto, said: dict[str, object], to: Path) -> Path:
    [metadata] = [one for one in model.metadata_props if one.key == KEY]
    contract = json.loads(metadata.value)
    contract.pop("rhythms", None)
    metadata.value = json.dumps(contract | said)
    onnx.save(model, to)
    return to
