"""How many live streams one core answers in time: `python -m bench.streams [STREAMS …]`.

Streams of 130 and 250 Hz send half a second at a time, each from another moment on, for longer than windows grow. Printed for
each number of streams: how many were opened and how many refused; how long after the packet with its R peak a beat came back
(p50, p95, p99, and the share within TARGET_S), and the processor time of the server for a second of one stream, both before
any rows are sent; then the p99 of single rows beside them, some hundreds a second, against that without streams.
The server has one core, the load another. Delays are worth something on a machine without other work only.
"""

import argparse
import asyncio
import json
import os
import re
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from bench.fixtures import Fixtures, prepare
from bench.load import LOAD_CORE, Server, offer, serving
from server.live.live_stream import SAME_BEAT_S
from train.recordings.data.synthetic import synthetic_recordings

STREAMS = (1, 50, 150, 200)
RATES_HZ = (130, 250)
PACKET_S, SECONDS, WARM_UP_S = 0.5, 75, 5
FULL_S = 45  # from then on all windows are as long as they become
ROWS_AT_S, ROWS_S = 62, 10
TARGET_S = 1.5
CONNECTIONS, PAUSE_MS = 8, 15


class Load:
    """What the clients of one run saw.

    delays  s, of each beat that came before rows were sent
    """

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.delays: list[float] = []
        self.opened = self.refused = 0

    def record(self, delay_s: float) -> None:
        """Keep how late a beat was."""
        if time.monotonic() - self.began < ROWS_AT_S:
            self.delays.append(delay_s)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(prog="python -m bench.streams", description=__doc__.split("\n\n")[0])
    parser.add_argument("streams", nargs="*", type=int, default=STREAMS)
    with TemporaryDirectory() as folder:
        measure(prepare(Path(folder)), parser.parse_args().streams)


def measure(fixtures: Fixtures, numbers: Sequence[int]) -> None:
    """Print the figures of these numbers of streams."""
    os.sched_setaffinity(0, {LOAD_CORE})
    drawn = [signal_of(seed, rate) for seed, rate in enumerate(RATES_HZ * 4)]
    with serving("server", ECG_ARTIFACT=str(fixtures.artifact)) as server:
        alone_us = rows_p99_us(server, fixtures)
        print(f"single rows alone: p99 {alone_us / 1000:.2f} ms")
        for number in numbers:
            load, share, beside_us = asyncio.run(run(server, fixtures, drawn, number))
            print(said(load, share, beside_us, alone_us), flush=True)


def signal_of(seed: int, rate_hz: int) -> tuple[np.ndarray, int]:
    """A drawn recording at this sampling rate."""
    drawn = synthetic_recordings(seed, recordings=1, seconds=2 * SECONDS)[0]
    at = np.arange(0, 2 * SECONDS - 1, 1 / rate_hz) * drawn.sampling_rate_hz
    return np.interp(at, np.arange(len(drawn.leads["I"])), drawn.leads["I"]).astype("<f4"), rate_hz


async def run(server: Server, fixtures: Fixtures, drawn: list[tuple[np.ndarray, int]], number: int) -> tuple[Load, float, float]:
    """So many streams; what share of a core the server took for full windows, and the p99 of rows beside them, in µs."""
    load = Load()
    streams = [asyncio.create_task(stream(server.port, *drawn[n % len(drawn)], n, load)) for n in range(number)]
    await asyncio.sleep(FULL_S)
    before = await asyncio.to_thread(processor_s, server.port)
    await asyncio.sleep(ROWS_AT_S - FULL_S)
    share = (await asyncio.to_thread(processor_s, server.port) - before) / (ROWS_AT_S - FULL_S)
    beside_us = await asyncio.to_thread(rows_p99_us, server, fixtures)
    await asyncio.gather(*streams)
    return load, share, beside_us


def rows_p99_us(server: Server, fixtures: Fixtures) -> float:
    """The p99 of single rows, some hundreds a second."""
    return offer(server, fixtures.one, CONNECTIONS, ROWS_S, pause_ms=PAUSE_MS).p99_us


async def stream(port: int, signal: np.ndarray, rate_hz: int, number: int, load: Load) -> None:
    """One stream, from another moment on than the others."""
    await asyncio.sleep(WARM_UP_S * (number * 0.618 % 1))
    try:
        async with connect(f"ws://127.0.0.1:{port}/stream?sampling_rate={rate_hz}", compression=None) as socket:
            load.opened += 1
            sent: list[tuple[int, float]] = []
            receiving = asyncio.create_task(receive(socket, rate_hz, sent, load))
            await send(socket, signal[rate_hz * (number % SECONDS) :], rate_hz, sent)
            await receiving
    except InvalidStatus:
        load.refused += 1


async def send(socket: ClientConnection, signal: np.ndarray, rate_hz: int, sent: list[tuple[int, float]]) -> None:
    """Packets of PACKET_S as they would come, and the end; `sent` keeps until which sample was sent when."""
    began, size = time.monotonic(), round(PACKET_S * rate_hz)
    for last in range(size, (SECONDS - WARM_UP_S) * rate_hz, size):
        await asyncio.sleep(began + last / rate_hz - time.monotonic())
        sent.append((last, time.monotonic()))
        await socket.send(signal[last - size : last].tobytes())
    await socket.send('{"end": true}')


async def receive(socket: ClientConnection, rate_hz: int, sent: list[tuple[int, float]], load: Load) -> None:
    """Messages until the stream is closed; keeps how late each beat was."""
    until = -rate_hz
    try:
        async for message in socket:
            now = time.monotonic()
            for beat in json.loads(message)["beats"]:
                if beat["sample"] > until + SAME_BEAT_S * rate_hz:
                    until = beat["sample"]
                    load.record(now - next(when for last, when in sent if last > until))
    except ConnectionClosed:
        return


def processor_s(port: int) -> float:
    """The processor time of the server so far."""
    text = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics").read().decode()
    return float(re.search(r"(?m)^process_cpu_seconds_total (\S+)", text)[1])


def said(load: Load, share: float, beside_us: float, alone_us: float) -> str:
    """The line of one number of streams."""
    p50, p95, p99 = np.quantile(load.delays, (0.5, 0.95, 0.99)) if load.delays else (np.nan,) * 3
    within, each_ms = np.mean(np.array(load.delays) <= TARGET_S), 1000 * share / max(1, load.opened)
    return (
        f"{load.opened} streams, {load.refused} refused: a beat after p50 {p50:.2f}, p95 {p95:.2f}, p99 {p99:.2f} s, "
        f"{100 * within:.1f} % within {TARGET_S} s; {each_ms:.1f} ms of processor time a second of one; "
        f"single rows beside: p99 {beside_us / 1000:.2f} ms, {beside_us / alone_us:.1f} times that without"
    )


if __name__ == "__main__":
    main()
