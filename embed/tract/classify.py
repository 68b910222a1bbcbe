"""Classify the rows of a CSV with tract: python classify.py rows.csv ecg.onnx about.json.

tract's Python does not give the names in the file; about.json is what python -m export --describe ecg.onnx --json prints.
"""

import json
import sys

import numpy as np
import tract


def load(file, about):
    """The names of the classes, and what answers rows, float32 (rows, n): class and probability of each."""
    run = tract.onnx().load(file).into_model().into_runnable().run
    with open(about) as document:
        names = json.load(document)["classes"]
    return names, lambda rows: [output.to_numpy() for output in run([rows])[:2]]


if __name__ == "__main__":
    names, answer = load(*sys.argv[2:])
    rows = np.loadtxt(sys.argv[1], np.float32, delimiter=",", ndmin=2)
    for number, probability in zip(*answer(rows), strict=True):
        print(number, names[number], f"{probability:.9g}", sep=",")
