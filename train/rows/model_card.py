"""`ecg.json` and `report.md`: the same facts about a trained network, for programs and for people."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from train.intended_use import RECORDED, SYNTHETIC
from train.rows.data.records import Records
from train.rows.evaluate import Evaluation
from train.rows.split import Split


def facts(
    records: Records, parts: Split, evaluation: Evaluation, recipe: dict[str, Any], temperature: float, seed: int
) -> dict[str, Any]:
    """Everything that travels with the weights; docs/training.md lists it."""
    signal = records.signal
    return {
        "task": "classification",
        "features": list(records.feature_names),
        "classes": list(records.classes),
        "sampling_rate_hz": signal.sampling_rate_hz if signal else None,
        "unit": signal.unit if signal else None,
        "lead": signal.lead if signal else None,
        "window": {"before_r_ms": signal.before_r_ms, "after_r_ms": signal.after_r_ms} if signal else None,
        "network": {**recipe, "temperature": round(temperature, 4)},
        "seed": seed,
        "trained_on": {
            "name": records.name,
            "sha256": records.digest,
            "rows": len(records.labels),
            "synthetic": records.synthetic,
            "left_out": list(records.left_out),
            "split": {
                "by": parts.by,
                "column": records.groups.column if records.groups and parts.by != "row" else None,
                "caveat": parts.caveat,
                "training": len(parts.training),
                "validation": len(parts.validation),
                "test": len(parts.test),
            },
        },
        "metrics": evaluation.metrics,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "intended_use": SYNTHETIC if records.synthetic else RECORDED,
    }


def outcome(facts: dict[str, Any], evaluation: Evaluation, folder: Path) -> str:
    """What is printed after a training: the numbers, what the network may be used for, what was written, what comes next."""
    metrics = {name: facts["metrics"][name] for name in ("accuracy", "macro_f1", "roc_auc", "ece")}
    numbers = "  ".join(f"{name} {value:.4f}" for name, value in metrics.items() if value is not None)
    return (
        f"{evaluation.text}\n{numbers}\n{facts['intended_use']}\n"
        f"Written to {folder}: ecg.keras, ecg.json, report/. Next: python -m export --out {folder}"
    )


def report(facts: dict[str, Any], text: str) -> str:
    """The model card, in Markdown; `text` is scikit-learn's classification report."""
    data, parts, metrics = facts["trained_on"], facts["trained_on"]["split"], facts["metrics"]
    return f"""# Report of a trained ECG classifier

**{facts["intended_use"]}**

## Data

{
        _table(
            {
                "data": data["name"],
                "sha256": data["sha256"],
                "rows": data["rows"],
                "features": len(facts["features"]),
                **({"columns left out": ", ".join(data["left_out"])} if data["left_out"] else {}),
                "classes": ", ".join(facts["classes"]),
                "sampling rate": _known(facts["sampling_rate_hz"], " Hz"),
                "unit": _known(facts["unit"]),
                "lead": _known(facts["lead"]),
            }
        )
    }

Split by {parts["by"]}{kept_together(parts["column"])}: {parts["training"]} rows to train on, {
        parts["validation"]
    } to fit the temperature, {parts["test"]} to test.

## Recipe

{_table({**facts["network"], "seed": facts["seed"]})}

## Numbers, on the test part

{
        _table(
            {
                "accuracy": f"{metrics['accuracy']:.4f}",
                "macro F1": f"{metrics['macro_f1']:.4f}",
                "ROC AUC": _known(metrics["roc_auc"] and f"{metrics['roc_auc']:.4f}"),
                "expected calibration error": f"{metrics['ece']:.4f}",
            }
        )
    }

```
{text.rstrip()}
```

Recall is the field's sensitivity, precision its positive predictivity.

![confusion matrix](confusion.png) ![ROC](roc.png)
![reliability](reliability.png) ![learning curves](learning.png)

![test rows of each class](beats.png)

## Limits

{_limits(facts)}
"""


def kept_together(column: str | None) -> str:
    """Which column identifies the rows that are on one side of the split."""
    return f", rows with the same {column} on one side" if column else ""


def _table(rows: dict[str, Any]) -> str:
    return "\n".join(
        ["| what | value |", "|---|---|", *(f"| {name.replace('_', ' ')} | {value} |" for name, value in rows.items())]
    )


def _known(value: object, unit: str = "") -> str:
    return "not known" if value is None else f"{value}{unit}"


def _limits(facts: dict[str, Any]) -> str:
    parts = facts["trained_on"]["split"]
    limits = [
        "It always answers with one of its classes, also for a row that is no beat at all.",
        "It expects rows cut, scaled and sampled as those it was trained on; nothing checks that they are.",
    ]
    if facts["trained_on"]["synthetic"]:
        limits.insert(0, "Generated beats are simpler than recorded ones: the numbers above say nothing about real data.")
    elif parts["by"] != "patient":
        limits.insert(0, _overlap(parts))
    rare = [name for name, row in facts["metrics"]["per_class"].items() if row["rows"] < 30]
    if rare:
        limits.append(f"Fewer than 30 test rows of class {', '.join(rare)}: their numbers are rough.")
    return "\n".join(f"- {limit}" for limit in limits)


def _overlap(parts: dict[str, Any]) -> str:
    """What is not known to be kept apart."""
    known = f"Rows with the same {parts['column']} are on one side of the split; " if parts["column"] else ""
    caveat = f"{parts['caveat']} " if parts["caveat"] else ""
    return (
        f"{caveat}{known}{'beats' if known else 'Beats'} of one patient may be on both sides of the split: "
        "the numbers above may not hold for new patients."
    )
