"""Half minutes from a consumer device (CinC 2017): their labels, and the beats that are found in them."""

from collections.abc import Iterable

import numpy as np

from bench.hearts.annotate import Annotate, found_by
from bench.hearts.counts import Counts, add
from bench.hearts.records import Record
from train.recordings.ec57_scoring.confusion import CLASSES
from train.recordings.ec57_scoring.labels import LABELS, label_figures, recording_label

S, V = CLASSES.index("S"), CLASSES.index("V")
ECTOPIC = ("any V", "any S", "V or S")


def count(annotate: Annotate, records: Iterable[Record]) -> Counts:
    """By annotated label (rows): `labels` the named one, int (4, 4); `ectopic` recordings with ECTOPIC, and all, int (4, 4)."""
    counts: Counts = {"ectopic": np.zeros((4, 4), int)}
    for record in records:
        signal = next(iter(record.leads.values()))
        found = found_by(annotate, signal, record.sampling_rate_hz)
        row = LABELS.index(str(record.label))
        has_v, has_s = (found.named == V).any(), (found.named == S).any()
        ectopic, labels = np.zeros((2, 4, 4), int)
        ectopic[row] = has_v, has_s, has_v or has_s, 1
        add(counts, {"ectopic": ectopic})
        if np.isfinite(found.rhythm).all():
            labels[row, recording_label(found.rhythm, found.readable)] = 1
            add(counts, {"labels": labels})
    return counts


def figures(counts: Counts) -> dict[str, float]:
    """The share of recordings of each label that hold a V or an S, and the F1 of the labels."""
    shares = counts["ectopic"][:, :3] / np.maximum(counts["ectopic"][:, 3:], 1)
    numbers = {}
    for label, row in zip(LABELS, shares, strict=True):
        numbers |= {f"cinc2017: {label} with {what}": float(share) for what, share in zip(ECTOPIC, row, strict=True)}
    if "labels" in counts:
        numbers |= {f"cinc2017: {name}": float(value) for name, value in label_figures(counts["labels"]).items()}
    return numbers
