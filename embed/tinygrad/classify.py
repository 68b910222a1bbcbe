"""Classify the rows of a CSV with tinygrad: python classify.py rows.csv ecg.onnx about.json.

tinygrad does not give the names in the file; about.json is what python -m export --describe ecg.onnx --json prints.
It compiles with clang; DEV=PYTHON needs none and takes minutes.
"""

import json
import sys
from functools import cache

import numpy as np
from tinygrad import Tensor, TinyJit
from tinygrad.nn.onnx import OnnxRunner


def load(file, about):
    """The names of the classes, and what answers rows, float32 (rows, n): class and probability of each."""
    with open(about) as document:
        names = json.load(document)["classes"]

    @cache  # A runner keeps the number of rows it first saw, and a jit what it first compiled.
    def compiled(rows):
        runner = OnnxRunner(file)

        def run(features):
            outputs = runner({"features": features})
            return outputs["predicted_class"].realize(), outputs["probability"].realize()

        return TinyJit(run)

    return names, lambda rows: [output.numpy() for output in compiled(len(rows))(Tensor(rows).realize())]


if __name__ == "__main__":
    names, answer = load(*sys.argv[2:])
    rows = np.loadtxt(sys.argv[1], np.float32, delimiter=",", ndmin=2)
    for number, probability in zip(*answer(rows), strict=True):
        print(number, names[number], f"{probability:.9g}", sep=",")
