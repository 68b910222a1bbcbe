"""Archives answered: which parts of them are still to be done, and what is printed of each file."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from tqdm import tqdm

from predict.messages import print_error
from predict.rows.archive import BadArchive
from predict.rows.file_pairs import pairs
from predict.rows.resumable_parts import Part, Task
from server.models.classifier import Classifier

Answering = Callable[[Sequence[Part]], Iterator[tuple[Part, str]]]


def answer_all(source: Path, target: Path, model: Classifier, answers: Answering) -> bool:
    """Answer each file that is not answered yet, part by part; whether all could be.

    answers  answers those parts that it is given: each, with "", or with the sentence on why it cannot be
    """
    found = pairs(source, target)
    tasks = [task for pair in found if (task := _task(*pair, model))]
    left = [task for task in tasks if not task.is_done]
    for task in (task for task in tasks if task.is_done):
        print(f"{task.target}: already done")
    for task in left:
        task.prepare()
    parts = [part for task in left for part in task.parts]
    waiting = [part for part in parts if not part.is_done]
    if len(waiting) < len(parts):
        print(f"{len(parts) - len(waiting)} of {len(parts)} parts are done already")
    with tqdm(total=sum(part.size for part in parts), unit="B", unit_scale=True, disable=None) as bar:
        bar.update(sum(part.size for part in parts) - sum(part.size for part in waiting))
        try:
            joined = sum(_join(task, bar) for task in _whole(left, answers(waiting), bar))
        finally:
            for task in left:
                task.discard_draft()
    return len(found) - len(tasks) == 0 and joined == len(left)


def _task(source: Path, target: Path, model: Classifier) -> Task | None:
    """What is to be done for one file; None, and a line, if it cannot be."""
    try:
        task = Task(source, target, model)
        task.require_own_target()
    except BadArchive as error:
        print_error(str(error))
    except OSError as error:
        print_error(f"{error.filename or source}: {error.strerror or error}")
    else:
        return task
    return None


def _whole(tasks: list[Task], answered: Iterator[tuple[Part, str]], bar: "tqdm[None]") -> Iterator[Task]:
    """Each task, once all its parts are there; of one that has a bad part, a line."""
    missing = {task: {part.answers for part in task.parts if not part.is_done} for task in tasks}
    owners = {part.answers: task for task in tasks for part in task.parts}
    failed = set()
    yield from (task for task in tasks if not missing[task])
    for part, fault in answered:
        bar.update(part.size)
        task = owners[part.answers]
        missing[task].discard(part.answers)
        fault = fault or _join_ahead(task)
        if fault and task not in failed:
            failed.add(task)
            print_error(fault)
        if not missing[task] and task not in failed:
            yield task


def _join_ahead(task: Task) -> str:
    """Join what is answered of a task: "", or the sentence on why that cannot be."""
    try:
        task.join_ahead()
    except BadArchive as error:
        return str(error)
    except OSError as error:
        return f"{task.target}: {error.strerror or error}"
    return ""


def _join(task: Task, bar: "tqdm[None]") -> bool:
    try:
        rows, unanswered = task.join()
    except BadArchive as error:
        print_error(str(error))
        return False
    except OSError as error:
        print_error(f"{task.target}: {error.strerror or error}")
        return False
    bar.write(f"{task.target}: {rows} rows" + (f", {unanswered} without an answer: not finite" if unanswered else ""))
    return True
