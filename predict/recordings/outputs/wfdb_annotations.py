"""The answers to a recording as WFDB annotations, with PhysioNet's codes: https://archive.physionet.org/physiobank/annotations.shtml."""

from collections.abc import Iterator, Sequence
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

import numpy as np
import wfdb

from predict.recordings.outputs.stretches import UNREADABLE, Stretch
from predict.recordings.signal import Signal
from server.models.annotator import Beats
from server.models.contract import AnnotationContract

ANNOTATOR = "ecg"  # the ending of a WFDB annotation file: wfdb.rdann(NAME, "ecg")
NOTE, RHYTHM, QUALITY, VF_BEGINS, VF_ENDS = '"', "+", "~", "[", "]"
FIRST = 1  # the first sample that anything but a beat is put at: at 0 wfdb.rdann leaves texts out
LONGEST_NOTE = 255  # letters, each of one byte
BEGINS_UNREADABLE, ENDS_UNREADABLE = -1, 0  # subtypes of QUALITY, as in mitdb and cudb
VF = "VF"
# What PhysioNet calls the rhythms. Other rhythms have no code in its list: O is their label in its challenge of 2017.
RHYTHM_CODES = {"N": "(N", "AF": "(AFIB", "O": "(O", VF: "(VFL"}


class Mark(NamedTuple):
    """One annotation."""

    sample: int
    symbol: str
    subtype: int = 0
    text: str = ""


def write(
    record: Path,
    signal: Signal,
    beats: Beats,
    stretches: Sequence[Stretch],
    contract: AnnotationContract,
    warnings: Sequence[str],
) -> None:
    """One annotation a beat and a change of rhythm or quality, before them each warning; the first says lead and model."""
    names = [contract.classes[number] for number in beats.predicted_class]
    notes = [*warnings]
    if not notes and not names:
        notes = ["no beat"]  # a WFDB annotation file holds at least one annotation
    if not notes and stretches:
        notes = [""]  # the first annotation is not to be a rhythm's, whose text is a code
    marks = [Mark(FIRST, NOTE, text=note) for note in notes]
    marks += [mark for one in stretches for mark in _changes(one, signal)]
    marks += [Mark(int(sample), name) for sample, name in zip(beats.sample, names, strict=True)]
    marks.sort(key=attrgetter("sample"))
    said = "; ".join(text for text in (f"{signal.lead}, ecg {contract.version}", marks[0].text) if text)
    marks[0] = marks[0]._replace(text=said)
    wfdb.wrann(
        *(record.name, ANNOTATOR, np.array([mark.sample for mark in marks]), [mark.symbol for mark in marks]),
        subtype=np.array([mark.subtype for mark in marks]),
        aux_note=[mark.text.encode("latin-1", "replace")[:LONGEST_NOTE].decode("latin-1") for mark in marks],
        fs=signal.sampling_rate_hz,
        write_dir=str(record.parent),
    )


def _changes(stretch: Stretch, signal: Signal) -> Iterator[Mark]:
    """Where a stretch begins and, of what has an end of its own, where it ends."""
    last = len(signal.millivolts) - 1
    begin, end = (min(last, max(FIRST, round(second * signal.sampling_rate_hz))) for second in stretch[:2])
    if stretch.rhythm == UNREADABLE:
        yield Mark(begin, QUALITY, BEGINS_UNREADABLE)
        yield Mark(end, QUALITY, ENDS_UNREADABLE)
        return
    yield Mark(begin, RHYTHM, text=RHYTHM_CODES.get(stretch.rhythm, f"({stretch.rhythm}"))
    if stretch.rhythm == VF:
        yield Mark(begin, VF_BEGINS)
        yield Mark(end, VF_ENDS)
