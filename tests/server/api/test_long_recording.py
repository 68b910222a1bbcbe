"""A recording of hours: its limits, its memory, and a client that goes away."""

import asyncio
import json
import tracemalloc
from collections.abc import Iterator
from types import SimpleNamespace

import numpy as np
import pytest
from starlette.requests import ClientDisconnect, Request
from starlette.testclient import TestClient

from server.api.memory_budget import MAX_RECORDINGS, BodyLimits
from server.api.recording import Recording
from server.api.request_body import while_connected
from server.app import RECORDING_PATHS, create_app
from server.models.annotator import Annotation, Annotator, Beats
from server.models.pieces import Piece, Signal
from server.observability.counters import Counters
from server.serving.annotator_service import AnnotatorService
from server.settings import Settings

RATE = 250
BYTES = {"Content-Type": "application/octet-stream", "Sampling-Rate": str(RATE)}
INT16 = {"Sample-Format": "int16", "Sample-Gain": "200"}
LONGEST_BODY, LONGEST_RECORDING = 4096, 65_536


class QuickAnnotator(Annotator):
    """One that reads each piece as the network would, and finds a beat where it begins; `ran` is called before each."""

    def __init__(self, ran=lambda: None) -> None:
        self.contract = SimpleNamespace(
            version="1", classes=("N", "S", "V", "F"), rhythms=(), lowest_rate_hz=50, highest_rate_hz=1000, context_s=90
        )
        self.pieces_run, self._ran = 0, ran

    def run(self, signal: Signal, sampling_rate: float, piece: Piece) -> Annotation:
        """A beat of class 0."""
        self.pieces_run += 1
        self._ran()
        assert signal[piece.first : piece.last].dtype == np.float32
        sample, certain = np.array([piece.start], np.int32), np.ones(1, np.float32)
        return Annotation(Beats(sample, np.zeros(1, np.int32), certain, certain[:, None]), None, None)


@pytest.mark.parametrize("kind", ["int16", "float32"])
def test_a_long_recording_is_not_copied(kind) -> None:
    """Six hours, with a gap, are checked, split, annotated and judged in memory that a copy as float32 would exceed."""
    steps = np.resize(np.arange(-100, 100, dtype=np.int16), 6 * 3600 * RATE)
    steps[1_000_000:1_000_020] = -32768
    recorded = np.where(steps == -32768, np.nan, steps / 200).astype(np.float32)
    body, headers = (steps.tobytes(), INT16) if kind == "int16" else (recorded.tobytes(), {})

    async def annotate() -> tuple[Annotation, list[str]]:
        recording = Recording.from_bytes(body, {**BYTES, **headers})
        service = AnnotatorService(QuickAnnotator(), Counters([]))
        found = await service.annotate(recording.signal, RATE)
        return found, await service.warnings(recording.signal, RATE, found)

    tracemalloc.start()
    found, warnings = asyncio.run(annotate())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert found.beats.sample.tolist() == [piece * 900 * RATE for piece in range(24)]
    assert warnings == []
    assert peak < recorded.nbytes / 2


def test_a_client_that_goes_away_ends_the_work() -> None:
    """The piece in flight may be finished; those behind it are not begun."""

    async def leave() -> int:
        loop, has_begun = asyncio.get_running_loop(), asyncio.Event()
        annotator = QuickAnnotator(lambda: loop.call_soon_threadsafe(has_begun.set))

        async def receive() -> dict[str, str]:
            await has_begun.wait()
            return {"type": "http.disconnect"}

        work = AnnotatorService(annotator, Counters([])).annotate(np.zeros(9 * 900 * RATE, np.float32), RATE)
        with pytest.raises(ClientDisconnect):
            await while_connected(Request({"type": "http"}, receive), work)
        before = annotator.pieces_run
        await asyncio.sleep(0.05)
        assert annotator.pieces_run <= before + 1
        return annotator.pieces_run

    assert asyncio.run(leave()) < 9


@pytest.mark.parametrize(
    ("path", "headers", "is_recording"),
    [
        ("/annotate", {b"content-type": b"application/octet-stream"}, True),
        ("/annotate", {b"content-type": b"Application/Octet-Stream; charset=utf-8"}, True),
        ("/annotate", {b"content-type": b"application/json"}, False),
        ("/annotate", {}, False),
        ("/predict", {b"content-type": b"application/octet-stream"}, False),
        ("/v2/models/beats/infer", {b"inference-header-content-length": b"100"}, True),
        ("/v2/models/beats/versions/1/infer", {b"inference-header-content-length": b"100"}, True),
        ("/v2/models/beats/infer", {b"content-type": b"application/json"}, False),
        ("/v2/models/ecg/infer", {b"inference-header-content-length": b"100"}, False),
    ],
)
def test_recordings_as_bytes_have_limits_of_their_own(path, headers, is_recording) -> None:
    """JSON, which takes several times its length until it is decoded, has not."""
    limits = BodyLimits(1, 2, RECORDING_PATHS, 20)

    assert limits.of(path, headers) is (limits.recordings if is_recording else limits.bodies)


