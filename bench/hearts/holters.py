"""Half hours of two leads: beats, atrial and ventricular fibrillation by duration, and how much of what is clean is readable."""

from collections.abc import Iterable

import numpy as np

from bench.hearts.annotate import Annotate, Found, found_by
from bench.hearts.counts import Counts, add
from bench.hearts.records import Record
from server.models.annotator import Annotation, Beats
from server.models.rhythm import episodes
from train.recordings.ec57_scoring.confusion import PredictedBeats, confusion
from train.recordings.ec57_scoring.durations import READABLE, UNREADABLE, duration_figures, seconds_confusion
from train.recordings.ec57_scoring.metrics import figures as beat_figures
from train.recordings.evaluate import DOMINANT
from train.recordings.reading import USUAL_LEAD
from train.recordings.rhythm import RHYTHMS, VF
from train.recordings.split import DS1, DS2

BEATS, RHYTHM, EPISODES, CLEAN = "beats", "rhythm", "episodes", "clean"
SHOWN = ("macro_f1", "detection_sensitivity", "detection_positive_predictivity")
SHOWN = (*SHOWN, *(f"{name}_{figure}" for name in "SVF" for figure in ("sensitivity", "positive_predictivity")))


def count(annotate: Annotate, records: Iterable[Record]) -> Counts:
    """Every lead of every record: confusion of beats, confusion of seconds, and [readable, all] seconds of what is clean.

    Keys are "what/database/lead"; MLII is lead "MLII", whatever its number, and what is beside it "other".
    """
    counts: Counts = {}
    for record in records:
        for number, (lead, signal) in enumerate(record.leads.items()):
            found = found_by(annotate, signal, record.sampling_rate_hz)
            shown = lead_name(record, lead, number)
            add(counts, {f"{what}/{shown}": table for what, table in _tables(record, number, found).items()})
    return counts


def _tables(record: Record, number: int, found: Found) -> Counts:
    there = ~record.missing[:, number]
    tables = {}
    if len(record.rhythm) and np.isfinite(found.rhythm).all():
        tables[f"{RHYTHM}/{record.origin}"] = seconds_confusion(record.rhythm[there], found.second[there])
        tables[f"{EPISODES}/{record.origin}"] = seconds_confusion(record.rhythm[there], in_episodes(found, record)[there])
    readable = found.readable[there & ~record.noisy[:, number]] >= READABLE
    tables[f"{CLEAN}/{record.origin}"] = np.array([readable.sum(), len(readable)])
    if record.has_beats and not record.paced:
        table = confusion(PredictedBeats(record, found.sample, found.probabilities))
        tables |= {f"{BEATS}/{group}": table for group in groups(record)}
    return tables


def in_episodes(found: Found, record: Record) -> np.ndarray:
    """The rhythm of the episode that the server makes of each second, int (seconds,), UNREADABLE where there is none."""
    second = np.full(len(found.readable), UNREADABLE)
    # Of the annotation only what is said of seconds is looked at.
    annotation = Annotation(Beats(*(np.zeros(0),) * 4), found.readable, found.rhythm)
    for episode in episodes(annotation, RHYTHMS, record.seconds):
        second[int(episode.start_s) : int(np.ceil(episode.end_s))] = RHYTHMS.index(episode.rhythm)
    return second


def groups(record: Record) -> list[str]:
    """The database of a record, and of mitdb the half of the published split, without the record that dominates it too."""
    if record.origin != "mitdb":
        return [record.origin]
    half = "DS1" if record.name in DS1 else "DS2" if record.name in DS2 else "mitdb"
    return [half] if half != "DS2" or record.name == DOMINANT else [half, f"DS2 without {DOMINANT}"]


def lead_name(record: Record, lead: str, number: int) -> str:
    """What figures call a lead: MLII is of one name, whatever its number."""
    if USUAL_LEAD in record.leads:
        return USUAL_LEAD if lead == USUAL_LEAD else "other"
    return "other" if record.origin == "mitdb" else f"lead {number + 1}"


def figures(counts: Counts) -> dict[str, float]:
    """Of each database and lead the figures of beats, of rhythm by duration, false VF in minutes, and what is readable."""
    numbers: dict[str, float] = {}
    for key, table in counts.items():
        what, where = key.split("/", 1)
        if what == BEATS:
            of_beats = beat_figures(table)
            numbers |= {f"{where}: {name}": float(of_beats[name]) for name in SHOWN}
        elif what in (RHYTHM, EPISODES):
            how = "by duration" if what == RHYTHM else "by duration, of episodes"
            numbers |= {f"{where}: {name} {how}": float(value) for name, value in duration_figures(table).items()}
            wrong = table[:, VF].sum() - table[VF, VF]
            numbers[f"{where}: false VF {how}, minutes of {table.sum() / 3600:.1f} h"] = float(wrong / 60)
        elif what == CLEAN:
            numbers[f"{where}: readable of what is clean"] = float(table[0] / table[1])
    return numbers
