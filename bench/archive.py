"""Measure `python -m predict` against session.run on ready arrays: `python -m bench.archive`; written to archive.json.

Both in one process and in turn, as many rows a second as the median of seven rounds says, with the smallest and largest.
Bare is one thread that calls session.run on float32 arrays in memory, 512 rows a time, as the command does; the command
reads a file, answers, writes parts and puts them together. Files are in the page cache.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np
import pyarrow as pa
from pyarrow import csv, parquet

from bench.fixtures import prepare
from bench.speed import machine
from predict.rows.answers import OUTPUTS
from predict.rows.archive import RUN_ROWS
from predict.rows.local_threads import answer_parts
from predict.rows.resumable_parts import Task
from server.models.classifier import Classifier

HERE = Path(__file__).parent
ROUNDS = 7
ROWS = 400_000
KINDS = {
    "Parquet, a column of lists": "lists.parquet",
    "Parquet, a column a feature, plain": "plain.parquet",
    "Parquet, a column a feature, as pandas writes it": "pandas.parquet",
    "CSV": "rows.csv",
}


def main() -> None:
    """Measure each kind of file with one processor and with two, in processes of their own, and keep what they say."""
    lines = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder, Classifier.load(prepare(folder).artifact))
        for kind, file in KINDS.items():
            for processors in (1, 2):
                command = [sys.executable, "-m", "bench.archive", str(folder / file), str(processors)]
                ratios = sorted(json.loads(subprocess.check_output(command)))
                line = {"what": kind, "processors": processors, "median": median(ratios), "low": ratios[0], "high": ratios[-1]}
                lines.append(line)
                print(
                    f"| {kind} | {processors} | **{line['median']:.2f}** | {line['low']:.2f} – {line['high']:.2f} |", flush=True
                )
    (HERE / "archive.json").write_text(json.dumps({"machine": machine(), "archive": lines}, indent=1) + "\n")


def write(folder: Path, model: Classifier) -> None:
    """The same rows in every kind of file; CSV has an eighth of them, with seven digits a number."""
    n = len(model.contract.features)
    features = np.random.default_rng(0).normal(size=(ROWS, n)).astype(np.float32)
    keys = {"patient": [f"p{number % 97}" for number in range(ROWS)], "beat": np.arange(ROWS)}
    table = pa.table({**keys, **dict(zip(model.contract.features, features.T, strict=True))})
    lists = pa.table({**keys, "features": pa.FixedSizeListArray.from_arrays(pa.array(features.ravel()), n)})
    parquet.write_table(lists, folder / "lists.parquet", row_group_size=65_536, use_dictionary=["patient"], compression="none")
    parquet.write_table(table, folder / "plain.parquet", row_group_size=65_536, use_dictionary=["patient"], compression="none")
    table.to_pandas().to_parquet(folder / "pandas.parquet", row_group_size=65_536)
    csv.write_csv(table.slice(0, ROWS // 8), folder / "rows.csv")
    np.save(folder / "rows.npy", features[: ROWS // 8])


def measure(path: Path, processors: int) -> list[float]:
    """Rows/s of the command over rows/s of session.run, round by round."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:processors])
    model = Classifier.load(path.with_name("ecg.onnx"))
    ready = np.load(path.with_name("rows.npy"))
    pairs = [(command(path, model), bare(ready, model)) for _ in range(ROUNDS + 1)]
    return [mine / theirs for mine, theirs in pairs[1:]]


def command(path: Path, model: Classifier) -> float:
    """Rows a second from the file to the file of answers."""
    began = time.perf_counter()
    task = Task(path, path.with_name("answers.parquet"), model)
    task.prepare()
    for _ in answer_parts(task.parts, model):
        task.join_ahead()
    rows, _ = task.join()
    return rows / (time.perf_counter() - began)


def bare(ready: np.ndarray, model: Classifier) -> float:
    """Rows a second of the network alone."""
    began = time.perf_counter()
    for first in range(0, len(ready), RUN_ROWS):
        model.run(OUTPUTS, ready[first : first + RUN_ROWS])
    return len(ready) / (time.perf_counter() - began)


if __name__ == "__main__":
    if sys.argv[1:]:
        print(json.dumps(measure(Path(sys.argv[1]), int(sys.argv[2]))))
    else:
        main()
