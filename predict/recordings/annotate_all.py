"""Recordings annotated on this machine, as many at a time as it has processors."""

import os
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from functools import cache
from itertools import compress
from operator import not_
from pathlib import Path

from tqdm import tqdm

from predict.messages import print_error
from predict.recordings import files
from predict.recordings.annotate import Report, Task, annotate
from predict.recordings.annotate_leads import annotate_leads, are_done
from predict.recordings.files import ALL_LEADS, ReadingOptions
from predict.recordings.outputs import output_names, summary
from predict.recordings.outputs.output_files import OutputFiles
from predict.recordings.outputs.provenance import Origin, origin
from predict.recordings.outputs.tables import is_answer
from predict.recordings.report.page import PageOptions
from predict.recordings.signal import BadRecording
from server.models.annotator import Annotator


def annotate_all(inputs: Sequence[Path], options: ReadingOptions, annotator: Annotator, folder: Path, page: PageOptions) -> bool:
    """Annotate the recordings in these files and folders that are not annotated yet; whether all could be.

    A line is printed for each; where a folder was given, summary.csv has one for each that is annotated. Raises BadRecording if
    OUTPUT is no folder or no names are free in it, OSError if it cannot be written to.
    """
    if folder.exists() and not folder.is_dir():
        raise BadRecording(f"{folder}: expected a folder for the answers, this is a file")
    places, good = _found(inputs, folder)
    if options.lead is None and good:
        options = options._replace(lead=_asked([path for path, _ in places]))
    tasks, done = _tasks(places, options, annotator, page)
    for task in done:
        print(f"{task.path}: already done, in {task.output.table}")
    answered = [task.output for task in done]
    pool = ThreadPoolExecutor(min(len(tasks), os.cpu_count() or 1) or 1)
    try:
        with tqdm(total=0, unit="s of signal", unit_scale=True, disable=None) as bar:
            futures = {pool.submit(_answer, task, bar): task for task in tasks}
            for future in as_completed(futures):
                task = futures[future]
                if _print_result(task.path, future.result, bar):
                    answered.append(task.output)
    finally:
        pool.shutdown(cancel_futures=True)
    if any(path.is_dir() for path in inputs):
        summary.write(folder, answered)
    return good and len(answered) == len(places)


def _answer(task: Task, bar: "tqdm[None]") -> Report:
    return annotate_leads(task, bar) if task.options.lead == ALL_LEADS else annotate(task, bar).report


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
    places: Sequence[tuple[Path, Path]], options: ReadingOptions, annotator: Annotator, page: PageOptions
) -> tuple[list[Task], list[Task]]:
    """What is to be done, and what is done already; files are read for that only where answers of their name are there."""

    @cache
    def origin_of(path: Path) -> Origin | None:
        try:
            return origin(path, (*options, *page.settings), annotator.digest)
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
    tasks = [Task(path, options, annotator, output, page) for (path, _), output in zip(places, outputs, strict=True)]
    done = [is_done(task) for task in tasks]
    return list(compress(tasks, map(not_, done))), list(compress(tasks, done))


def _lead_endings(path: Path) -> list[str]:
    try:
        return output_names.lead_endings(files.lead_choices(path))
    except (BadRecording, OSError, MemoryError):  # told of when it is to be annotated
        return []


def _print_result(path: Path, result: Callable[[], Report], bar: "tqdm[None]") -> bool:
    """The line of a recording, or why it has none: one bad file never stops the others."""
    try:
        report = result()
    except Exception as error:
        print_error(_sentence(path, error))
        return False
    for warning in report.warnings:
        print_error(f"warning: {path}: {warning}")
    bar.write(report.line)
    return True


def _sentence(path: Path, error: Exception) -> str:
    if isinstance(error, BadRecording):
        return str(error)
    if isinstance(error, OSError):
        return f"{error.filename or path}: {error.strerror or error}"
    if isinstance(error, MemoryError):
        return f"{path}: expected a recording that fits into memory"
    # What the libraries that read and draw raise for a damaged file is in no list.
    return f"{path}: cannot be annotated, an unexpected {type(error).__name__} in {_raised_in(error)}"


def _raised_in(error: Exception) -> str:
    frame = error.__traceback__
    while frame and frame.tb_next:
        frame = frame.tb_next
    return f"{Path(frame.tb_frame.f_code.co_filename).name}, line {frame.tb_lineno}" if frame else "an unknown place"
