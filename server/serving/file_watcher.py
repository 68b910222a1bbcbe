"""Polls files and reloads those that were replaced while the server runs."""

import asyncio
from pathlib import Path
from typing import Protocol

POLL_S = 0.1


class WatchedFile(Protocol):
    """Something that is loaded from a file and can be reloaded.

    path      of the file
    identity  what `file_identity` gave when it was last loaded
    """

    path: Path
    identity: object

    async def reload(self) -> None:
        """Load the file as it is now, and keep its identity; never raises for a bad file."""


async def watch_files(*files: WatchedFile) -> None:
    """Reload each file whose identity has changed, until cancelled."""
    while True:
        await asyncio.sleep(POLL_S)
        for file in files:
            if file_identity(file.path) != file.identity:
                await file.reload()


def file_identity(path: Path) -> object:
    """Device, inode, size and modification time: differs if the file was replaced or changed; None if there is none."""
    try:
        state = path.stat()
    except OSError:
        return None
    return state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns
