"""A recording of a day: what it takes to have it annotated, what that does to a row, and how much memory it takes."""

import os
from typing import Any

import numpy as np

from bench.fixtures import Fixtures
from bench.halfhour import BEATS, post, seconds_of
from bench.load import SERVER_CORE, Load, Request, beside, load, serving
from bench.sections import each, p99, rounds, row
from server.models.annotator import Annotator
from server.models.pieces import DigitalSignal
from train.recordings.data.synthetic import synthetic_recordings

DRAWN_S, DAY_S = 1800, 86_400
GAIN = 200
ROUNDS = 3
BESIDE_S = 30  # As long as a day takes: sent, annotated and answered.


def day(fixtures: Fixtures) -> list[dict[str, Any]]:
    """A built-in recording, repeated, as int16 on the core of the server; in its process the graph alone, piece by piece."""
    drawn = synthetic_recordings(0, recordings=1, seconds=DRAWN_S)[0]
    rate = drawn.sampling_rate_hz
    steps = np.resize(np.round(GAIN * drawn.leads["I"]).astype("<i2"), int(DAY_S * rate))
    body = fixtures.folder / "day.i16"
    body.write_bytes(steps.tobytes())
    headers = {"Sampling-Rate": f"{rate:g}", "Sample-Format": "int16", "Sample-Gain": str(GAIN)}
    heavy = Request("/annotate", body, {"Content-Type": "application/octet-stream", **headers})
    with serving("server", ECG_ARTIFACT=str(fixtures.artifact), ECG_BEATS=str(BEATS)) as server:
        peak = server.peak_mib(lambda: post(server, heavy))

        def disturbed() -> Load:
            with beside(server, heavy):
                return load(server, fixtures.one, 1, BESIDE_S)

        sides = {"ours": lambda: seconds_of(post, server, heavy), "graph": lambda: _graph_seconds(steps, rate)}
        found = rounds(ROUNDS, **sides)
        latency = rounds(ROUNDS, disturbed=disturbed, quiet=lambda: load(server, fixtures.one, 1, BESIDE_S))
    return [
        row("time of a day as int16", "the graph alone, in the same pieces", np.divide(found["ours"], found["graph"]), "≤ 1.1"),
        row("p99 latency of one row beside days", "the same without", each(p99, latency["disturbed"], latency["quiet"]), "≤ 3"),
        row("highest resident MiB while a day is annotated", "", [peak], "≤ 200"),
    ]


def _graph_seconds(steps: np.ndarray, rate: float) -> float:
    """How long the graph takes for all pieces, on the core of the server."""
    everywhere = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {SERVER_CORE})
    annotator, signal = Annotator.load(BEATS), DigitalSignal(steps, GAIN)
    inputs = [
        {"signal": signal[piece.first : piece.last], "sampling_rate": np.array([rate], np.float32)}
        for piece in annotator.pieces(len(signal), rate)
    ]
    taken = sum(seconds_of(annotator.session.run, annotator.outputs, fed) for fed in inputs)
    os.sched_setaffinity(0, everywhere)
    return taken
