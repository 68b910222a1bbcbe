"""How many live streams one core answers in time: `python -m bench.streams [STREAMS …]`.

Streams of 130 and 250 Hz send half a second at a time, each from another moment on, for longer than windows grow: the records
of `../shared/data/mitdb` (or of the folder in ECG_REAL_DATA), drawn ones where they are not there. Printed for each number of
streams: how many were opened and how many refused; how long after its R peak a beat came back (p50, p95, p99, and the share
within TARGET_S), and the processor time of the server for a second of one stream, both before any rows are sent; then the p99
of single rows beside them, some hundreds a second, against that without streams, measured before and after.
The server has one core, the load another. Delays are worth something on a machine without other work only.
"""

import argparse
import asyncio
import os
import re
import sys
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from bench.fixtures import Fixtures, prepare
from bench.load import LOAD_CORE, Server, can_measure, offer, serving
from bench.stream_clients import ROWS_AT_S, Seen, Signal, signals, stream

STREAMS = (1, 50, 150, 200)
FULL_S = 45  # from then on all windows are as long as they become
ROWS_S = 10
TARGET_S = 1.5
CONNECTIONS, PAUSE_MS = 8, 15


def main() -> int:
    """Print the figures; 2 if something they need is missing."""
    parser = argparse.ArgumentParser(prog="python -m bench.streams", description=__doc__.split("\n\n")[0])
    parser.add_argument("streams", nargs="*", type=int, default=STREAMS)
    numbers = parser.parse_args().streams
    if not can_measure():
        return 2
    with TemporaryDirectory() as folder:
        measure(prepare(Path(folder)), numbers)
    return 0


def measure(fixtures: Fixtures, numbers: Sequence[int]) -> None:
    """Print the figures of these numbers of streams."""
    os.sched_setaffinity(0, {LOAD_CORE})
    played = signals()
    with serving("server", ECG_ARTIFACT=str(fixtures.artifact)) as server:
        for number in numbers:
            before_us = rows_p99_us(server, fixtures)
            seen, share, beside_us = asyncio.run(run(server, fixtures, played, number))
            alone_us = (before_us + rows_p99_us(server, fixtures)) / 2
            print(said(seen, share, beside_us, alone_us), flush=True)


async def run(server: Server, fixtures: Fixtures, played: list[Signal], number: int) -> tuple[Seen, float, float]:
    """So many streams; what share of a core the server took for full windows, and the p99 of rows beside them, in µs."""
    seen = Seen()
    streams = [asyncio.create_task(stream(server.port, *played[n % len(played)], n, seen)) for n in range(number)]
    await asyncio.sleep(FULL_S)
    before = await asyncio.to_thread(processor_s, server.port)
    await asyncio.sleep(ROWS_AT_S - FULL_S)
    share = (await asyncio.to_thread(processor_s, server.port) - before) / (ROWS_AT_S - FULL_S)
    beside_us = await asyncio.to_thread(rows_p99_us, server, fixtures)
    await asyncio.gather(*streams)
    return seen, share, beside_us


def rows_p99_us(server: Server, fixtures: Fixtures) -> float:
    """The p99 of single rows, some hundreds a second."""
    return offer(server, fixtures.one, CONNECTIONS, ROWS_S, pause_ms=PAUSE_MS).p99_us


def processor_s(port: int) -> float:
    """The processor time of the server so far."""
    text = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics").read().decode()
    return float(re.search(r"(?m)^process_cpu_seconds_total (\S+)", text)[1])


def said(seen: Seen, share: float, beside_us: float, alone_us: float) -> str:
    """The line of one number of streams."""
    p50, p95, p99 = np.quantile(seen.delays, (0.5, 0.95, 0.99)) if seen.delays else (np.nan,) * 3
    within, each_ms = np.mean(np.array(seen.delays) <= TARGET_S), 1000 * share / max(1, seen.opened)
    return (
        f"{seen.opened} streams, {seen.refused} refused: a beat p50 {p50:.2f}, p95 {p95:.2f}, p99 {p99:.2f} s after its R peak, "
        f"{100 * within:.1f} % of {len(seen.delays):,} within {TARGET_S} s; {each_ms:.1f} ms of processor time a second of one; "
        f"single rows beside: p99 {beside_us / 1000:.2f} ms, {beside_us / alone_us:.1f} times the {alone_us / 1000:.2f} without"
    )


if __name__ == "__main__":
    sys.exit(main())
