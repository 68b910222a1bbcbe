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
from predict.recordings.files import ReadingOptions
from predict.recordings.outputs import output_names
from predict.recordings.outputs.output_files import OutputFiles
from predict.recordings.outputs.provenance import Origin, origin
from predict.recordings.outputs.tables import is_answer
from predict.recordings.signal import BadRecording
from server.models.annotator import Annotator

Answering = Callable[[Sequence[Task]], Iterator[tuple[Task, Report]]]


def annotate_all(inputs: Sequence[Path], options: ReadingOptions, annotator: Annotator, folder: Path, answers: Answering) -> bool:
    """Annotate the recordings in these files and folders that are not annotated yet; whether all could be.

    A line is printed for each, as `answers` gives it. Raises BadRecording if OUTPUT is no folder or no names are free in it,
    OSError if it cannot be written to.
    """
    if folder.exists() and not folder.is_dir():
        raise BadRecording(f"{folder}: expected a folder for the answers, this is a file")
    places, good = _found(inputs, folder)
    if options.lead is None and good:
        options = options._replace(lead=_asked([path for path, _ in places]))
    tasks, done = _tasks(places, options, annotator)
    for task in done:
        print(f"{task.path}: already done, in {task.output.table}")
    for task, report in answers(tasks):
        good &= _print_report(task.path, report)
    return good


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


def _tasks(places: Sequence[tuple[Path, Path]], options: ReadingOptions, annotator: Annotator) -> tuple[list[Task], list[Task]]:
    """What is to be done, and what is done already; files are read for that only where answers of their name are there."""

    @cache
    def origin_of(path: Path) -> Origin | None:
        try:
            return origin(path, options, annotator.digest)
        except OSError:  # told of when it is to be annotated
            return None

    def holder(target: Path, path: Path) -> str | None:
        output = OutputFiles(target)
        return output.holder(found) if output.is_there and (found := origin_of(path)) else None

    def is_done(task: Task) -> bool:
        found = origin_of(task.path) if task.output.is_there else None
        return found is not None and task.output.are_of(found)

    targets = output_names.targets(places, holder)
    tasks = [Task(path, options, OutputFiles(target)) for (path, _), target in zip(places, targets, strict=True)]
    done = [is_done(task) for task in tasks]
    return list(compress(tasks, map(not_, done))), list(compress(tasks, done))


def _print_report(path: Path, report: Report) -> bool:
    """The line of a recording and its warnings, or why it has none; whether it has."""
    if report.fault:
        print_error(report.fault)
        return False
    for warning in report.warnings:
        print_error(f"warning: {path}: {warning}")
    tqdm.write(report.line)
    return True
