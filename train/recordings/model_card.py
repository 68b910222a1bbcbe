"""`beats.json` and `report.md`: the same facts about a trained model of recordings, for programs and for people."""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from train.intended_use import RECORDED, SYNTHETIC
from train.recordings import report_tables as tables
from train.recordings.data.synthetic import ORIGIN
from train.recordings.ec57_scoring.confusion import CLASSES, PredictedBeats
from train.recordings.ec57_scoring.metrics import known
from train.recordings.evaluate import Results, evaluations
from train.recordings.network import SAMPLING_RATE_HZ
from train.recordings.reading import Recording
from train.recordings.rhythm import RHYTHMS
from train.recordings.rhythm_evaluation import RhythmEvaluation, evaluate_rhythm
from train.recordings.split import CAVEAT, DS2, Parts

SCHEMA = 2  # of the artifact: beats, and of each second its rhythm and whether it can be read
LOWEST_RATE_HZ, HIGHEST_RATE_HZ = 50.0, 1000.0
CONTEXT_S = 90.0
HEADLINE = (
    *("detection_sensitivity", "detection_positive_predictivity", "accuracy", "macro_f1"),
    *(f"{name}_{figure}" for name in CLASSES for figure in ("sensitivity", "positive_predictivity")),
)
RHYTHM_HEADLINE = ("AF_sensitivity", "AF_positive_predictivity", "VF_sensitivity", "VF_positive_predictivity")
MANY = 200  # recordings of a database, from which they are counted and not named
HOW_COUNTED = (
    "Beats are compared as ANSI/AAMI EC57 does: within 150 ms, misses and false detections count, fusion beats named V "
    "are neither right nor wrong. In brackets: 95 %, by drawing patients with replacement. Average: the mean over recordings "
    "that have such beats."
)
LIMITS = (
    "It takes atrial fibrillation and flutter for one rhythm, told from irregular RR intervals and missing P waves: regular "
    "flutter looks normal to it, many premature beats look like fibrillation, and a few seconds of it are overlooked.",
    "What it cannot read it sets aside: nothing is said of the beats there, and a heart in trouble can look like noise.",
    "O is whatever is neither regular nor fibrillating: it is no diagnosis.",
    "Ventricular fibrillation was learned from few recordings; this is no alarm.",
    "Fusion beats (F) are few, and look like N or V by definition: see their figures.",
    "Paced beats are not known to it: they get one of the four classes, or none.",
    "Recordings with nothing but a label teach what it says: that a normal one has no ectopic beat is only nearly true.",
    "`probability` says which answers to look at first; it is no chance of a disease.",
)


def facts(
    recordings: Sequence[Recording], parts: Parts, predictions: Sequence[PredictedBeats], recipe: dict[str, Any], seed: int
) -> dict[str, Any]:
    """Everything that travels with the weights; see `server.models.contract`."""
    is_synthetic = recordings[0].origin == ORIGIN
    evaluation = evaluations(predictions)["all recordings"]
    metrics = {name: evaluation.gross[name] for name in HEADLINE} | _rhythm_headline(evaluate_rhythm(predictions))
    return {
        "schema": SCHEMA,
        "task": "annotation",
        "classes": list(CLASSES),
        "rhythms": list(RHYTHMS),
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
                "training": _names(parts.training),
                "test": _names(parts.test),
            },
        },
        "metrics": known(metrics),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "intended_use": SYNTHETIC if is_synthetic else RECORDED,
    }


def _names(recordings: Sequence[Recording]) -> list[str]:
    """The recordings' names; of a database with MANY its own and how many there are."""
    origins = [recording.origin for recording in recordings]
    many = {origin: number for origin in sorted(set(origins)) if (number := origins.count(origin)) >= MANY}
    return [one.name for one in recordings if one.origin not in many] + [f"{name} ({n})" for name, n in many.items()]


def _rhythm_headline(rhythm: RhythmEvaluation) -> dict[str, float]:
    """Of rhythm by duration in first leads, all databases, and of labels."""
    numbers: dict[str, float] = {}
    for name, one in rhythm.rhythm.items():
        if "other leads" not in name:
            numbers |= {f"{name.split(',')[0]}_{figure}": one.gross[figure] for figure in RHYTHM_HEADLINE}
    return numbers | {f"{name}_mean_f1": one.gross["mean_f1"] for name, one in rhythm.labels.items()}


