"""Requests of many rows, worked off a slice at a time so that they never hold the event loop for long."""

import asyncio
from collections.abc import Callable, Iterator
from typing import TypeVar

from server.errors import Overloaded

MOST_WAITING = 64

Piece = TypeVar("Piece")


class Bulk:
    """Takes one slice of one request a turn of the event loop, whoever's turn it is, and rows that come alone go first.

    There is one for rows and recordings of all models, so that a row alone waits for one slice at most.

    A thread would hold up the rows that come alone for longer: decoding keeps Python's lock, which is handed over on
    request only after milliseconds, and on a machine of one processor so does the kernel's scheduler with the network.
    """

    def __init__(self, rows_wait: Callable[[], bool]) -> None:
        """`rows_wait` says whether rows that came alone wait for the end of this turn."""
        self._rows_wait = rows_wait
        self._slot = asyncio.Lock()
        self._waiting = 0

    async def finish(self, work: Iterator[Piece]) -> list[Piece]:
        """All pieces of `work`, each a millisecond or less to make; raises Overloaded if too many requests wait."""
        if self._waiting == MOST_WAITING:
            raise Overloaded("too many requests of many rows are waiting, expected fewer at a time")
        self._waiting += 1
        try:
            pieces: list[Piece] = []
            while True:
                async with self._slot:
                    for piece in work:
                        pieces.append(piece)
                        break
                    else:
                        return pieces
                    await self._let_others()
        finally:
            self._waiting -= 1

    async def _let_others(self) -> None:
        """Read what has come from the network; if that was a row that came alone, let its turn pass."""
        await asyncio.sleep(0)
        if self._rows_wait():
            await asyncio.sleep(0)
