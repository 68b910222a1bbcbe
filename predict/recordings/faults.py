"""Why a recording has no answers, in one sentence that holds nothing of what is in it."""

from pathlib import Path

from predict.recordings.signal import BadRecording


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