def outcome(facts: dict[str, Any], folder: Path) -> str:
    """What is printed after a training: the figures, what the model may be used for, what was written, what comes next."""
    figures = "  ".join(f"{name} {value:.4f}" for name, value in facts["metrics"].items() if value is not None)
    return (
        f"{figures}\n{facts['intended_use']}\n"
        f"Written to {folder}: beats.tf, beats.json, beats-report/. Next: python -m export --task annotation --out {folder}"
    )


def report(facts: dict[str, Any], results: Results) -> str:
    """The model card, in Markdown."""
    data, network = facts["trained_on"], {**facts["network"], "seed": facts["seed"], "sha256": facts["trained_on"]["sha256"]}
    parts = [
        "# Report of a network that annotates recordings",
        f"**{facts['intended_use']}**",
        _how(facts),
        *([CAVEAT] if {"201", "202"} <= {*data["split"]["training"], *data["split"]["test"]} else []),
        HOW_COUNTED,
        *(f"## {_title(what, one.names)}\n\n{tables.beat_figures(one)}" for what, one in results.headline.items()),
        *_beats(results),
        *_rhythm(results.rhythm),
        "## Where it fails\n\n" + "\n".join(f"- {limit}" for limit in LIMITS),
        f"The first leads with most beats wrong:\n\n{tables.worst(results.databases)}",
        f"## Recipe\n\n```json\n{json.dumps(network)}\n```",
        f"Trained on: {', '.join(data['split']['training'])}.",
        f"Tested on: {', '.join(data['split']['test'])}.",
    ]
    return "\n\n".join(parts) + "\n"


def _how(facts: dict[str, Any]) -> str:
    """What was learned, and by which networks the figures are."""
    data = facts["trained_on"]
    learned = f"Trained on {data['recordings']} recordings with {data['beats']} annotated beats ({data['name']}). "
    if set(data["split"]["training"]) & set(data["split"]["test"]):
        return (
            f"{learned}The file itself learned from all of them; each figure is cross-validated by patient: every recording was "
            "annotated, from the raw signal, by networks of the same recipe that never saw it nor others of its fold."
        )
    return f"{learned}Tested, split by {data['split']['by']}, on recordings it never saw, from the raw signal to the named beat."


def _title(what: str, names: Sequence[str]) -> str:
    """Of a section on these recordings; those of the published split are named after it."""
    return f"DS2, first lead: {what}" if set(names) <= set(DS2) else f"{what[0].upper()}{what[1:]}"


def _beats(results: Results) -> list[str]:
    whole = results.headline["all recordings"]
    return [
        "## Beats by database and lead\n\nSensitivity above, positive predictivity below.",
        tables.databases(results.databases),
        f"## What was named how\n\n{tables.beat_confusion(whole.tables.sum(axis=0))}",
        "![confusion](confusion.png) ![operating points](operating.png)",
        f"## Each recording\n\n{tables.each(whole)}\n\n![each recording](recordings.png)",
    ]


def _rhythm(rhythm: RhythmEvaluation) -> list[str]:
    """The sections on seconds, those of which something is known."""
    sections = []
    if rhythm.rhythm:
        sections += [
            "## Rhythm by duration",
            "Seconds, named by their most probable rhythm; AF with flutter, VF with flutter; unreadable ones are missed.",
            tables.durations(rhythm.rhythm),
            f"VF where none is annotated: {tables.false_vf(rhythm.rhythm)}.",
            "![rhythm](rhythm.png)\n\n![over time](timelines.png)",
        ]
    for name, one in rhythm.labels.items():
        mean = tables.with_interval(one, "mean_f1", 1)
        sections += [
            f"## Whole recordings: {name}",
            "Called ~ where on average it is not readable, else by the rhythm with the highest mean over readable seconds. "
            f"Mean F1 of N, AF and O: {mean} %.",
            tables.label_confusion(one),
            "![labels](labels.png)",
            f"Recordings in which ectopic beats are found:\n\n{tables.ectopic(rhythm.ectopic[name])}",
        ]
    if rhythm.readable:
        sections += ["## What is readable", "As recorded, with the noise that is in it.", tables.readable(rhythm.readable)]
    return sections
