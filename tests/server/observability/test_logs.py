"""Logs: one line per event, found by the request ID, and never a reason to wait."""

import json
import logging
import re
import signal
import sys

import httpx2
import pytest

from server.observability.logs import JsonFormatter, TextFormatter
from server.observability.request_id import request_id, trace_id

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
TRACEPARENT = {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}


def stopped(server) -> list[str]:
    """The lines of a server's log, once it has stopped."""
    server.send_signal(signal.SIGTERM)
    return server.communicate(timeout=20)[1].splitlines()


def test_every_line_is_json(serve, example) -> None:
    """With time, level and message; a refused request is found by the name that its answer gave."""
    with serve() as (server, address):
        good = httpx2.post(f"{address}/predict", json=example)
        bad = httpx2.post(f"{address}/predict", json={"features": [1]})
        named = httpx2.post(f"{address}/predict", json={"features": [1]}, headers={"X-Request-Id": "visit-7"})
        traced = httpx2.post(f"{address}/predict", json={"features": [1]}, headers=TRACEPARENT | {"X-Request-Id": "visit-8"})
        lines = [json.loads(line) for line in stopped(server)]

    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", line["time"]) for line in lines)
    assert {line["level"] for line in lines} == {"info"}
    refused = {line["request_id"]: line for line in lines if line.get("path") == "/predict"}
    assert list(refused) == [bad.headers["x-request-id"], "visit-7", "visit-8"]
    assert refused["visit-8"]["trace_id"] == TRACE
    assert traced.headers["x-request-id"] == "visit-8"
    assert refused["visit-7"] | {"time": "", "seconds": 0} == {
        **{"time": "", "level": "info", "message": "refused", "request_id": "visit-7"},
        **{"path": "/predict", "status": 422, "seconds": 0},
    }
    assert "x-request-id" not in good.headers
    assert named.headers["x-request-id"] == "visit-7"


def test_at_debug_every_request_has_its_line(serve, example) -> None:
    """Those of the fast path too."""
    with serve(ECG_LOG_LEVEL="debug") as (server, address):
        for name in ("a", "b", "c"):
            httpx2.post(f"{address}/predict", json=example, headers={"X-Request-Id": name})
        traced = httpx2.post(f"{address}/predict", json=example, headers=TRACEPARENT)
        lines = [json.loads(line) for line in stopped(server)]

    answered = [line for line in lines if line["message"] == "answered" and line["path"] == "/predict"]
    named = [(line["request_id"], line["status"], line["rows"]) for line in answered]
    assert named == [(name, 200, 1) for name in ("a", "b", "c", TRACE)]
    assert [line.get("trace_id") for line in answered] == [None, None, None, TRACE]
    assert traced.headers["x-request-id"] == TRACE


def test_text_is_for_people(serve) -> None:
    """One line an event as well, to be read without a program."""
    with serve(ECG_LOG_FORMAT="text") as (server, address):
        httpx2.get(f"{address}/none", headers={"X-Request-Id": "x.1"})
        lines = stopped(server)

    [line] = [line for line in lines if "x.1" in line]
    assert re.fullmatch(r"\S+ info refused request_id=x\.1 path=other status=404 seconds=[\d.e-]+", line)


def test_a_request_id_is_echoed_on_both_paths(address, example) -> None:
    """If it is valid; else a new one is sent."""
    for given, good in [
        ("a-1_B.c", True),
        ("x" * 64, True),
        ("x" * 65, False),
        ("Jane Doe", False),
        ("<script>", False),
    ]:
        for body in (example, {"features": [example["features"]]}):
            answer = httpx2.post(f"{address}/predict", json=body, headers={"X-Request-Id": given})

            assert answer.status_code == 200
            assert (answer.headers["x-request-id"] == given) == good
            assert re.fullmatch(r"[A-Za-z0-9._-]{1,64}", answer.headers["x-request-id"])
    assert request_id(None) != request_id(None)


def test_a_trace_id_is_the_request_id_on_both_paths(address, example) -> None:
    """Of a client that gave none; what is no `traceparent` changes nothing."""
    for body in (example, {"features": [example["features"]]}):
        traced = httpx2.post(f"{address}/predict", json=body, headers=TRACEPARENT)
        wrong = httpx2.post(f"{address}/predict", json=body, headers={"traceparent": "Jane Doe"})

        assert (traced.status_code, traced.headers["x-request-id"]) == (200, TRACE)
        assert wrong.status_code == 200
        assert "x-request-id" not in wrong.headers


@pytest.mark.parametrize(
    ("traceparent", "is_valid"),
    [
        (f"00-{TRACE}-00f067aa0ba902b7-00", True),
        (f"cc-{TRACE}-00f067aa0ba902b7-01", True),
        (f"cc-{TRACE}-00f067aa0ba902b7-01-what-comes-later", True),
        (f"cc-{TRACE}-00f067aa0ba902b7-01.what", False),
        (f"00-{TRACE}-00f067aa0ba902b7-01-more", False),
        (f"ff-{TRACE}-00f067aa0ba902b7-01", False),
        (f"00-{TRACE.upper()}-00f067aa0ba902b7-01", False),
        (f"00-{'0' * 32}-00f067aa0ba902b7-01", False),
        (f"00-{TRACE}-{'0' * 16}-01", False),
        (f"00-{TRACE[1:]}-00f067aa0ba902b7-01", False),
        (f"00-{TRACE}-00f067aa0ba902b7-01\n", False),
        ("", False),
    ],
)
def test_a_traceparent_is_as_the_standard_has_it(traceparent, is_valid) -> None:
    """W3C Trace Context, level 1: version 00 to the digit, of later versions what stands at the same place."""
    assert trace_id(traceparent.encode()) == (TRACE.encode() if is_valid else None)


def test_a_log_that_nobody_reads_holds_up_nobody(serve, example) -> None:
    """The pipe is full after 64 kB; more than twice as much is written, and rows are answered as before."""
    with serve() as (_, address), httpx2.Client(base_url=address, timeout=30) as client:
        refused = [client.post("/predict", json={"features": [1]}).status_code for _ in range(1_000)]
        good = client.post("/predict", json=example)

    assert refused == [422] * 1_000
    assert good.status_code == 200


@pytest.mark.parametrize("form", [JsonFormatter, TextFormatter])
def test_a_failure_is_logged_without_its_message(form) -> None:
    """It might repeat a value; its type and where it was are enough to find it."""
    try:
        float("0.123456 Doe")
    except ValueError:
        record = logging.getLogger("x").makeRecord("x", logging.ERROR, "f", 1, "a run failed", (), sys.exc_info())

    line = form().format(record)

    assert "ValueError" in line
    assert "test_a_failure_is_logged_without_its_message" in line
    assert "Doe" not in line
    assert "\n" not in line
