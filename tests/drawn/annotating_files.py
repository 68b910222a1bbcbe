"""Files that annotate, of either schema, made from the committed one: what a schema adds is drawn into the signal.

In a file of schema 2 made here a second is readable where the signal changes by LEAST_SLOPE to LARGEST_SLOPE mV/s on
average, so not on a flat line, and its rhythm is that whose index is nearest to the second's mean in mV: a recording
lifted by 1 mV is in atrial fibrillation.
"""

import json

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

KEY = "ecg"
OF_SCHEMA_1 = ("predicted_class", "probability", "probabilities", "sample")
OF_SCHEMA_2 = ("rhythm_probabilities", "readable")
RHYTHMS = ("N", "AF", "O", "VF")
LEAST_SLOPE, LARGEST_SLOPE = 0.05, 200.0
READABLE, UNREADABLE = 0.875, 0.125


def of_schema_1(file: bytes) -> bytes:
    """The file with the outputs and the contract of schema 1."""
    model = onnx.load_from_string(file)
    kept = [output for output in model.graph.output if output.name in OF_SCHEMA_1]
    del model.graph.output[:]
    model.graph.output.extend(kept)
    contract = _contract(model)
    contract.pop("rhythms", None)
    return _with_contract(model, contract | {"schema": 1})


def of_schema_2(file: bytes) -> bytes:
    """A file of schema 2 from one of schema 1, which may still work out, as no output, what it would say of seconds itself."""
    model = onnx.load_from_string(file)
    graph = model.graph
    for node in graph.node:
        for names in (node.input, node.output):
            names[:] = [f"{name}_before" if name in OF_SCHEMA_1 + OF_SCHEMA_2 else name for name in names]
    graph.initializer.extend(_constants())
    graph.node.extend([helper.make_node(kind, inputs, [output], **more) for kind, inputs, output, more in _nodes()])
    graph.output.extend(
        [
            helper.make_tensor_value_info("rhythm_probabilities", TensorProto.FLOAT, ["seconds", len(RHYTHMS)]),
            helper.make_tensor_value_info("readable", TensorProto.FLOAT, ["seconds"]),
        ]
    )
    return _with_contract(model, _contract(model) | {"schema": 2, "rhythms": list(RHYTHMS)})


def _contract(model: onnx.ModelProto) -> dict:
    [text] = [entry.value for entry in model.metadata_props if entry.key == KEY]
    return json.loads(text)


def _with_contract(model: onnx.ModelProto, contract: dict) -> bytes:
    helper.set_model_props(model, {KEY: json.dumps(contract)})
    onnx.checker.check_model(model)
    return model.SerializeToString()


def _constants() -> list[TensorProto]:
    values = {
        "drawn_none": np.int64(0),
        "drawn_one": np.int64(1),
        "drawn_start": np.int64([0]),
        "drawn_second": np.int64([1]),
        "drawn_but_last": np.int64([-1]),
        "drawn_column": np.int64([1]),
        "drawn_least": np.float32(LEAST_SLOPE),
        "drawn_largest": np.float32(LARGEST_SLOPE),
        "drawn_readable": np.float32(READABLE),
        "drawn_unreadable": np.float32(UNREADABLE),
        "drawn_levels": np.arange(len(RHYTHMS), dtype=np.float32),
        "drawn_sharpness": np.float32(-8),
        "drawn_vf": np.int64(RHYTHMS.index("VF")),
    }
    return [numpy_helper.from_array(np.asarray(value), name) for name, value in values.items()]


def _nodes() -> list[tuple[str, list[str], str, dict]]:
    """Operator, inputs, output and attributes of each node."""
    sums = {"axis": 0, "reduction": "add"}
    return [
        ("Shape", ["signal"], "d_shape", {}),
        ("Squeeze", ["d_shape"], "d_samples", {}),
        ("Cast", ["d_shape"], "d_shape_float", {"to": TensorProto.FLOAT}),
        ("Div", ["d_shape_float", "sampling_rate"], "d_duration", {}),
        ("Ceil", ["d_duration"], "d_whole", {}),
        ("Cast", ["d_whole"], "d_seconds", {"to": TensorProto.INT64}),
        ("Sub", ["d_seconds", "drawn_one"], "d_last", {}),
        # The second of each sample.
        ("Range", ["drawn_none", "d_samples", "drawn_one"], "d_index", {}),
        ("Cast", ["d_index"], "d_index_float", {"to": TensorProto.FLOAT}),
        ("Div", ["d_index_float", "sampling_rate"], "d_time", {}),
        ("Floor", ["d_time"], "d_floor", {}),
        ("Cast", ["d_floor"], "d_floor_int", {"to": TensorProto.INT64}),
        ("Min", ["d_floor_int", "d_last"], "d_second", {}),
        # By how much each differs from the one before, and the mean of that and of the signal in each second.
        ("Slice", ["signal", "drawn_start", "drawn_second"], "d_first", {}),
        ("Slice", ["signal", "drawn_start", "drawn_but_last"], "d_others", {}),
        ("Concat", ["d_first", "d_others"], "d_before", {"axis": 0}),
        ("Sub", ["signal", "d_before"], "d_difference", {}),
        ("Abs", ["d_difference"], "d_step", {}),
        ("ConstantOfShape", ["d_seconds"], "d_zeros", {}),
        ("ConstantOfShape", ["d_shape"], "d_ones", {"value": numpy_helper.from_array(np.ones(1, np.float32))}),
        ("ScatterElements", ["d_zeros", "d_second", "d_ones"], "d_count", sums),
        ("ScatterElements", ["d_zeros", "d_second", "d_step"], "d_steps", sums),
        ("ScatterElements", ["d_zeros", "d_second", "signal"], "d_levels", sums),
        ("Div", ["d_steps", "d_count"], "d_mean_step", {}),
        ("Mul", ["d_mean_step", "sampling_rate"], "d_slope", {}),
        ("Div", ["d_levels", "d_count"], "d_level", {}),
        # Readable or not; the rhythm.
        ("Greater", ["d_slope", "drawn_least"], "d_moves", {}),
        ("Less", ["d_slope", "drawn_largest"], "d_is_slow", {}),
        ("And", ["d_moves", "d_is_slow"], "d_is_readable", {}),
        ("Where", ["d_is_readable", "drawn_readable", "drawn_unreadable"], "readable", {}),
        ("Unsqueeze", ["d_level", "drawn_column"], "d_level_column", {}),
        ("Sub", ["d_level_column", "drawn_levels"], "d_distance", {}),
        ("Mul", ["d_distance", "d_distance"], "d_square", {}),
        ("Mul", ["d_square", "drawn_sharpness"], "d_logits", {}),
        ("Softmax", ["d_logits"], "rhythm_probabilities", {"axis": -1}),
        # Beats, but where it is unreadable or in ventricular fibrillation.
        ("ArgMax", ["rhythm_probabilities"], "d_rhythm", {"axis": 1, "keepdims": 0}),
        ("Equal", ["d_rhythm", "drawn_vf"], "d_is_vf", {}),
        ("Not", ["d_is_vf"], "d_is_no_vf", {}),
        ("And", ["d_is_readable", "d_is_no_vf"], "d_has_beats", {}),
        ("Gather", ["d_second", "sample_before"], "d_beat_second", {}),
        ("Gather", ["d_has_beats", "d_beat_second"], "d_kept", {}),
        *(("Compress", [f"{name}_before", "d_kept"], name, {"axis": 0}) for name in OF_SCHEMA_1),
    ]
