"""The tables of the report on a model of recordings, in Markdown."""

from collections.abc import Iterable, Sequence

import numpy as np

from train.recordings.ec57_scoring.bootstrap import Estimate
from train.recordings.ec57_scoring.confusion import CLASSES, NONE, Q
from train.recordings.ec57_scoring.durations import UNREADABLE
from train.recordings.ec57_scoring.labels import ECTOPIC, LABELS
from train.recordings.evaluate import KINDS, Evaluation
from train.recordings.rhythm import RHYTHMS, VF

FIGURES = {
    "detection": ("detection_sensitivity", "detection_positive_predictivity"),
    **{name: (f"{name}_sensitivity", f"{name}_positive_predictivity") for name in CLASSES},
    "V, if fusion beats named V are wrong": ("V_sensitivity", "V_positive_predictivity_strict"),
}
WORST = 12


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table."""
    return "\n".join(f"| {' | '.join(map(str, cells))} |" for cells in [head, ["---"] * len(head), *rows])


def percent(value: float, digits: int = 2) -> str:
    """A share in percent, – where there is none."""
    return "–" if np.isnan(value) else f"{100 * value:.{digits}f}"


def with_interval(of: Evaluation | Estimate, name: str, digits: int = 2) -> str:
    """A figure in percent and its interval in brackets."""
    low, high = of.interval[name]
    value = of.gross[name]
    return "–" if np.isnan(value) else f"{percent(value, digits)} ({percent(low, digits)} – {percent(high, digits)})"


def beat_figures(evaluation: Evaluation) -> str:
    """Sensitivity and positive predictivity, over all beats and on average, and what sums them up."""
    head = ["", "sensitivity, %", "positive predictivity, %", "average sensitivity", "average positive predictivity"]
    rows = [
        [what, *(with_interval(evaluation, name) for name in pair), *(percent(evaluation.average[name]) for name in pair)]
        for what, pair in FIGURES.items()
    ]
    return "\n".join(
        [
            table(head, rows),
            f"\naccuracy, of all annotated beats: {with_interval(evaluation, 'accuracy')} %",
            f"\naccuracy, of beats found: {with_interval(evaluation, 'accuracy_of_found')} %",
            f"\nmean F1 of N, S, V: {with_interval(evaluation, 'macro_f1')} %",
        ]
    )


def databases(groups: dict[str, Evaluation]) -> str:
    """Beats by database and lead, a row each."""
    head = ["", "recordings", "beats", *(f"{name}, %" for name in ("detection", *CLASSES)), "F1 of N, S, V, %"]
    rows = []
    for name, one in groups.items():
        pairs = ["<br>".join(with_interval(one, figure, 1) for figure in FIGURES[what]) for what in ("detection", *CLASSES)]
        rows.append([name, len(one.names), one.tables[:, :NONE].sum(), *pairs, with_interval(one, "macro_f1", 1)])
    return table(head, rows)


def beat_confusion(counts: np.ndarray) -> str:
    """Beats by annotated and named class."""
    rows = [[kind, *row[: len(CLASSES)], row[NONE]] for kind, row in zip(KINDS, counts, strict=True)]
    return table(["annotated", *(f"named {name}" for name in CLASSES), "missed"], rows)


def durations(estimates: dict[str, Estimate]) -> str:
    """Rhythm by duration: a row for each that is annotated in a database; only VF where little else is annotated."""
    rows = []
    for name, one in estimates.items():
        annotated = one.total.sum(axis=1)
        only_vf = annotated[-1] > annotated.sum() / 2
        for index in np.flatnonzero(annotated[:-1]):
            if index == VF or not only_vf:
                pair = [with_interval(one, f"{RHYTHMS[index]}_{what}", 1) for what in ("sensitivity", "positive_predictivity")]
                minutes = [f"{seconds / 60:.1f}" for seconds in (annotated[index], one.total[index, UNREADABLE])]
                rows.append([name, RHYTHMS[index], *minutes, *pair])
    return table(["", "rhythm", "annotated, min", "of it unreadable, min", "sensitivity, %", "positive predictivity, %"], rows)


def false_vf(estimates: dict[str, Estimate]) -> str:
    """Minutes named VF outside what is annotated so."""
    wrong = {name: one.total[:, VF].sum() - one.total[VF, VF] for name, one in estimates.items()}
    hours = {name: one.total.sum() / 3600 for name, one in estimates.items()}
    return "; ".join(f"{name} {wrong[name] / 60:.1f} min in {hours[name]:.1f} h" for name in estimates)


def label_confusion(one: Estimate) -> str:
    """Whole recordings by annotated and named label, with F1."""
    rows = [[label, *one.total[i], with_interval(one, f"{label}_f1", 1)] for i, label in enumerate(LABELS)]
    return table(["labelled", *(f"called {name}" for name in LABELS), "F1, %"], rows)


def ectopic(one: Estimate) -> str:
    """How many recordings of each label have ectopic beats."""
    rows = [
        [label, one.total[i, -1], *(with_interval(one, f"{label} with {what}", 1) for what in ECTOPIC)]
        for i, label in enumerate(LABELS)
    ]
    return table(["labelled", "recordings", *(f"{what}, %" for what in ECTOPIC)], rows)


def readable(estimates: dict[str, Estimate]) -> str:
    """How much is readable, by database and label."""
    rows = [[name, f"{one.total[1] / 3600:.1f}", with_interval(one, "readable", 1)] for name, one in estimates.items()]
    return table(["", "hours", "readable, %"], rows)


def each(evaluation: Evaluation) -> str:
    """A row for each recording."""
    rows = []
    for name, counts in zip(evaluation.names, evaluation.tables, strict=True):
        named = counts[: NONE + 1, : len(CLASSES)].sum(axis=0)
        of_class = [n for c in (1, 2) for n in (counts[c].sum(), counts[c, c], named[c])]
        rows.append([name, counts[:NONE].sum(), counts[:NONE, NONE].sum(), counts[NONE].sum(), *of_class])
    return table(["recording", "beats", "missed", "false", "S", "S named S", "named S", "V", "V named V", "named V"], rows)


def worst(groups: dict[str, Evaluation]) -> str:
    """The recordings with most beats wrong, and how."""
    found = [
        (name, where, counts)
        for where, one in groups.items()
        if "other leads" not in where
        for name, counts in zip(one.names, one.tables, strict=True)
    ]
    wrong = [int(counts.sum() - np.trace(counts[:Q, :Q]) - counts[Q, :Q].sum()) for *_, counts in found]
    rows = []
    for i in np.argsort(wrong, kind="stable")[::-1][:WORST]:
        name, where, counts = found[i]
        cells = [counts[0, 1], counts[0, 2], counts[1].sum() - counts[1, 1], counts[2].sum() - counts[2, 2]]
        rows.append([name, where, counts[:NONE].sum(), wrong[i], counts[:NONE, NONE].sum(), counts[NONE].sum(), *cells])
    return table(["recording", "of", "beats", "wrong", "missed", "false", "N named S", "N named V", "S not S", "V not V"], rows)
