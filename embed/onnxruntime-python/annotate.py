"""Annotate a recording with onnxruntime: python annotate.py signal.csv 360 beats.onnx.

signal.csv holds a number a line, in mV. Printed: sample, class, probability of each beat; of a file of schema 2 second,
rhythm, probability, readable of each second.
"""

import json
import os
import sys

import numpy as np

os.environ["ORT_DISABLE_TELEMETRY"] = "1"
import onnxruntime


def load(file):
    """What the file says of itself, and what answers a signal, float32 (samples,) in mV at a rate in Hz: its outputs by name."""
    session = onnxruntime.InferenceSession(file)
    names = [output.name for output in session.get_outputs()]

    def answer(signal, rate):
        return dict(zip(names, session.run(names, {"signal": signal, "sampling_rate": np.float32([rate])}), strict=True))

    return json.loads(session.get_modelmeta().custom_metadata_map["ecg"]), answer


if __name__ == "__main__":
    about, answer = load(sys.argv[3])
    signal = np.loadtxt(sys.argv[1], np.float32, ndmin=1)
    if not np.isfinite(signal).all():
        sys.exit("expected a number a line")
    found = answer(signal, float(sys.argv[2]))
    for sample, number, probability in zip(found["sample"], found["predicted_class"], found["probability"], strict=True):
        print(sample, about["classes"][number], f"{probability:.9g}", sep=",")
    for second, readable in enumerate(found.get("readable", [])):
        row = found["rhythm_probabilities"][second]
        print(second, about["rhythms"][row.argmax()], f"{row.max():.9g}", f"{readable:.9g}", sep=",")
