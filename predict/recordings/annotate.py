"""One recording annotated: read, each stretch between gaps run through the network, answers written."""

from collections.abc import Callable, Iterator, Sequence
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
from server.models.pieces import Piece

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


class Share(NamedTuple):
    """The pieces from `start` to `stop`, as shares of 1, of all pieces of a recording."""

    start: float = 0.0
    stop: float = 1.0


class Cut(NamedTuple):
    """A recording that was read and cut: at its gaps into segments, of which each is annotated in overlapping pieces."""

    signal: Signal
    segments: Sequence[gaps.Segment]
    interpolated: int
    pieces: Sequence[tuple[int, Piece]]  # of which segment, and where in it


def annotate(task: Task, annotator: Annotator, progress: Progress) -> Annotated:
    """Read, annotate, write; raises BadRecording and OSError."""
    came_from = origin(task.path, task.settings, annotator.digest)  # first: what changes while it is read is done again
    cut = read(task, annotator)
    progress(len(cut.signal.millivolts) / cut.signal.sampling_rate_hz, 0.0)
    return finish(task, annotator, came_from, cut, list(run(cut, annotator, Share(), progress)))


def read(task: Task, annotator: Annotator) -> Cut:
    """One lead of a recording, cut; raises BadRecording and OSError."""
    signal = files.read(task.path, task.options)
    segments, interpolated = gaps.split_at_gaps(signal.millivolts, signal.sampling_rate_hz)
    if not segments:
        raise BadRecording(f"{task.path}: expected numbers in the lead {signal.lead}, found none")
    pieces = []
    for number, segment in enumerate(segments):
        try:
            annotator.require(segment.millivolts, signal.sampling_rate_hz)
        except BadSignal as error:
            raise BadRecording(f"{task.path}: {error}") from error
        pieces += [(number, piece) for piece in annotator.pieces(len(segment.millivolts), signal.sampling_rate_hz)]
    return Cut(signal, segments, interpolated, pieces)


def run(cut: Cut, annotator: Annotator, share: Share, progress: Progress) -> Iterator[Annotation]:
    """What is said of a share of the pieces, in their order."""
    rate = cut.signal.sampling_rate_hz
    first, last = (round(border * len(cut.pieces)) for border in share)
    for number, piece in cut.pieces[first:last]:
        yield annotator.run(cut.segments[number].millivolts, rate, piece)
        progress(0.0, (piece.end - piece.start) / rate)


def finish(task: Task, annotator: Annotator, came_from: Origin, cut: Cut, annotations: Sequence[Annotation]) -> Annotated:
    """Join what is said of all pieces, and write the answers; raises BadRecording and OSError."""
    signal, contract = cut.signal, annotator.contract
    annotation = _joined(cut, annotations)
    notes = [*signal.notes]
    notes += [f"{cut.interpolated} missing samples bridged"] if cut.interpolated else []
    notes += [f"{len(cut.segments)} stretches between longer gaps"] if len(cut.segments) > 1 else []
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


def _joined(cut: Cut, annotations: Sequence[Annotation]) -> Annotation:
    of_segments: list[list[Annotation]] = [[] for _ in cut.segments]
    for (number, _), annotation in zip(cut.pieces, annotations, strict=True):
        of_segments[number].append(annotation)
    whole = [concatenate(pieces) for pieces in of_segments]
    return gaps.join_segments(cut.segments, whole, len(cut.signal.millivolts), cut.signal.sampling_rate_hz)


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