def test_a_long_recording_may_take_longer_at_the_pace_of_the_longest_body() -> None:
    """Of which half has come in half the time that the whole may take; one that stops is given up after the usual time."""
    limits = BodyLimits(1000, 16_000, RECORDING_PATHS, 20)

    assert [limits.seconds(received) for received in (0, 1000, 8000, 16_000)] == [20, 20, 160, 320]


@pytest.fixture(scope="module")
def narrow(artifact, beats) -> Iterator[TestClient]:
    """An application that takes longer recordings than other bodies."""
    settings = Settings(str(artifact), str(beats), max_body_bytes=LONGEST_BODY, max_recording_bytes=LONGEST_RECORDING)
    with TestClient(create_app(settings), raise_server_exceptions=False) as client:
        yield client


def tensors(samples: int, **more: object) -> tuple[bytes, dict[str, str]]:
    """A recording of zeros for the Open Inference Protocol, as bytes."""
    sizes = {"signal": samples, "sampling_rate": 1}
    inputs = [
        {"name": name, "shape": [size], "datatype": "FP32", "parameters": {"binary_data_size": 4 * size}}
        for name, size in sizes.items()
    ]
    asked = json.dumps({"inputs": inputs, **more}).encode()
    return asked + bytes(4 * samples) + np.float32(RATE).tobytes(), {"Inference-Header-Content-Length": str(len(asked))}


def test_a_recording_may_be_longer_than_other_bodies(narrow) -> None:
    """As bytes, on both ways; and no longer than its own limit."""
    content, headers = tensors(10_000)
    answers = [
        narrow.post("/annotate", content=bytes(LONGEST_RECORDING), headers={**BYTES, **INT16}),
        narrow.post("/v2/models/beats/infer", content=content, headers=headers),
    ]
    as_json = narrow.post("/annotate", json={"signal": [0] * 3000, "sampling_rate": RATE})
    too_long = narrow.post("/annotate", content=bytes(LONGEST_RECORDING + 2), headers={**BYTES, **INT16})
    long_head, head = tensors(1000, id="x" * LONGEST_BODY)
    refused = narrow.post("/v2/models/beats/infer", content=long_head, headers=head)

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json()["summary"]["duration_s"] == LONGEST_RECORDING / 2 / RATE
    assert as_json.json() == {"error": f"expected a body of at most {LONGEST_BODY} bytes"}
    assert too_long.json() == {"error": f"expected a body of at most {LONGEST_RECORDING} bytes"}
    assert refused.json() == {"error": f"expected at most {LONGEST_BODY} bytes of JSON before the tensors"}
    assert {answer.status_code for answer in (as_json, too_long, refused)} == {413}


def test_recordings_over_their_budget_are_refused_and_rows_are_not(narrow, example) -> None:
    """With 503 and Retry-After, until memory is given back."""
    budget = narrow.app_state["body_limits"].recordings.budget
    held = MAX_RECORDINGS * LONGEST_RECORDING - 1000
    assert budget.acquire(held)

    refused = narrow.post("/annotate", content=bytes(1002), headers={**BYTES, **INT16})
    row = narrow.post("/predict", json=example)
    budget.release(held)
    later = [narrow.post("/annotate", content=bytes(LONGEST_RECORDING), headers={**BYTES, **INT16}) for _ in range(3)]

    assert refused.status_code == 503
    assert refused.headers["retry-after"] == "1"
    assert refused.json()["error"].startswith("too many long bodies")
    assert row.status_code == 200
    assert [answer.status_code for answer in later] == [200] * 3


def test_what_is_asked_by_the_protocol_is_answered_in_its_order(narrow) -> None:
    """Some outputs as JSON, others as bytes behind it, under the client's own ID whatever it is."""
    wanted = [{"name": "probability"}, {"name": "readable", "parameters": {"binary_data": True}}, {"name": "sample"}]
    content, headers = tensors(1000, id='"outputs":[]', outputs=wanted)

    answer = narrow.post("/v2/models/beats/infer", content=content, headers=headers)

    length = int(answer.headers["inference-header-content-length"])
    document, tail = json.loads(answer.content[:length]), answer.content[length:]
    assert document["id"] == '"outputs":[]'
    assert [output["name"] for output in document["outputs"]] == ["probability", "readable", "sample"]
    assert document["outputs"][1]["parameters"] == {"binary_data_size": len(tail)}
    assert len(np.frombuffer(tail, "<f4")) == 4
    assert int(answer.headers["content-length"]) == len(answer.content)
