"""Classify the rows of a CSV with onnxruntime: python classify.py rows.csv ecg.onnx."""

import json
import os
import sys

import numpy as np

os.environ["ORT_DISABLE_TELEMETRY"] = "1"
import onnxruntime


def load(file):
    """The names of the classes, and what answers rows, float32 (rows, n): class and probability of each."""
    session = onnxruntime.InferenceSession(file)
    names = json.loads(session.get_modelmeta().custom_metadata_map["ecg"])["classes"]
    return names, lambda rows: session.run(["predicted_class", "probability"], {"features": rows})


if __name__ == "__main__":
    names, answer = load(*sys.argv[2:])
    rows = np.loadtxt(sys.argv[1], np.float32, delimiter=",", ndmin=2)
    for number, probability in zip(*answer(rows), strict=True):
        print(number, names[number], f"{probability:.9g}", sep=",")
