"""One recording annotated: read, each stretch between gaps run through the network, answers written."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from predict.recordings import files
from predict.recordings.files import ReadingOptions
from predict.recordings.outputs.output_files import OutputFiles
from predict.recordings.outputs.provenance import Origin, origin
from predict.recordings.outputs.stretches import lengths, stretches
from predict.recordings.report.findings import Findings
from predict.recordings.report.page import PageOptions
from predict.recordings.signal import BadRecording, Signal
from server.models import gaps, plausibility
from server.models.annotator import Annotation, Annotator, BadSignal, concatenate
from server.models.contract import AnnotationContract

Progress = Callable[[float, float], object]  # is given seconds of signal that were read, and seconds that were annotated


class Task(NamedTuple):
    """A recording, how to read it, where the answers go and how the page of them is written."""

    path: Path
    options: ReadingOptions
    output: OutputFiles
    page: PageOptions

    @property
    def settings(self) -> tuple[str | float | None, ...]:
        """What the answers depend on beside the file and the model."""
        return *self.options, *self.page.settings


class Report(NamedTuple):
    """What is to be printed of a recording: a line on standard output, and warnings on standard error; or its fault alone."""

    line: str
    warnings: Sequence[str] = ()
    fault: str = ""


class Annotated(NamedTuple):
    """A recording of which the answers are written."""

    signal: Signal
    annotation: Annotation
    report: Report


def annotate(task: Task, annotator: Annotator, progress: Progress) -> Annotated:
    """Read, annotate, write; raises BadRecording and OSError."""
    came_from = origin(task.path, task.settings, annotator.digest)  # first: what changes while it is read is done again
    signal = files.read(task.path, task.options)
    progress(len(signal.millivolts) / signal.sampling_rate_hz, 0.0)
    parts, bridged = gaps.split_at_gaps(signal.millivolts, signal.sampling_rate_hz)
    if not parts:
        raise BadRecording(f"{task.path}: expected numbers in the lead {signal.lead}, found none")
    annotation = _annotation(task, annotator, signal, parts, progress)
    notes = [*signal.notes]
    notes += [f"{bridged} missing samples bridged"] if bridged else []
    notes += [f"{len(parts)} stretches between longer gaps"] if len(parts) > 1 else []
    contract = annotator.contract
    warnings = plausibility.warnings(signal.millivolts, signal.sampling_rate_hz, annotation, contract.classes)
    return Annotated(signal, annotation, write(task, findings(signal, annotation, contract, warnings), came_from, notes))


def findings(signal: Signal, annotation: Annotation, contract: AnnotationContract, warnings: Sequence[str]) -> Findings:
    """The answers to a recording, from what the network says of it."""
    found = stretches(annotation, contract.rhythms, len(signal.millivolts) / signal.sampling_rate_hz)
    return Findings(signal, annotation, found, contract, warnings)


def write(task: Task, answers: Findings, came_from: Origin, notes: Sequence[str]) -> Report:
    """Write the answers; raises BadRecording and OSError."""
    notes = [*notes, *(["earlier answers replaced"] if task.output.is_there else [])]
    task.output.target.parent.mkdir(parents=True, exist_ok=True)
    task.output.write(answers, came_from, task.page)
    return Report(_line(task, answers, notes), answers.warnings)


def _annotation(
    task: Task, annotator: Annotator, signal: Signal, parts: Sequence[gaps.Segment], progress: Progress
) -> Annotation:
    found, rate = [], signal.sampling_rate_hz
    for part in parts:
        try:
            annotator.require(part.millivolts, rate)
        except BadSignal as error:
            raise BadRecording(f"{task.path}: {error}") from error
        pieces = []
        for piece in annotator.pieces(len(part.millivolts), rate):
            pieces.append(annotator.run(part.millivolts, rate, piece))
            progress(0.0, (piece.end - piece.start) / rate)
        found.append(concatenate(pieces))
    return gaps.join_segments(parts, found, len(signal.millivolts), rate)


def _line(task: Task, answers: Findings, notes: Sequence[str]) -> str:
    signal, beats, classes = answers.signal, answers.annotation.beats, answers.contract.classes
    counts = np.bincount(beats.predicted_class, minlength=len(classes))
    named = ", ".join(f"{count} {name}" for name, count in zip(classes, counts, strict=True))
    rhythm = f"; {lengths(answers.stretches)}" if answers.stretches else ""
    said = f" ({', '.join(notes)})" if notes else ""
    minutes = len(signal.millivolts) / signal.sampling_rate_hz / 60
    beside = "" if task.output.record == task.output.target else f" and {task.output.annotations.name}"
    written = f"{task.output.table}{beside}"
    return f"{task.path}: {minutes:.1f} min of lead {signal.lead}, {len(beats.sample)} beats: {named}{rhythm}{said}, in {written}"
