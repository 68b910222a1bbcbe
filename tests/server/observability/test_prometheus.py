"""What the server tells of itself, as Prometheus reads it."""

import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor

import httpx2
import numpy as np
import pytest
from prometheus_client.parser import text_string_to_metric_families

from server.observability.counters import BATCH_BUCKETS, LATENCY_BUCKETS_S, REASONS, Counters

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def scrape(address: str) -> Samples:
    """Every sample by name and labels."""
    answer = httpx2.get(f"{address}/metrics").raise_for_status()
    assert answer.headers["content-type"].startswith("text/plain; version=")
    families = text_string_to_metric_families(answer.text)
    return {(sample.name, tuple(sorted(sample.labels.items()))): sample.value for family in families for sample in family.samples}


def value(samples: Samples, name: str, **labels: str) -> float:
    """One of them, 0 if it is not there."""
    return samples.get((name, tuple(sorted(labels.items()))), 0.0)


def test_every_answer_is_counted_where_it_belongs(serve, example) -> None:
    """By path and status, with its reason if it was refused; rows, runs and time of the network."""
    row, rows = example, {"features": [example["features"]] * 100}
    wrong, began = {"features": [1, 2]}, time.time()
    with serve() as (_, address), httpx2.Client(base_url=address) as client:
        for body in [row] * 7 + [rows] * 3 + [wrong] * 2:
            client.post("/predict", json=body)
        client.post("/predict", content=b"{", headers={"Content-Type": "application/json"})
        client.post("/predict", content=b"{}", headers={"Content-Type": "text/plain"})
        client.post("/predict", content=b" " * 9_000_000, headers={"Content-Type": "application/json"})
        client.get("/v2/models/Doe")
        client.get("/Doe")
        client.get("/health")
        client.get("/v2/models/ecg")
        with socket.create_connection(("127.0.0.1", client.base_url.port)) as wire:
            wire.sendall(b"Doe\r\n\r\n")
            assert wire.recv(4096).startswith(b"HTTP/1.1 400 Bad Request\r\n")
        samples = scrape(address)
        text = httpx2.get(f"{address}/metrics").text

    assert value(samples, "ecg_requests_total", path="/predict", status="200") == 10
    assert value(samples, "ecg_requests_total", path="/predict", status="422") == 2
    assert value(samples, "ecg_requests_total", path="/predict", status="413") == 1
    assert value(samples, "ecg_requests_total", path="/v2/models/{name}", status="404") == 1
    assert value(samples, "ecg_requests_total", path="/v2/models/{name}", status="200") == 1
    assert value(samples, "ecg_requests_total", path="other", status="404") == 1
    assert value(samples, "ecg_requests_total", path="other", status="400") == 1
    assert value(samples, "ecg_request_seconds_count", path="/predict") == 10
    assert value(samples, "ecg_request_seconds_sum", path="/predict") > 0
    refused = {"wrong_shape": 2, "malformed_body": 1, "wrong_media_type": 1, "too_large": 1, "unknown_model": 1}
    refused |= {"no_such_path": 1, "malformed_http": 1}
    assert {reason: value(samples, "ecg_refused_total", reason=reason) for reason in REASONS} == dict.fromkeys(
        REASONS, 0
    ) | refused
    assert value(samples, "ecg_rows_total") == 307
    assert value(samples, "ecg_gathered_rows_sum") == 7
    assert sum(number for (name, _), number in samples.items() if name == "ecg_prediction_probability_count") == 307
    assert value(samples, "ecg_inference_seconds_count") >= 10
    assert 0 < value(samples, "ecg_inference_seconds_sum") < value(samples, "ecg_request_seconds_sum", path="/predict")
    assert value(samples, "ecg_ready") == 1
    assert value(samples, "ecg_artifacts_total", result="taken_up") == 1
    assert value(samples, "process_resident_memory_bytes") > 1e7
    assert began < value(samples, "ecg_model_loaded_timestamp_seconds") < time.time()
    assert "Doe" not in text


def test_rows_that_share_a_run_are_counted_one_by_one(serve, example) -> None:
    """Whatever they share, their number is right."""
    with serve() as (_, address):
        with httpx2.Client(base_url=address) as client, ThreadPoolExecutor(16) as pool:
            status = [answer.status_code for answer in pool.map(lambda _: client.post("/predict", json=example), range(400))]
        samples = scrape(address)

    assert status == [200] * 400
    assert value(samples, "ecg_gathered_rows_sum") == value(samples, "ecg_rows_total") == 400
    assert value(samples, "ecg_gathered_rows_count") == value(samples, "ecg_inference_seconds_count") <= 400
    assert value(samples, "ecg_gathered_rows_bucket", le="+Inf") == value(samples, "ecg_gathered_rows_count")
    assert value(samples, "ecg_requests_total", path="/predict", status="200") == 400


def test_several_processes_tell_of_all(serve, example) -> None:
    """Whichever is asked; also of one that was killed, and nothing is left behind in memory."""
    with serve(WEB_CONCURRENCY="2") as (server, address):
        for _ in range(60):
            assert httpx2.post(f"{address}/predict", json=example).status_code == 200
        seen = [value(scrape(address), "ecg_requests_total", path="/predict", status="200") for _ in range(10)]
        server.send_signal(signal.SIGTERM)
        server.communicate(timeout=20)

    assert seen == [60] * 10


def test_open_metrics_are_spoken_too(address) -> None:
    """To who asks for them."""
    answer = httpx2.get(f"{address}/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"})

    assert answer.headers["content-type"].startswith("application/openmetrics-text; version=1.0.0")
    assert answer.text.endswith("# EOF\n")


@pytest.mark.parametrize("folder", [False, True], ids=["alone", "in a file"])
def test_counts_are_where_they_were_put(tmp_path, folder) -> None:
    """Limits belong to the bucket below; an answer that is no good has no latency."""
    counters = Counters(["/a", "/b"], tmp_path if folder else None)

    counters.record_responses("/b", 200, LATENCY_BUCKETS_S[2], requests=3)
    counters.record_responses("/b", 503, 1.0)
    counters.record_batch(BATCH_BUCKETS[1])
    counters.record_batch(10_000)
    counters.record_run(5, 0.25)
    counters.record_refusals(REASONS[-1], requests=2)
    counters.record_artifact("refused")
    counters.record_beats_artifact("taken_up")
    counters.record_annotation(300.0, 350, 0.5)
    counters.record_annotation(12.5, 0, 0.25)
    totals = counters.totals()

    assert {status: number for status, number in totals.statuses["/b"].items() if number} == {200: 3, 503: 1}
    assert not any(totals.statuses["/a"].values())
    assert np.flatnonzero(totals.latency["/b"]).tolist() == [2, len(LATENCY_BUCKETS_S) + 1]
    assert totals.latency["/b"][-1] == pytest.approx(3 * LATENCY_BUCKETS_S[2])
    assert totals.batches == [0, 1, *[0] * (len(BATCH_BUCKETS) - 2), 1, 10_000 + BATCH_BUCKETS[1]]
    assert (totals.runs, totals.rows, totals.inference_seconds) == (1, 5, 0.25)
    assert totals.refused[REASONS[-1]] == 2
    assert totals.artifacts == {"taken_up": 0, "refused": 1}
    assert totals.beats_artifacts == {"taken_up": 1, "refused": 0}
    assert (totals.annotations, totals.signal_s, totals.beats, totals.annotation_seconds) == (2, 312.5, 350, 0.75)
