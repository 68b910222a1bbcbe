"""Half minutes from a consumer device (CinC 2017): their labels, and the beats that are found in them."""

from collections.abc import Iterable

import numpy as np

from bench.hearts.annotate import Annotate, found_by
from bench.hearts.counts import Counts, add
from bench.hearts.records import Record
from train.recordings.ec57_scoring.confusion import PredictedBeats
from train.recordings.ec57_scoring.labels import ectopic_count, ectopic_figures, label_confusion, label_figures


def count(annotate: Annotate, records: Iterable[Record]) -> Counts:
    """By annotated label (rows): `labels` the named one, int (4, 4); `ectopic` recordings with a V, an S, either, and all."""
    counts: Counts = {}
    for record in records:
        found = found_by(annotate, next(iter(record.leads.values())), record.sampling_rate_hz)
        one = PredictedBeats(record, found.sample, found.probabilities, "", found.rhythm, found.readable)
        add(counts, {"ectopic": ectopic_count(one)})
        if np.isfinite(found.rhythm).all():
            add(counts, {"labels": label_confusion(one)})
    return counts


def figures(counts: Counts) -> dict[str, float]:
    """The share of recordings of each label that hold a V or an S, and the F1 of the labels."""
    numbers = ectopic_figures(counts["ectopic"]) | (label_figures(counts["labels"]) if "labels" in counts else {})
    return {f"cinc2017: {name}": float(value) for name, value in numbers.items()}
