"""Many requests of many rows at once."""

import asyncio
from collections.abc import Iterator

import pytest

from server.errors import Overloaded
from server.serving.time_slicing import MAX_WAITING, TimeSlicer


def nobody_alone() -> bool:
    """No row waits."""
    return False


def slices(name: str, count: int, log: list[str]) -> Iterator[str]:
    """Work of that many slices, which notes when each is done."""
    for number in range(count):
        log.append(name)
        yield f"{name}{number}"


def test_requests_take_turns_and_others_come_between() -> None:
    """One slice a turn of the event loop, whoever's it is, and each request gets all of its own."""
    log: list[str] = []

    async def others() -> None:
        while len(log) - log.count("-") < 9:
            log.append("-")
            await asyncio.sleep(0)

    async def run() -> list[list[str]]:
        slicer = TimeSlicer(nobody_alone)
        *found, _ = await asyncio.gather(*(slicer.run(slices(name, 3, log)) for name in "abc"), others())
        return found

    assert asyncio.run(run()) == [["a0", "a1", "a2"], ["b0", "b1", "b2"], ["c0", "c1", "c2"]]
    done = "".join(log)
    assert done.replace("-", "")[:3] == "abc"
    for pair in ("ab", "bc", "ca", "aa", "bb", "cc"):
        assert pair not in done


def test_what_waits_is_bounded_and_the_bound_is_given_back() -> None:
    """One too many is refused at once; when others are done, or have failed, there is room again."""

    def bad() -> Iterator[str]:
        yield "good"
        raise ValueError("bad")

    async def run() -> None:
        slicer = TimeSlicer(nobody_alone)
        waiting = [asyncio.create_task(slicer.run(slices("a", 2, []))) for _ in range(MAX_WAITING - 1)]
        failing = asyncio.create_task(slicer.run(bad()))
        await asyncio.sleep(0)

        with pytest.raises(Overloaded):
            await slicer.run(slices("b", 1, []))

        await asyncio.gather(*waiting)
        with pytest.raises(ValueError, match="bad"):
            await failing
        assert await slicer.run(slices("c", 1, [])) == ["c0"]

    asyncio.run(run())
