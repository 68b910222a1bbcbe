"""A recording of half an hour: what it takes to have it annotated, and what that does to a row."""

import json
import os
import time
import urllib.request
from pathlib import Path
from typing import Any

import numpy as np

from bench.fixtures import Fixtures
from bench.load import SERVER_CORE, Load, Request, Server, beside, load, serving
from bench.sections import ROUNDS_OF_P99, SECONDS, each, p99, rounds, row
from server.models.annotator import Annotator
from server.models.pieces import Piece
from train.recordings.data.synthetic import synthetic_recordings

BEATS = Path(__file__).parents[1] / "artifacts" / "beats.onnx"
HALF_HOUR_S = 1800
ROUNDS = 9


def half_hour(fixtures: Fixtures) -> list[dict[str, Any]]:
    """A built-in recording, on the core of the server, and in its process the whole in one run of the graph."""
    recording = synthetic_recordings(0, recordings=1, seconds=HALF_HOUR_S)[0]
    signal, rate = recording.leads["I"], recording.sampling_rate_hz
    as_json, as_bytes = fixtures.folder / "half-hour.json", fixtures.folder / "half-hour.f32"
    as_json.write_text(json.dumps({"signal": np.round(signal.astype(float), 3).tolist(), "sampling_rate": rate}))
    as_bytes.write_bytes(signal.astype("<f4").tobytes())
    binary = {"Content-Type": "application/octet-stream", "Sampling-Rate": f"{rate:g}"}
    requests = {"bytes": Request("/annotate", as_bytes, binary), "JSON": Request("/annotate", as_json)}
    with serving("server", ECG_ARTIFACT=str(fixtures.artifact), ECG_BEATS=str(BEATS)) as server:
        return [*_against_the_graph(server, requests, signal, rate), *_beside(server, fixtures.one, requests)]


def _against_the_graph(server: Server, requests: dict[str, Request], signal: np.ndarray, rate: float) -> list[dict[str, Any]]:
    everywhere = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {SERVER_CORE})
    annotator = Annotator.load(BEATS)
    whole = Piece(0, len(signal), 0, len(signal))
    sides = {kind: (lambda request=request: seconds_of(post, server, request)) for kind, request in requests.items()}
    found = rounds(ROUNDS, graph=lambda: seconds_of(annotator.run, signal, rate, whole), **sides)
    os.sched_setaffinity(0, everywhere)
    against = "the graph alone, in one run"
    return [row(f"time of half an hour as {kind}", against, np.divide(found[kind], found["graph"]), "≤ 1.2") for kind in sides]


def _beside(server: Server, one: Request, requests: dict[str, Request]) -> list[dict[str, Any]]:
    lines = []
    for kind, heavy in requests.items():

        def disturbed(heavy: Request = heavy) -> Load:
            with beside(server, heavy):
                return load(server, one, 1, SECONDS)

        found = rounds(ROUNDS_OF_P99, disturbed=disturbed, quiet=lambda: load(server, one, 1, SECONDS))
        ratios = each(p99, found["disturbed"], found["quiet"])
        lines.append(row(f"p99 latency of one row beside half hours as {kind}", "the same without", ratios, "≤ 3"))
    return lines


def post(server: Server, request: Request) -> None:
    """Send it once, and read the whole answer."""
    url = f"http://127.0.0.1:{server.port}{request.path}"
    asked = urllib.request.Request(url, request.body.read_bytes(), dict(request.headers))
    urllib.request.urlopen(asked, timeout=600).read()


def seconds_of(work: Any, *given: Any) -> float:
    """How long `work` takes."""
    began = time.perf_counter()
    work(*given)
    return time.perf_counter() - began
