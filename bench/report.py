"""Compare the report that the model makes of mitdb with that of its annotations: `python -m bench.report`.

Looks for `../shared/data/mitdb` (or the folder in ECG_REAL_DATA), leaves out the records with paced beats, and takes MLII.
Writes report.json beside this file, and prints the table of docs/recordings.md.
"""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import wfdb

from server.models import rhythm
from server.models.annotator import Annotation, Annotator, Beats
from server.models.report.report import report
from server.models.report.structure import Report
from train.aami import AAMI
from train.recordings.reading import PACED, SYMBOLS
from train.recordings.rhythm import RHYTHMS, annotated_rhythm

MITDB = Path(os.environ.get("ECG_REAL_DATA", "../shared/data")) / "mitdb"
ARTIFACT = Path("artifacts/beats.onnx")
LEAD = "MLII"

COUNTS: dict[str, Callable[[Report], float | None]] = {
    "V beats": lambda numbers: numbers.ventricular.beats,
    "V couplets": lambda numbers: numbers.ventricular.couplets,
    "V runs": lambda numbers: numbers.ventricular.runs,
    "V bigeminy, episodes": lambda numbers: numbers.ventricular.bigeminy.episodes,
    "V trigeminy, episodes": lambda numbers: numbers.ventricular.trigeminy.episodes,
    "S beats": lambda numbers: numbers.supraventricular.beats,
    "S couplets": lambda numbers: numbers.supraventricular.couplets,
    "S runs": lambda numbers: numbers.supraventricular.runs,
    "pauses": lambda numbers: numbers.pauses.count,
    "AF, minutes": lambda numbers: round(numbers.af.duration_s / 60, 1),
}
MEASURES: dict[str, Callable[[Report], float | None]] = {
    "mean heart rate, a minute": lambda numbers: numbers.heart_rate.mean_bpm,
    "lowest heart rate, a minute": lambda numbers: numbers.heart_rate.lowest_bpm,
    "highest heart rate, a minute": lambda numbers: numbers.heart_rate.highest_bpm,
    "mean NN, ms": lambda numbers: numbers.variability.mean_nn_ms,
    "SDNN, ms": lambda numbers: numbers.variability.sdnn_ms,
    "RMSSD, ms": lambda numbers: numbers.variability.rmssd_ms,
    "LF/HF": lambda numbers: numbers.variability.lf_hf,
}


def main() -> int:
    """Both reports of every record."""
    if not MITDB.is_dir():
        print(f"bench: no real records at {MITDB}; name their folder in ECG_REAL_DATA", file=sys.stderr)
        return 2
    model = Annotator.load(ARTIFACT)
    results = {path.stem: (numbers_of(reference_report(path)), numbers_of(model_report(path, model))) for path in records(MITDB)}
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(pair)}" for name, pair in results.items())
    Path(__file__).with_suffix(".json").write_text(f"{{\n{lines}\n}}\n")
    print(table(results))
    return 0


def records(folder: Path) -> list[Path]:
    """The records without paced beats, which AAMI EC57 leaves out, as paths without an ending."""
    paths = [path.with_suffix("") for path in sorted(folder.glob("*.hea"))]
    return [path for path in paths if PACED not in wfdb.rdann(str(path), "atr").symbol]


def reference_report(path: Path) -> Report:
    """Of the annotated beats, by their AAMI class, and rhythms of a record; all of it is readable."""
    header, annotation = wfdb.rdheader(str(path)), wfdb.rdann(str(path), "atr")
    sample, symbol = np.array(annotation.sample), np.array(annotation.symbol)
    is_beat = np.isin(symbol, list(SYMBOLS))
    named = np.array([AAMI.index(SYMBOLS[one]) for one in symbol[is_beat]], np.int32)
    sure = np.eye(len(AAMI), dtype=np.float32)[named]
    of_second = annotated_rhythm(sample, symbol, annotation.aux_note, header.sig_len, header.fs)
    seconds = np.ones(len(of_second), np.float32)
    beats = Beats(sample[is_beat].astype(np.int32), named, sure.max(axis=1), sure)
    found = Annotation(beats, seconds, np.eye(len(RHYTHMS), dtype=np.float32)[np.maximum(of_second, 0)])
    duration_s = header.sig_len / header.fs
    return report(found, rhythm.episodes(found, RHYTHMS, duration_s), header.fs, AAMI, duration_s)


def model_report(path: Path, model: Annotator) -> Report:
    """Of what the model says of a record."""
    record = wfdb.rdrecord(str(path))
    lead = record.sig_name.index(LEAD) if LEAD in record.sig_name else 0
    found = model.annotate(record.p_signal[:, lead].astype(np.float32), record.fs)
    duration_s = record.sig_len / record.fs
    episodes = rhythm.episodes(found, model.contract.rhythms, duration_s)
    return report(found, episodes, record.fs, model.contract.classes, duration_s)


def numbers_of(found: Report) -> dict[str, float | None]:
    """Those that are compared."""
    return {what: number(found) for what, number in (COUNTS | MEASURES).items()}


def table(results: dict[str, tuple[dict[str, float | None], dict[str, float | None]]]) -> str:
    """In Markdown: counts in all records, and how far measures are apart."""
    lines = ["| count | by the annotations | by the model | the same in | farthest apart |", "|---|---|---|---|---|"]
    for what in COUNTS:
        pairs = {name: (reference[what], model[what]) for name, (reference, model) in results.items()}
        totals = [f"{round(sum(pair[side] for pair in pairs.values()), 1):,}" for side in (0, 1)]
        same = sum(left == right for left, right in pairs.values())
        lines.append(f"| {what} | {' | '.join(totals)} | {same} of {len(pairs)} | {_farthest(pairs)} |")
    lines += ["", "| measure | records | median difference | 9 of 10 within | farthest apart |", "|---|---|---|---|---|"]
    for what in MEASURES:
        pairs = {name: (reference[what], model[what]) for name, (reference, model) in results.items()}
        pairs = {name: pair for name, pair in pairs.items() if None not in pair}
        apart = [abs(left - right) for left, right in pairs.values()]
        quantiles = " | ".join(f"{value:.2g}" for value in np.quantile(apart, [0.5, 0.9]))
        lines.append(f"| {what} | {len(pairs)} | {quantiles} | {_farthest(pairs)} |")
    return "\n".join(lines)


def _farthest(pairs: dict[str, tuple[float, float]]) -> str:
    name = max(pairs, key=lambda one: abs(pairs[one][0] - pairs[one][1]))
    left, right = pairs[name]
    return "" if left == right else f"{name}: {left:g}, {right:g}"


if __name__ == "__main__":
    sys.exit(main())
