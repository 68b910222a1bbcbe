"""Recordings annotated: which of them are still to be done, and what is printed of each."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import compress
from operator import not_
from pathlib import Path

from tqdm import tqdm

from predict.messages import print_error
from predict.recordings import files
from predict.recordings.annotate import Report, Task
from predict.recordings.files import ALL_LEADS, ReadingOptions
from predict.recordings.leads.annotate_leads import are_done
from predict.recordings.outputs import output_names, summary
from predict.recordings.outputs.output_files import OutputFiles, remove_abandoned_drafts
from predict.recordings.outputs.provenance import Origin, origin
from predict.recordings.outputs.tables import is_answer
from predict.recordings.report.page import PageOptions
from predict.recordings.signal import BadRecording

Answering = Callable[[Sequence[Task]], Iterator[tuple[Task, Report]]]


def annotate_all(
    inputs: Sequence[Path], options: ReadingOptions, model: str, folder: Path, page: PageOptions, answers: Answering
) -> bool:
    """Annotate the recordings in these files and folders that are not annotated yet; whether all could be.

    model    the digest of the artifact that annotates them
    answers  annotates those that it is given

    A line is printed for each; where a folder was given, summary.csv has one for each that is annotated. Raises BadRecording if
    OUTPUT is no folder or no names are free in it, OSError if it cannot be written to.
    """
    if folder.exists() and not folder.is_dir():
        raise BadRecording(f"{folder}: expected a folder for the answers, this is a file")
    places, good = _found(inputs, folder)
    for inside in {inside for _, inside in places}:
        remove_abandoned_drafts(inside)
    if options.lead is None and good:
        options = options._replace(lead=_asked([path for path, _ in places]))
    tasks, done = _tasks(places, options, model, page)
    for task in done:
        print(f"{task.path}: already done, in {task.output.table}")
    answered = [task.output for task in done]
    for task, report in answers(tasks):
        if _print_report(task.path, report):
            answered.append(task.output)
    if any(path.is_dir() for path in inputs):
        summary.write(folder, answered)
    return good and len(answered) == len(places)


def _found(inputs: Sequence[Path], folder: Path) -> tuple[list[tuple[Path, Path]], bool]:
    """Each recording once with the folder of its answers: that of OUTPUT which lies as its own in INPUT; whether none was bad."""
    found: dict[str, tuple[Path, Path]] = {}
    good = True
    for path in inputs:
        try:
            for file, inside in files.found([path], folder):
                if not (path.is_dir() and is_answer(file)):
                    found.setdefault(os.path.realpath(file), (file, folder / inside))
        except BadRecording as error:
            good = False
            print_error(str(error))
        except OSError as error:
            good = False
            print_error(f"{path}: {error.strerror or error}")
    return list(found.values()), good


def _asked(paths: Sequence[Path]) -> str | None:
    """The lead that somebody at a terminal names, where the only file has several."""
    if len(paths) != 1 or not sys.stdin.isatty() or len(leads := files.leads(paths[0])) < 2:
        return None
    return input(f"{paths[0]} has the leads {', '.join(leads)}. Which? ").strip()


def _tasks(
    places: Sequence[tuple[Path, Path]], options: ReadingOptions, model: str, page: PageOptions
) -> tuple[list[Task], list[Task]]:
    """What is to be done, and what is done already; files are read for that only where answers of their name are there."""

    @cache
    def origin_of(path: Path) -> Origin | None:
        try:
            return origin(path, (*options, *page.settings), model)
        except OSError:  # told of when it is to be annotated
            return None

    def holder(target: Path, path: Path) -> str | None:
        output = OutputFiles(target)
        return output.holder(found) if output.is_there and (found := origin_of(path)) else None

    def is_done(task: Task) -> bool:
        found = origin_of(task.path) if task.output.is_there else None
        return found is not None and (are_done(task, found) if all_leads else task.output.are_of(found))

    all_leads = options.lead == ALL_LEADS
    endings = {path: _lead_endings(path) for path, _ in places} if all_leads else {}
    outputs = map(OutputFiles, output_names.targets(places, holder, endings))
    tasks = [Task(path, options, output, page) for (path, _), output in zip(places, outputs, strict=True)]
    done = [is_done(task) for task in tasks]
    return list(compress(tasks, map(not_, done))), list(compress(tasks, done))


def _lead_endings(path: Path) -> list[str]:
    try:
        return output_names.lead_endings(files.lead_choices(path))
    except (BadRecording, OSError, MemoryError):  # told of when it is to be annotated
        return []


def _print_report(path: Path, report: Report) -> bool:
    """The line of a recording and its warnings, or why it has none; whether it has."""
    if report.fault:
        print_error(report.fault)
        return False
    for warning in report.warnings:
        print_error(f"warning: {path}: {warning}")
    tqdm.write(report.line)
    return True
