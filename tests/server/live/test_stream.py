"""`WS /stream`: packets in, beats out, and what bad clients get."""

import asyncio
import json
import re
import shutil
import time
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient, WebSocketDenialResponse, WebSocketTestSession

from server.app import create_app
from server.live import stream_pace
from server.live.stream_scheduler import StreamScheduler
from server.settings import Settings

RATE = 250.0


@pytest.fixture(scope="module")
def signal(recording) -> np.ndarray:
    """A drawn recording, float32 (samples,) in mV at RATE, which may come at once."""
    drawn, rate = recording(14, 3)
    assert rate == RATE
    return drawn


def stream(client: TestClient, query: str = f"sampling_rate={RATE:g}", **options: Any) -> WebSocketTestSession:
    """Open a stream."""
    return client.websocket_connect(f"/stream?{query}", **options)


def messages(session: WebSocketTestSession) -> tuple[list[dict[str, Any]], int, str]:
    """All messages until the stream is closed, the code and the reason of that."""
    found = []
    while True:
        message = session.receive()
        if message["type"] == "websocket.close":
            return found, message["code"], message["reason"]
        found.append(json.loads(message["text"]))


def finals(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The final beats, without the word."""
    beats = [beat for one in found for beat in one["beats"] if beat["final"]]
    return [{name: value for name, value in beat.items() if name != "final"} for beat in beats]


def as_text(signal: np.ndarray) -> str:
    """A packet of JSON."""
    return json.dumps({"signal": signal.tolist()})


ENCODINGS = {
    "float32": ("", lambda signal: signal.astype("<f4").tobytes()),
    "microvolts": ("&unit=uV", lambda signal: (1000 * signal).astype("<f4").tobytes()),
    "int16": ("&encoding=int16&gain=1000", lambda signal: (1000 * signal).round().astype("<i2").tobytes()),
    "text": ("&unit=mV", as_text),
    "text in volts": ("&unit=V", lambda signal: as_text(signal / 1000)),
}


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_the_end_brings_the_rest_and_the_summary(application, signal, encoding) -> None:
    """Beats and summary of `/annotate`, however samples are sent, in packets of half a second."""
    query, encode = ENCODINGS[encoding]
    whole = application.post("/annotate", json={"signal": signal.tolist(), "sampling_rate": RATE}).json()

    with stream(application, f"sampling_rate={RATE:g}{query}") as session:
        for start in range(0, len(signal), 125):
            packet = encode(signal[start : start + 125])
            session.send_text(packet) if isinstance(packet, str) else session.send_bytes(packet)
        session.send_json({"end": True})
        found, code, _ = messages(session)

    assert code == 1000
    assert found[-1]["summary"] == whole["summary"]
    assert [(beat["sample"], beat["class"]) for beat in finals(found)] == [(b["sample"], b["class"]) for b in whole["beats"]]
    assert finals(found)[0].keys() == whole["beats"][0].keys()
    assert not any("summary" in one for one in found[:-1])


def test_what_is_known_comes_while_samples_come(application, signal) -> None:
    """A second after a second: what is provisional is said again until it is final, and how the last second is."""
    with stream(application) as session:
        found = []
        for start in range(0, len(signal), 250):
            session.send_bytes(signal[start : start + 250].tobytes())
            found.append(session.receive_json())
        session.send_text('{"end": true}')
        messages(session)

    assert [one["heard_s"] for one in found] == [float(second) for second in range(1, 15)]
    assert not any(beat["final"] for one in found[:9] for beat in one["beats"])
    assert len(finals(found)) == len({beat["sample"] for beat in finals(found)}) > 1
    assert found[8]["beats"][-1]["time_s"] > 7.5
    assert found[-1]["readable"] is True and found[-1]["rhythm"] in ("N", "AF", "O", "VF")


class NoCounters:
    """In the place of those of /metrics."""

    def record_stream(self, opened: int) -> None:
        """Count nothing."""


def test_short_runs_of_young_streams_promise_no_places() -> None:
    """How many streams are taken follows from what runs over full windows cost."""
    scheduler = StreamScheduler(NoCounters())
    first = scheduler.most_streams

    asyncio.run(run_often(scheduler, 1.0, False))
    young = scheduler.most_streams
    asyncio.run(run_often(scheduler, 1.0, True))

    assert young == first < scheduler.most_streams


def test_streams_that_are_run_more_often_leave_fewer_places() -> None:
    """What counts is the time for each second of signal; however long it was, one stream alone is taken."""
    often, seldom, never = (StreamScheduler(NoCounters()) for _ in range(3))

    asyncio.run(run_often(often, 0.25, True, 50_000))
    asyncio.run(run_often(seldom, 1.0, True, 50_000))
    asyncio.run(run_often(never, 0.0, True, 50_000))

    assert 0 < often.most_streams < seldom.most_streams / 2
    assert never.most_streams < often.most_streams / 2
    with never.slot():
        pass


async def run_often(scheduler: StreamScheduler, signal_s: float, is_full: bool, work: int = 0) -> None:
    """Runs that cost next to nothing, or some hundred microseconds, over so much signal."""
    for _ in range(200):
        await scheduler.run(signal_s, is_full, sum, range(work))


def test_a_flat_line_is_unreadable(application) -> None:
    """Its rhythm is null, it has no beats."""
    with stream(application) as session:
        session.send_bytes(bytes(4 * 1250))
        session.send_text('{"end": true}')
        [found, *_], _, _ = messages(session)

    assert (found["readable"], found["rhythm"], found["beats"]) == (False, None, [])


REFUSED = {
    "no rate": ("", "sampling_rate=130"),
    "a rate that is no number": ("sampling_rate=fast", "sampling_rate=130"),
    "a rate that is not finite": ("sampling_rate=nan", "from 50 to 1000 Hz"),
    "a rate too low": ("sampling_rate=10", "from 50 to 1000 Hz"),
    "a unit that is none": ("sampling_rate=130&unit=kg", "mV, uV"),
    "an encoding that is none": ("sampling_rate=130&encoding=mp3", "float32 or int16"),
    "int16 without a gain": ("sampling_rate=130&encoding=int16", "a gain"),
    "a gain of zero": ("sampling_rate=130&encoding=int16&gain=0", "a gain"),
    "a gain of float32": ("sampling_rate=130&gain=200", "a gain"),
    "a name that is none": ("sampling_rate=130&lead=II", "nothing else"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_query_that_opens_no_stream_is_refused_at_the_handshake(application, case) -> None:
    """422, with what was expected."""
    query, expected = REFUSED[case]

    with pytest.raises(WebSocketDenialResponse) as refused, stream(application, query):
        pass

    assert refused.value.status_code == 422
    assert expected in refused.value.json()["error"]


BAD = {
    "half a sample": (bytes(7), 1007, "4 bytes a sample"),
    "not a number": (np.array([0, np.nan], "<f4").tobytes(), 1007, "finite"),
    "infinite": (np.array([np.inf], "<f4").tobytes(), 1007, "finite"),
    "a megavolt": (np.array([1e9], "<f4").tobytes(), 1007, "finite"),
    "no JSON": ("{", 1007, "expected text like"),
    "JSON of another kind": ("[1, 2]", 1007, "expected text like"),
    "another name": ('{"samples": [1]}', 1007, "expected text like"),
    "no numbers": ('{"signal": ["1"]}', 1007, "expected text like"),
    "nothing where a number should be": ('{"signal": [null]}', 1007, "expected text like"),
    "beyond a float": ('{"signal": [1e999]}', 1007, ""),
    "deep": ("[" * 60_000, 1007, "expected text like"),
    "eleven seconds at once": (bytes(11 * 1000), 1009, "at most 10 s"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_no_packet_closes_the_stream(application, signal, case) -> None:
    """With a code and a sentence that say why, after what is known; no value is repeated."""
    packet, expected, why = BAD[case]

    with stream(application) as session:
        session.send_bytes(signal[:1250].tobytes())
        session.send_text(packet) if isinstance(packet, str) else session.send_bytes(packet)
        found, code, reason = messages(session)

    assert (code, found[-1]["summary"]["duration_s"]) == (expected, 5.0)
    assert why in reason and len(reason.encode()) <= 123


def test_who_sends_nothing_is_hung_up_on(application, monkeypatch) -> None:
    """4408, also if a sample comes from time to time, or frames without any."""
    monkeypatch.setattr(stream_pace, "SILENCE_S", 0.05)

    with stream(application) as session:
        session.send_bytes(b"")
        session.send_bytes(bytes(4))
        _, code, reason = messages(session)

    assert code == 4408
    assert "second of signal" in reason


def test_who_sends_faster_than_a_heart_beats_is_slowed_down_and_hung_up_on(application, monkeypatch) -> None:
    """4429; until then packets are read no faster than their samples come by."""
    monkeypatch.setattr(stream_pace, "BURST_S", 1.0)
    monkeypatch.setattr(stream_pace, "FASTER", 40.0)
    monkeypatch.setattr(stream_pace, "PATIENCE_S", 0.1)

    with stream(application) as session:
        for _ in range(50):
            session.send_bytes(bytes(4 * 250))
        found, code, reason = messages(session)

    assert code == 4429
    assert "more than a second" in reason
    assert found[-1]["heard_s"] < 50


def test_no_more_streams_are_opened_than_are_in_time(application, monkeypatch, signal) -> None:
    """503 at the handshake, and a place again when one ends; those that are open are counted."""
    monkeypatch.setattr(StreamScheduler, "most_streams", 1)

    with stream(application) as session:
        with pytest.raises(WebSocketDenialResponse) as refused, stream(application):
            pass
        assert "\necg_open_streams 1.0\n" in application.get("/metrics").text
        session.send_bytes(signal[:1250].tobytes())
        assert session.receive_json()["heard_s"] == 5.0
        session.send_json({"end": True})
        messages(session)

    with stream(application) as session:
        session.send_json({"end": True})
        assert messages(session)[1] == 1000
    assert (refused.value.status_code, refused.value.headers["Retry-After"]) == (503, "1")
    counted = application.get("/metrics").text
    assert "\necg_open_streams 0.0\n" in counted
    assert 'ecg_requests_total{path="/stream",status="503"}' in counted


def test_the_delay_of_beats_is_measured(application, signal) -> None:
    """Once a beat, however often it is said."""
    before = delays(application)

    with stream(application) as session:
        for start in range(0, len(signal), 250):
            session.send_bytes(signal[start : start + 250].tobytes())
        session.send_json({"end": True})
        found, _, _ = messages(session)

    assert delays(application) - before == len(finals(found))


def delays(client: TestClient) -> int:
    """How many were measured so far."""
    return int(float(re.search(r"\necg_stream_delay_seconds_count (\S+)", client.get("/metrics").text)[1]))


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null", "http://testserver.elsewhere.example"])
def test_a_page_of_another_site_opens_no_stream(application, origin) -> None:
    """A browser would let it."""
    with pytest.raises(WebSocketDenialResponse) as refused, stream(application, headers={"origin": origin}):
        pass

    assert refused.value.status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://testserver"},
        {"origin": "https://clinic.example", "x-forwarded-host": "clinic.example"},
        {"origin": "https://allowed.example"},
    ],
)
def test_a_page_of_this_server_or_of_an_allowed_site_opens_one(artifact, beats, headers) -> None:
    """Also behind a proxy."""
    settings = Settings(str(artifact), str(beats), cors_origins="https://allowed.example")
    with TestClient(create_app(settings)) as client, stream(client, headers=headers) as session:
        session.send_json({"end": True})

        assert messages(session)[1] == 1000


def test_a_stream_keeps_the_model_it_began_with(artifact, beats_of_schema, signal, tmp_path) -> None:
    """Another one, which says nothing of rhythm, is loaded meanwhile; the next stream has that."""
    path = tmp_path / "beats.onnx"
    shutil.copy(beats_of_schema[2], path)
    with TestClient(create_app(Settings(str(artifact), str(path)))) as client, stream(client) as old:
        old.send_bytes(signal[:1250].tobytes())
        assert "rhythm" in old.receive_json()
        shutil.copy(beats_of_schema[1], tmp_path / "new.onnx")
        (tmp_path / "new.onnx").replace(path)
        while 'ecg_beats_artifacts_total{result="taken_up"} 1.0' in client.get("/metrics").text:
            time.sleep(0.02)
        with stream(client) as new:
            for session in (old, new):
                session.send_bytes(signal[1250:2500].tobytes())
                session.send_json({"end": True})

            assert "rhythm" in messages(old)[0][-1]
            assert "rhythm" not in messages(new)[0][-1]


def test_without_a_model_no_stream_is_opened(lonely) -> None:
    """503, as for a recording."""
    with pytest.raises(WebSocketDenialResponse) as refused, stream(lonely):
        pass

    assert refused.value.status_code == 503
