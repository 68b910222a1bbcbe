"""Time slicing: long requests run in slices, interleaved with each other and with the rest of the event loop."""

import asyncio
from collections.abc import Iterator

import pytest

from server.errors import Overloaded
from server.serving import time_slicing
from server.serving.time_slicing import AVERAGED, TimeSlicer


def no_rows() -> bool:
    """No micro-batch is scheduled."""
    return False


def slices(name: str, count: int, log: list[str]) -> Iterator[str]:
    """Work of that many slices, which notes when each is done."""
    for number in range(count):
        log.append(name)
        yield f"{name}{number}"


def test_slices_of_requests_are_interleaved() -> None:
    """One slice per iteration of the event loop, in turn; each request gets all of its own."""
    log: list[str] = []

    async def others() -> None:
        while len(log) - log.count("-") < 9:
            log.append("-")
            await asyncio.sleep(0)

    async def run() -> list[list[str]]:
        slicer = TimeSlicer(no_rows, max_wait_s=1)
        *found, _ = await asyncio.gather(*(slicer.run(slices(name, 3, log)) for name in "abc"), others())
        return found

    assert asyncio.run(run()) == [["a0", "a1", "a2"], ["b0", "b1", "b2"], ["c0", "c1", "c2"]]
    done = "".join(log)
    assert done.replace("-", "")[:3] == "abc"
    for pair in ("ab", "bc", "ca", "aa", "bb", "cc"):
        assert pair not in done


def test_what_would_wait_too_long_is_refused(monkeypatch) -> None:
    """Requests of 0.1 s, and 1 s to wait: the twelfth is refused; when others are done, or have failed, the next is accepted."""
    clock = [0.0]
    monkeypatch.setattr(time_slicing, "perf_counter", lambda: clock[0])

    def slow(last: str = "done") -> Iterator[str]:
        clock[0] += 0.1
        yield "slow"
        if last == "bad":
            raise ValueError("bad")

    async def run() -> None:
        slicer = TimeSlicer(no_rows, max_wait_s=1)
        for _ in range(10 * AVERAGED):
            await slicer.run(slow())
        waiting = [asyncio.create_task(slicer.run(slow())) for _ in range(10)]
        failing = asyncio.create_task(slicer.run(slow("bad")))
        await asyncio.sleep(0)

        with pytest.raises(Overloaded):
            await slicer.run(slow())

        assert await asyncio.gather(*waiting) == [["slow"]] * 10
        with pytest.raises(ValueError, match="bad"):
            await failing
        assert await slicer.run(slow()) == ["slow"]

    asyncio.run(run())
