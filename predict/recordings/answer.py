"""One recording answered: what is to be printed of it, or why it has no answers, in a sentence that holds nothing of it."""

from pathlib import Path

from predict.recordings.annotate import Progress, Report, Task, annotate
from predict.recordings.files import ALL_LEADS
from predict.recordings.leads.annotate_leads import annotate_leads
from predict.recordings.signal import BadRecording
from server.models.annotator import Annotator


def answer(task: Task, annotator: Annotator, progress: Progress) -> Report:
    """Read, annotate, write; what is wrong with a recording is reported, not raised: one bad file never stops the others."""
    try:
        if task.options.lead == ALL_LEADS:
            return annotate_leads(task, annotator, progress)
        return annotate(task, annotator, progress).report
    except Exception as error:
        return Report("", fault=sentence(task.path, error))


def sentence(path: Path, error: Exception) -> str:
    """What is said of a recording that cannot be annotated."""
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
