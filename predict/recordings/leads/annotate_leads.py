"""Every lead of a recording annotated, and what they say together: NAME.LEAD.csv … of each lead, NAME.csv … of the consensus."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from predict.recordings import files
from predict.recordings.annotate import Progress, Report, Task, annotate, findings, write
from predict.recordings.leads.consensus import consensus
from predict.recordings.outputs.output_files import OutputFiles
from predict.recordings.outputs.output_names import lead_endings, of_lead
from predict.recordings.outputs.provenance import Origin, origin
from predict.recordings.signal import BadRecording, Signal
from server.models.annotator import READABLE, Annotation, Annotator


class Lead(NamedTuple):
    """What is said of a lead; its signal is not kept."""

    task: Task
    annotation: Annotation
    samples: int
    sampling_rate_hz: float


def annotate_leads(task: Task, annotator: Annotator, progress: Progress) -> Report:
    """Annotate all leads one after another, then write the consensus; raises BadRecording if none can be, and OSError."""
    came_from = origin(task.path, task.settings, annotator.digest)
    leads, warnings = [], []
    for one in lead_tasks(task):
        try:
            signal, annotation, report = annotate(one, annotator, progress)
        except BadRecording as error:
            warnings.append(f"lead {one.options.lead} is left out: {str(error).removeprefix(f'{task.path}: ')}")
            continue
        leads.append(Lead(one, annotation, len(signal.millivolts), signal.sampling_rate_hz))
        warnings += [f"lead {one.options.lead}: {warning}" for warning in report.warnings]
    if not leads:
        raise BadRecording(f"{task.path}: expected a lead that can be annotated; {warnings[0]}")
    signal, annotation, notes = _consensus_of(task, leads)
    return write(task, findings(signal, annotation, annotator.contract, warnings), came_from, notes)


def lead_tasks(task: Task) -> Iterator[Task]:
    """The task of each lead of a recording; raises BadRecording and OSError."""
    choices = files.lead_choices(task.path)
    for choice, ending in zip(choices, lead_endings(choices), strict=True):
        output = OutputFiles(of_lead(task.output.target, ending))
        yield task._replace(options=task.options._replace(lead=choice), output=output)


def are_done(task: Task, came_from: Origin) -> bool:
    """Whether the consensus, which is written last, is there, and no lead's answers were changed since."""
    if not task.output.are_of(came_from):
        return False
    leads = (one for one in lead_tasks(task) if one.output.is_there)
    return all(one.output.are_of(came_from._replace(options=one.settings)) for one in leads)


def _consensus_of(task: Task, leads: Sequence[Lead]) -> tuple[Signal, Annotation, list[str]]:
    """The lead of which most is readable, the consensus of those of its sampling rate, and what is to be noted."""
    best = max(leads, key=_readable)
    alike = [one for one in leads if one[2:] == best[2:]]
    annotation = consensus([one.annotation for one in alike], best.samples, best.sampling_rate_hz)
    signal = replace(files.read(task.path, best.task.options), lead=f"consensus of {len(alike)}")
    notes = [f"drawn over lead {best.task.options.lead}", f"each lead in {Path(task.output.target.name)}.LEAD.csv"]
    notes += [f"{len(leads) - len(alike)} leads of another sampling rate left out"] if len(alike) < len(leads) else []
    return signal, annotation, notes


def _readable(lead: Lead) -> float:
    readable = lead.annotation.readable
    return 1.0 if readable is None else float(np.mean(readable >= READABLE))
