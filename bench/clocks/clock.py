"""python clock.py PROGRAM ROWS.f32 N SECONDS ARGUMENT…: microseconds a row that a program of embed/ takes, alone and of all."""

import importlib.util
import sys
from time import perf_counter

import numpy as np


def microseconds(answer, batches, seconds):
    """A row, over all the batches again and again for so many seconds."""
    for batch in batches[:3]:
        answer(batch)
    began, rows, turn = perf_counter(), 0, 0
    while perf_counter() - began < seconds or turn < 2:
        answer(batches[turn % len(batches)])
        rows += len(batches[turn % len(batches)])
        turn += 1
    return (perf_counter() - began) / rows * 1e6


program, path, n, seconds, *arguments = sys.argv[1:]
spec = importlib.util.spec_from_file_location("program", program)
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
_, answer = module.load(*arguments)
rows = np.fromfile(path, np.float32).reshape(-1, int(n))
print(*(microseconds(answer, batches, float(seconds)) for batches in (np.split(rows, len(rows)), [rows])))
