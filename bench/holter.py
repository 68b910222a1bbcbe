"""A recording of 24 hours through `python -m predict`: processor time against the bare graph, and memory.

python -m bench.holter   some minutes: WFDB, EDF and CSV of one drawn day, one process on one processor
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import NamedTuple

import numpy as np
from edfio import Edf, EdfSignal

from bench.halfhour import BEATS
from bench.load import SERVER_CORE
from bench.speed import machine
from server.models.annotator import Annotator
from train.recordings.data.synthetic import synthetic_recordings

KEPT = Path(__file__).with_suffix(".json")
HERE = [sys.executable, "-m", "bench.holter"]
KINDS = {"WFDB": "day.hea", "EDF": "day.edf", "CSV": "day.csv"}
ROUNDS = 3
RATE_HZ, GAIN = 250, 200  # steps a mV
LEADS = ("I", "II")
HOURS, HOUR_S = 24, 3600.0
DRAWN_HOURS = 6  # of the six plans of built-in recordings one each; the day is these four times
CSV_ROWS = 1_000_000


class Cost(NamedTuple):
    """Seconds of processor, of the user and of the system, and MiB of memory at most."""

    seconds: float
    mib: float


def main() -> None:
    """Draw the day, alternate the command on each kind of file with the bare graph, and keep what both took."""
    here = machine()
    os.sched_setaffinity(0, {SERVER_CORE})
    with tempfile.TemporaryDirectory() as name:
        subprocess.run([*HERE, "draw", name], check=True)
        files = {kind: Path(name, file) for kind, file in KINDS.items()}
        found = [measured(files) for _ in range(ROUNDS)]
    lines = []
    for kind in files:
        ratios = sorted(once[kind].seconds / once["bare"].seconds for once in found)
        mib = max(once[kind].mib for once in found)
        lines.append({"what": kind, "median": median(ratios), "low": ratios[0], "high": ratios[-1], "mib": mib})
        print(f"| {kind} | **{median(ratios):.2f}** | {ratios[0]:.2f} – {ratios[-1]:.2f} | {mib:.0f} |", flush=True)
    KEPT.write_text(json.dumps({"machine": here, "holter": lines}, indent=1) + "\n")


def measured(files: dict[str, Path]) -> dict[str, Cost]:
    """What the command takes for each kind of file, and the bare graph for the same signal."""
    costs = {"bare": cost([*HERE, "bare", str(files["WFDB"])])}
    for kind, path in files.items():
        with tempfile.TemporaryDirectory() as out:
            costs[kind] = cost([sys.executable, "-m", "predict", str(path), out, "--lead", LEADS[0]])
    return costs


def cost(command: list[str]) -> Cost:
    """Of a process of its own; the bare graph says itself how long its runs alone took."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout
    said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{command[2]} ended with status {status}")
    return Cost(float(said) if "bare" in command else usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def bare(path: Path) -> float:
    """Seconds of processor of session.run over the pieces that `predict` cuts, on the signal in memory."""
    annotator = Annotator.load(BEATS)
    signal = np.fromfile(path.with_suffix(".dat"), "<i2").reshape(-1, len(LEADS))[:, 0].astype(np.float32) / GAIN
    rate = np.array([RATE_HZ], np.float32)
    began = time.process_time()
    for piece in annotator.pieces(len(signal), RATE_HZ):
        annotator.session.run(annotator.outputs, {"signal": signal[piece.first : piece.last], "sampling_rate": rate})
    return time.process_time() - began


def day() -> np.ndarray:
    """Two leads as whole numbers, int16 (samples, 2): sinus and other rhythms, fibrillation, premature beats, noise."""
    hours = synthetic_recordings(0, recordings=DRAWN_HOURS, seconds=HOUR_S)
    drawn = np.concatenate([np.stack([hour.leads[lead] for lead in LEADS], axis=1) for hour in hours])
    steps = np.clip(np.round(drawn * GAIN), -2000, 2000).astype(np.int16)
    return np.tile(steps, (HOURS // DRAWN_HOURS, 1))


def draw(folder: Path) -> None:
    """The day as a file of each kind."""
    steps = day()
    lines = [f"day.dat 16 {GAIN} 12 0 0 0 0 {lead}" for lead in LEADS]
    (folder / "day.hea").write_text("\n".join([f"day {len(LEADS)} {RATE_HZ}", *lines]) + "\n")
    steps.astype("<i2").tofile(folder / "day.dat")
    limits = {"physical_range": (-2048 / GAIN, 2047 / GAIN), "digital_range": (-2048, 2047), "physical_dimension": "mV"}
    signals = [
        EdfSignal.from_digital(np.ascontiguousarray(column), RATE_HZ, label=lead, **limits)
        for lead, column in zip(LEADS, steps.T, strict=True)
    ]
    Edf(signals).write(folder / "day.edf")
    with (folder / "day.csv").open("w") as file:
        file.write(",".join(["time_s", *(f"{lead}_mV" for lead in LEADS)]) + "\n")
        for first in range(0, len(steps), CSV_ROWS):
            part = steps[first : first + CSV_ROWS] / GAIN
            times = np.arange(first, first + len(part)) / RATE_HZ
            np.savetxt(file, np.column_stack([times, part]), "%.3f", ",")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["draw", folder]:
            draw(Path(folder))
        case ["bare", path]:
            print(bare(Path(path)))
        case _:
            main()
