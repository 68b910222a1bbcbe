"""Annotate a signal as it comes with onnxruntime: python live.py signal.csv 250 beats.onnx.

The file is played second by second. Printed: sample, class, probability of each beat, once it is final.
"""

import math
import sys

import numpy as np
from annotate import load


def listen(answer, rate):
    """What to call with each second of a signal in mV, at a whole number of Hz: it returns beats that are final, and others.

    A beat is its sample, the number of its class, its probability. With each call the others are said anew.
    """
    kept, first, border, last = np.zeros(0, np.float32), 0, 0, -math.inf

    def push(samples, is_end=False):
        nonlocal kept, first, border, last
        kept = np.append(kept, np.float32(samples))
        heard_s = (first + len(kept)) / rate
        found = answer(kept, rate)
        beats = zip(*(found[name].tolist() for name in ("sample", "predicted_class", "probability")), strict=True)
        beats = [(first + beat[0], *beat[1:]) for beat in beats if first + beat[0] > max(last + 4, border * rate - 3)]
        if is_end or heard_s - 8 >= border + 2:  # Eight seconds later no name changes; a run that sees far back is for two.
            border = math.ceil(heard_s) if is_end else math.floor(heard_s - 8)
        final = [beat for beat in beats if beat[0] < border * rate]
        last = final[-1][0] if final else last
        forgotten = max(0, (border - 20) * rate - first)  # Before twenty seconds back hardly anything matters.
        kept, first = kept[forgotten:], first + forgotten
        return final, beats[len(final) :]

    return push


if __name__ == "__main__":
    about, answer = load(sys.argv[3])
    signal, rate = np.loadtxt(sys.argv[1], np.float32, ndmin=1), int(sys.argv[2])
    push = listen(answer, rate)
    for start in range(0, len(signal), rate):
        for sample, number, probability in push(signal[start : start + rate], start + rate >= len(signal))[0]:
            print(sample, about["classes"][number], f"{probability:.9g}", sep=",", flush=True)
