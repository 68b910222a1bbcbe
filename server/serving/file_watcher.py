"""Files that may be replaced while the server runs."""

import asyncio
from pathlib import Path
from typing import Protocol

WATCH_S = 0.1


class Watched(Protocol):
    """What is made from a file, and made anew from another one."""

    path: Path
    seen: object

    async def load(self) -> None:
        """Take up the file as it is now, and remember its identity as seen."""


async def watch(*things: Watched) -> None:
    """Look at the files again and again."""
    while True:
        await asyncio.sleep(WATCH_S)
        for thing in things:
            if identity(thing.path) != thing.seen:
                await thing.load()


def identity(path: Path) -> object:
    """Of the file, which another one or a change in it does not have; None if there is none."""
    try:
        state = path.stat()
    except OSError:
        return None
    return state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns
