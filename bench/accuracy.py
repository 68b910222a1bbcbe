"""Train on the real records and print what they say: `make bench`.

Looks for `../shared/data` (or the folder in ECG_REAL_DATA) and trains in folders that are thrown away. ecg.csv: two
classes, a fifth held out, five seeds, each with a split of its own. ECG5000: the official halves, five seeds.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

DATA = Path(os.environ.get("ECG_REAL_DATA", "../shared/data"))
SETS = {
    "ecg.csv": ["--data", str(DATA / "ecg.csv")],
    "ECG5000": ["--data", str(DATA / "ecg5000/ECG5000_TRAIN.txt"), "--test", str(DATA / "ecg5000/ECG5000_TEST.txt")],
}
SEEDS = range(5)
METRICS = ("accuracy", "macro_f1", "roc_auc", "ece")


def main() -> int:
    """Run every set and seed; write the table and accuracy.json beside this file."""
    if not DATA.is_dir():
        print(f"bench: no real records at {DATA}; name their folder in ECG_REAL_DATA", file=sys.stderr)
        return 2
    results = {name: [measure(arguments, seed) for seed in SEEDS] for name, arguments in SETS.items()}
    Path(__file__).with_name("accuracy.json").write_text(json.dumps(results, indent=1) + "\n")
    print(table(results))
    return 0


def measure(arguments: list[str], seed: int) -> dict[str, Any]:
    """One training; its numbers on the test part."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "train", *arguments, "--seed", str(seed), "--out", folder]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        metrics = json.loads((Path(folder) / "report/metrics.json").read_text())
    print(f"{arguments[1]} seed {seed}: accuracy {metrics['accuracy']:.4f}, ROC AUC {metrics['roc_auc']:.4f}", flush=True)
    return {name: metrics[name] for name in METRICS}


def table(results: dict[str, list[dict[str, Any]]]) -> str:
    """Mean ± standard deviation over the seeds, and seed 0 alone, in Markdown."""
    lines = ["| data | seeds | accuracy | macro F1 | ROC AUC | ECE |", "|---|---|---|---|---|---|"]
    for name, runs in results.items():
        columns = {metric: np.array([run[metric] for run in runs]) for metric in METRICS}
        lines.append(f"| {name} | 0 | " + " | ".join(f"{columns[metric][0]:.4f}" for metric in METRICS) + " |")
        spread = " | ".join(f"{columns[metric].mean():.4f} ± {columns[metric].std():.4f}" for metric in METRICS)
        lines.append(f"| {name} | 0–{len(runs) - 1} | {spread} |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
