"""Clients of `WS /stream` that send as a device would, and what they saw."""

import asyncio
import json
import time
from pathlib import Path

import numpy as np
import wfdb
from scipy.signal import resample_poly
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from bench.report import MITDB
from server.live.live_stream import SAME_BEAT_S
from train.recordings.data.synthetic import synthetic_recordings

RATES_HZ = (130, 250)
PACKET_S, SECONDS, WARM_UP_S = 0.5, 75, 5
ROWS_AT_S = 62  # from when on delays are not kept

Signal = tuple[np.ndarray, int]  # float32 (samples,) in mV, and its sampling rate, Hz


class Seen:
    """What the clients of one run saw.

    delays  s, of each beat that came before rows were sent: from its R peak to the message that first says it
    """

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.delays: list[float] = []
        self.opened = self.refused = 0

    def record(self, delay_s: float) -> None:
        """Keep how late a beat was."""
        if time.monotonic() - self.began < ROWS_AT_S:
            self.delays.append(delay_s)


def signals() -> list[Signal]:
    """The first lead of each record of mitdb, at one of RATES_HZ and at the other; drawn ones where it is not there."""
    paths = [path.with_suffix("") for path in sorted(MITDB.glob("*.hea"))]
    at_360 = [_read(path) for path in paths] or [_drawn(seed) for seed in range(8)]
    return [(resample_poly(one, rate, 360).astype("<f4"), rate) for rate in RATES_HZ for one in at_360]


def _read(path: Path) -> np.ndarray:
    return wfdb.rdrecord(str(path), sampto=2 * SECONDS * 360, channels=[0]).p_signal[:, 0]


def _drawn(seed: int) -> np.ndarray:
    drawn = synthetic_recordings(seed, recordings=1, seconds=2 * SECONDS)[0]
    at = np.arange(0, 2 * SECONDS - 1, 1 / 360) * drawn.sampling_rate_hz
    return np.interp(at, np.arange(len(drawn.leads["I"])), drawn.leads["I"])


async def stream(port: int, signal: np.ndarray, rate_hz: int, number: int, seen: Seen) -> None:
    """One stream, from another moment on than the others."""
    await asyncio.sleep(WARM_UP_S * (number * 0.618 % 1))
    try:
        async with connect(f"ws://127.0.0.1:{port}/stream?sampling_rate={rate_hz}", compression=None) as socket:
            seen.opened += 1
            receiving = asyncio.create_task(_receive(socket, rate_hz, time.monotonic(), seen))
            await _send(socket, signal[rate_hz * (number % SECONDS) :], rate_hz)
            await receiving
    except InvalidStatus:
        seen.refused += 1


async def _send(socket: ClientConnection, signal: np.ndarray, rate_hz: int) -> None:
    """Packets of PACKET_S as they would come, and the end."""
    began, size = time.monotonic(), round(PACKET_S * rate_hz)
    for last in range(size, (SECONDS - WARM_UP_S) * rate_hz, size):
        await asyncio.sleep(began + last / rate_hz - time.monotonic())
        await socket.send(signal[last - size : last].tobytes())
    await socket.send('{"end": true}')


async def _receive(socket: ClientConnection, rate_hz: int, began: float, seen: Seen) -> None:
    """Messages until the stream is closed; keeps how late each beat was, of a signal that began then."""
    until = -rate_hz
    try:
        async for message in socket:
            now = time.monotonic()
            for beat in json.loads(message)["beats"]:
                if beat["sample"] > until + SAME_BEAT_S * rate_hz:
                    until = beat["sample"]
                    seen.record(now - began - until / rate_hz)
    except ConnectionClosed:
        return
