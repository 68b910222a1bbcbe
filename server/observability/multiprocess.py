"""Where the processes of one server keep what they count, so that each can tell of all."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SHARED_MEMORY = Path("/dev/shm")


def _path(pid: int) -> Path:
    return (SHARED_MEMORY if SHARED_MEMORY.is_dir() else Path(tempfile.gettempdir())) / f"ecg-{pid}"


@contextmanager
def counts_folder(pid: int) -> Iterator[None]:
    """Make the folder of the server whose first process is `pid`, and take it away at the end.

    Where nothing can be written there is none, and each process tells of itself alone.
    """
    path = _path(pid)
    shutil.rmtree(path, ignore_errors=True)  # Of an earlier process that had this number and was killed.
    try:
        path.mkdir(mode=0o700)
    except OSError:
        yield
        return
    try:
        yield
    finally:
        shutil.rmtree(path, ignore_errors=True)


def folder_of(pid: int | None) -> Path | None:
    """The folder of the server whose first process is `pid`, if there is one."""
    path = _path(pid or 0)
    return path if path.is_dir() else None
