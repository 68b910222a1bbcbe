"""Counters of several worker processes: a folder in shared memory with one file per process, so that each can sum up all."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SHARED_MEMORY = Path("/dev/shm")


def _path(parent_pid: int) -> Path:
    return (SHARED_MEMORY if SHARED_MEMORY.is_dir() else Path(tempfile.gettempdir())) / f"ecg-{parent_pid}"


@contextmanager
def shared_counters_folder(parent_pid: int) -> Iterator[None]:
    """Create the folder of the server whose first process is `parent_pid`; delete it on exit.

    Where it cannot be created, each process counts for itself.
    """
    path = _path(parent_pid)
    shutil.rmtree(path, ignore_errors=True)  # Left behind by a killed process that had the same ID.
    try:
        path.mkdir(mode=0o700)
    except OSError:
        yield
        return
    try:
        yield
    finally:
        shutil.rmtree(path, ignore_errors=True)


def find_counters_folder(parent_pid: int | None) -> Path | None:
    """The folder of the server whose first process is `parent_pid`, if there is one."""
    path = _path(parent_pid or 0)
    return path if path.is_dir() else None
