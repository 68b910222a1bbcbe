"""The same file in every runtime of embed/: differences, microseconds a row, sizes; `python -m bench.everywhere`.

One processor. Each runtime takes turns with onnxruntime for Python, and only the ratio within a turn counts. What is not on
this machine keeps its line of an earlier run. Written: embed/embed.json, and the table in embed/README.md.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from bench.clocks.runtimes import RUNTIMES, Missing, Runtime
from server.models.classifier import Answer, Classifier

EMBED = Path(__file__).parents[1] / "embed"
REFERENCE = "onnxruntime-python"
ROUNDS = 7
SECONDS = 0.5
ROWS = 1000
COLUMNS = ["runtime", "version", "takes the file", "same class", "largest difference", "µs a row, 1 at a time"]
COLUMNS += [f"µs a row, {ROWS:,} at a time", "lines", "adds"]


def main() -> int:
    """Measure what is there."""
    argparse.ArgumentParser(prog="python -m bench.everywhere", description=__doc__.split("\n\n")[0]).parse_args()
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    path = EMBED / "embed.json"
    found = json.loads(path.read_text()) if path.exists() else {}
    with tempfile.TemporaryDirectory() as folder:
        prepare(Path(folder))
        for name, runtime in tqdm(RUNTIMES.items(), desc="runtimes", disable=None):
            try:
                found[name] = measure(runtime, RUNTIMES[REFERENCE], Path(folder))
            except Missing as missing:
                print(f"{name}: not measured, {missing}", file=sys.stderr)
            path.write_text(json.dumps(found, indent=1) + "\n")
    readme = EMBED / "README.md"
    readme.write_text(re.sub(r"(?m)(^\|.*\n)+", table(found), readme.read_text(), count=1))
    return 0


def prepare(folder: Path) -> None:
    """The built-in beats' network, what is in it, and rows as CSV and as float32."""
    for command in (["train", "--epochs", "3"], ["export"]):
        subprocess.run([sys.executable, "-m", *command, "--out", folder], check=True, capture_output=True)
    about = subprocess.run(
        [sys.executable, "-m", "export", "--describe", folder / "ecg.onnx", "--json"], check=True, capture_output=True
    )
    (folder / "about.json").write_bytes(about.stdout)
    convert = [sys.executable, "-m", "onnxruntime.tools.convert_onnx_models_to_ort", folder / "ecg.onnx"]
    subprocess.run([*convert, "--optimization_style", "Fixed"], check=True, capture_output=True)
    rows = np.load(folder / "test.npz")["features"][:ROWS]
    rows.tofile(folder / "rows.f32")
    np.savetxt(folder / "rows.csv", rows, "%.9g", ",")


def measure(runtime: Runtime, reference: Runtime, folder: Path) -> dict[str, Any]:
    """One line of the table."""
    model = Classifier.load(folder / "ecg.onnx")
    rows = np.fromfile(folder / "rows.f32", np.float32).reshape(-1, len(model.contract.features))
    same, difference = compare(runtime.classify(folder), model.predict(rows))
    turns = [(reference.clock(folder, SECONDS), runtime.clock(folder, SECONDS)) for _ in range(ROUNDS)]
    alone, many = ([turn[1][what] / turn[0][what] for turn in turns] for what in (0, 1))
    return {
        "version": runtime.version(),
        "folder": runtime.folder.name,
        "takes": runtime.takes,
        "same_classes": same,
        "difference": difference,
        "alone": statistics.median(alone),
        "many": statistics.median(many),
        "microseconds": [statistics.median(turn[1][what] for turn in turns) for what in (0, 1)],
        "lines": runtime.lines(),
        "megabytes": runtime.size() / 1e6,
        "date": date.today().isoformat(),
    }


def compare(lines: list[list[str]], answer: Answer) -> tuple[int, float]:
    """On how many rows the class is the same, and the largest difference of a probability."""
    classes, probabilities = (np.array([float(line[column]) for line in lines]) for column in (0, 2))
    return int((classes == answer.predicted_class).sum()), float(np.abs(probabilities - answer.probability).max())


def table(found: dict[str, dict[str, Any]]) -> str:
    """The results, for embed/README.md."""
    lines = [f"| {' | '.join(COLUMNS)} |", "|" + "---|" * len(COLUMNS)]
    for name, one in sorted(found.items(), key=lambda line: line[1]["alone"]):
        times = (f"{one['microseconds'][at]:.3g} ({one[key]:.2f} ×)" for at, key in enumerate(("alone", "many")))
        told = [f"[{name}]({one['folder']})", one["version"], one["takes"], f"{one['same_classes']:,} of {ROWS:,}"]
        told += [f"{one['difference']:.1e}", *times, str(one["lines"]), f"{one['megabytes']:.0f} MB"]
        lines.append(f"| {' | '.join(told)} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
