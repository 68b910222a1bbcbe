"""`beats.json` and `report.md`: the same facts about a trained model of recordings, for programs and for people."""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from train.intended_use import RECORDED, SYNTHETIC
from train.recordings.data.synthetic import ORIGIN
from train.recordings.ec57_scoring.confusion import CLASSES, NONE, PredictedBeats
from train.recordings.ec57_scoring.metrics import known
from train.recordings.evaluate import KINDS, Evaluation, evaluations
from train.recordings.network import SAMPLING_RATE_HZ
from train.recordings.reading import Recording
from train.recordings.split import CAVEAT, Parts

LOWEST_RATE_HZ, HIGHEST_RATE_HZ = 50.0, 1000.0
CONTEXT_S = 24.0
HEADLINE = (
    *("detection_sensitivity", "detection_positive_predictivity", "accuracy", "macro_f1"),
    *(f"{name}_{figure}" for name in CLASSES for figure in ("sensitivity", "positive_predictivity")),
)
FIGURES = {
    "detection": ("detection_sensitivity", "detection_positive_predictivity"),
    **{name: (f"{name}_sensitivity", f"{name}_positive_predictivity") for name in CLASSES},
    "V, if fusion beats named V are wrong": ("V_sensitivity", "V_positive_predictivity_strict"),
}
LIMITS = (
    "In atrial fibrillation there is no usual RR interval and no P wave: normal beats are called S there, and S beats N.",
    "Noise and loose electrodes are rare in the training: beats are missed there, and others found that are none.",
    "It was measured on one lead, the one named above. Another may do much worse, and nothing in the answer says so.",
    "Fusion beats (F) are hardly ever recognised: they are few, and look like N or V by definition.",
    "Paced beats and ventricular flutter are not known to it: they get one of the four classes, or none.",
    "`probability` says which answers to look at first; it is no chance of a disease.",
)


def facts(
    recordings: Sequence[Recording], parts: Parts, predictions: Sequence[PredictedBeats], recipe: dict[str, Any], seed: int
) -> dict[str, Any]:
    """Everything that travels with the weights; see `server.models.contract`."""
    is_synthetic = recordings[0].origin == ORIGIN
    evaluation = evaluations(predictions)["all recordings"]
    return {
        "task": "annotation",
        "classes": list(CLASSES),
        "sampling_rate_hz": SAMPLING_RATE_HZ,
        "lowest_rate_hz": LOWEST_RATE_HZ,
        "highest_rate_hz": HIGHEST_RATE_HZ,
        "unit": "mV",
        "lead": next(iter(recordings[0].leads)),
        "context_s": CONTEXT_S,
        "network": recipe,
        "seed": seed,
        "trained_on": {
            "name": ", ".join(sorted({recording.origin for recording in parts.training})),
            "sha256": hashlib.sha256("".join(recording.digest for recording in recordings).encode()).hexdigest(),
            "recordings": len(parts.training),
            "beats": sum(len(recording.beats) for recording in parts.training),
            "synthetic": is_synthetic,
            "split": {
                "by": parts.by,
                "training": [recording.name for recording in parts.training],
                "test": [recording.name for recording in parts.test],
            },
        },
        "metrics": known({name: evaluation.gross[name] for name in HEADLINE}),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "intended_use": SYNTHETIC if is_synthetic else RECORDED,
    }


def outcome(facts: dict[str, Any], folder: Path) -> str:
    """What is printed after a training: the figures, what the model may be used for, what was written, what comes next."""
    figures = "  ".join(f"{name} {value:.4f}" for name, value in facts["metrics"].items() if value is not None)
    return (
        f"{figures}\n{facts['intended_use']}\n"
        f"Written to {folder}: beats.tf, beats.json, beats-report/. Next: python -m export --task annotation --out {folder}"
    )


def report(facts: dict[str, Any], every: dict[str, Evaluation]) -> str:
    """The model card, in Markdown."""
    data, whole = facts["trained_on"], every["all recordings"]
    parts = [
        "# Report of a network that annotates recordings",
        f"**{facts['intended_use']}**",
        f"Trained on {data['recordings']} recordings with {data['beats']} beats ({data['name']}), split by "
        f"{data['split']['by']}, seed {facts['seed']}; tested on {len(whole.names)} others, lead {facts['lead']}, "
        "from the raw signal to the named beat.",
        *([CAVEAT] if data["split"]["by"] == "de-chazal" else []),
        "Beats are compared as ANSI/AAMI EC57 does: within 150 ms, misses and false detections count, fusion beats named V "
        "are neither right nor wrong. In brackets: 95 %, by drawing recordings with replacement. Average: the mean over "
        "recordings that have such beats.",
        *(f"## {what[0].upper()}{what[1:]}\n\n{_figures(evaluation)}" for what, evaluation in every.items()),
        f"## What was named how\n\n{_confusion(whole.tables.sum(axis=0))}",
        "![confusion](confusion.png) ![operating points](operating.png)",
        f"## Each recording\n\n{_each(whole)}\n\n![each recording](recordings.png)",
        "## Where it fails\n\n" + "\n".join(f"- {limit}" for limit in LIMITS),
        f"## Recipe\n\n```json\n{json.dumps({**facts['network'], 'seed': facts['seed'], 'sha256': data['sha256']})}\n```",
        f"Trained on: {', '.join(data['split']['training'])}.\n\nTested on: {', '.join(data['split']['test'])}.",
    ]
    return "\n\n".join(parts) + "\n"


def _figures(evaluation: Evaluation) -> str:
    lines = [
        "| | sensitivity, % | positive predictivity, % | average sensitivity | average positive predictivity |",
        "|---|---|---|---|---|",
    ]
    for what, pair in FIGURES.items():
        cells = [_with_interval(evaluation, name) for name in pair] + [_percent(evaluation.average[name]) for name in pair]
        lines.append(f"| {what} | {' | '.join(cells)} |")
    for name, words in (("accuracy", "accuracy, of all annotated beats"), ("accuracy_of_found", "accuracy, of beats found")):
        lines.append(f"\n{words}: {_with_interval(evaluation, name)} %")
    lines.append(f"\nmean F1 of N, S, V: {_with_interval(evaluation, 'macro_f1')} %")
    return "\n".join(lines)


def _with_interval(evaluation: Evaluation, name: str) -> str:
    low, high = evaluation.interval[name]
    return f"{_percent(evaluation.gross[name])} ({_percent(low)} – {_percent(high)})"


def _percent(value: float) -> str:
    return "–" if np.isnan(value) else f"{100 * value:.2f}"


def _confusion(table: np.ndarray) -> str:
    head = f"| annotated | {' | '.join(f'named {name}' for name in CLASSES)} | missed |"
    rows = [
        f"| {kind} | {' | '.join(str(n) for n in [*row[: len(CLASSES)], row[NONE]])} |"
        for kind, row in zip(KINDS, table, strict=True)
    ]
    return "\n".join([head, "|---" * (len(CLASSES) + 2) + "|", *rows])


def _each(evaluation: Evaluation) -> str:
    lines = ["| recording | beats | missed | false | S | S named S | named S | V | V named V | named V |", "|---" * 10 + "|"]
    for name, table in zip(evaluation.names, evaluation.tables, strict=True):
        named = table[: NONE + 1, : len(CLASSES)].sum(axis=0)
        ectopic = [n for c in (1, 2) for n in (table[c].sum(), table[c, c], named[c])]
        cells = [name, table[:NONE].sum(), table[:NONE, NONE].sum(), table[NONE].sum(), *ectopic]
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(lines)
