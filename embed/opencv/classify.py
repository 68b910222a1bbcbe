"""Classify the rows of a CSV with OpenCV: python classify.py rows.csv ecg.onnx about.json.

OpenCV does not give the names in the file; about.json is what python -m export --describe ecg.onnx --json prints.
"""

import json
import sys

import cv2
import numpy as np


def load(file, about):
    """The names of the classes, and what answers rows, float32 (rows, n): class and probability of each."""
    net = cv2.dnn.readNetFromONNX(file)
    with open(about) as document:
        names = json.load(document)["classes"]

    def answer(rows):
        net.setInput(rows)
        outputs = net.forward(net.getUnconnectedOutLayersNames())
        return outputs[:2]

    return names, answer


if __name__ == "__main__":
    names, answer = load(*sys.argv[2:])
    rows = np.loadtxt(sys.argv[1], np.float32, delimiter=",", ndmin=2)
    for number, probability in zip(*answer(rows), strict=True):
        print(number, names[number], f"{probability:.9g}", sep=",")
