"""Classify the rows of a CSV with the reference of the ONNX standard: python classify.py rows.csv ecg.onnx."""

import json
import sys

import numpy as np
import onnx
from onnx.reference import ReferenceEvaluator


def load(file):
    """The names of the classes, and what answers rows, float32 (rows, n): class and probability of each."""
    model = onnx.load(file)
    names = next(json.loads(entry.value)["classes"] for entry in model.metadata_props if entry.key == "ecg")
    evaluator = ReferenceEvaluator(model)
    return names, lambda rows: evaluator.run(["predicted_class", "probability"], {"features": rows})


if __name__ == "__main__":
    names, answer = load(*sys.argv[2:])
    rows = np.loadtxt(sys.argv[1], np.float32, delimiter=",", ndmin=2)
    for number, probability in zip(*answer(rows), strict=True):
        print(number, names[number], f"{probability:.9g}", sep=",")
