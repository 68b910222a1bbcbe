"""Classify the rows of a CSV with OpenVINO: python classify.py rows.csv ecg.onnx."""

import json
import sys

import numpy as np

sys.modules["openvino_telemetry"] = None  # Else OpenVINO looks up its makers' host, to tell them of its use.
import openvino  # noqa: E402


def load(file):
    """The names of the classes, and what answers rows, float32 (rows, n): class and probability of each."""
    model = openvino.Core().read_model(file)
    names = json.loads(model.get_rt_info(["framework", "ecg"]).astype(str))["classes"]
    # Where the processor has bfloat16, OpenVINO would calculate with 8 bits of precision.
    run = openvino.compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})

    def answer(rows):
        outputs = run(rows)
        return outputs["predicted_class"], outputs["probability"]

    return names, answer


if __name__ == "__main__":
    names, answer = load(*sys.argv[2:])
    rows = np.loadtxt(sys.argv[1], np.float32, delimiter=",", ndmin=2)
    for number, probability in zip(*answer(rows), strict=True):
        print(number, names[number], f"{probability:.9g}", sep=",")
