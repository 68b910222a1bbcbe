"""`Content-Encoding: gzip` on request bodies: what is sent compressed is answered as if it were not."""

import gzip
import json
import zlib

import httpx2
import numpy as np
import pytest

JSON = {"Content-Type": "application/json"}
CSV = {"Content-Type": "text/csv"}
BYTES = {"Content-Type": "application/octet-stream"}
GZIP = {"Content-Encoding": "gzip"}
LIMIT = 262_144


def bodies(example: dict[str, list[float]], recording) -> dict[str, tuple[str, bytes, dict[str, str]]]:
    """A good request of each kind: path, body, headers."""
    row = example["features"]
    signal, rate = recording(10)
    tensor = {"name": "features", "shape": [1, len(row)], "datatype": "FP32"}
    as_json = json.dumps({"inputs": [{**tensor, "data": row}]}).encode()
    as_bytes = json.dumps({"inputs": [{**tensor, "parameters": {"binary_data_size": 4 * len(row)}}]}).encode()
    binary = {**BYTES, "Inference-Header-Content-Length": str(len(as_bytes))}
    return {
        "a row": ("/predict", json.dumps(example).encode(), JSON),
        "many rows": ("/predict", json.dumps({"features": [row] * 150}).encode(), JSON),
        "CSV": ("/predict", ",".join(map(str, row)).encode(), CSV),
        "a recording": ("/annotate", json.dumps({"signal": signal.tolist(), "sampling_rate": rate}).encode(), JSON),
        "float32": ("/annotate", signal.astype("<f4").tobytes(), {**BYTES, "Sampling-Rate": f"{rate:g}"}),
        "tensors": ("/v2/models/ecg/infer", as_json, JSON),
        "tensors as bytes": ("/v2/models/ecg/infer", as_bytes + np.array(row, "<f4").tobytes(), binary),
    }


KINDS = ["a row", "many rows", "CSV", "a recording", "float32", "tensors", "tensors as bytes"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_compressed_body_gets_the_same_answer(client, example, recording, kind) -> None:
    """In one gzip member or several, sent at once or in chunks, whatever the case of the coding's name."""
    path, body, headers = bodies(example, recording)[kind]
    packed = gzip.compress(body[:100]) + gzip.compress(body[100:])
    plain = client.post(path, content=body, headers=headers)

    once = client.post(path, content=gzip.compress(body), headers={**headers, **GZIP})
    chunked = client.post(path, content=iter([packed[:30], packed[30:]]), headers={**headers, "Content-Encoding": "GZIP"})

    assert plain.status_code == once.status_code == chunked.status_code == 200, (once.text, chunked.text)
    assert once.content == chunked.content == plain.content


def test_a_body_that_says_identity_is_plain(client, example) -> None:
    """Which is no coding at all."""
    assert client.post("/predict", json=example, headers={"Content-Encoding": "identity"}).status_code == 200


@pytest.mark.parametrize("times", [1, 1000])
def test_what_unpacks_to_more_than_the_limit_is_refused(client, times) -> None:
    """413, be it a byte over or a bomb, and whether its length is said or not."""
    bomb = gzip.compress(b" " * (LIMIT + 1) * times)

    said = client.post("/predict", content=bomb[: LIMIT // 2], headers={**JSON, **GZIP})
    chunked = client.post("/predict", content=iter([bomb[:200], bomb[200:]]), headers={**JSON, **GZIP})

    assert len(bomb) < 4 * LIMIT
    for answer in (said, chunked):
        assert answer.status_code == 413
        assert answer.json() == {"error": f"expected a body of at most {LIMIT} bytes"}


def test_members_that_hold_nothing_are_limited_too(client) -> None:
    """By what is sent."""
    empty = gzip.compress(b"")

    answer = client.post("/predict", content=iter([empty * 5000] * 3), headers={**JSON, **GZIP})

    assert answer.status_code == 413


ROW = gzip.compress(b'{"features": [8675309]}', mtime=0)
DAMAGED = {
    "nothing": b"",
    "not compressed": b'{"features": [8675309]}',
    "cut off in the header": ROW[:5],
    "cut off": ROW[:-12],
    "without its checksum": ROW[:-8],
    "with a wrong checksum": ROW[:-8] + b"\x00" * 8,
    "with a byte changed": ROW[:15] + b"\xff" + ROW[16:],
    "with something behind it": ROW + b"8675309",
    "zlib's own format": zlib.compress(b"{}"),
}


@pytest.mark.parametrize("kind", DAMAGED)
def test_a_damaged_body_is_refused(client, kind) -> None:
    """400, and one sentence that repeats nothing."""
    answer = client.post("/predict", content=DAMAGED[kind], headers={**JSON, **GZIP})

    assert answer.status_code == 400
    assert list(answer.json()) == ["error"]
    assert "gzip" in answer.json()["error"]
    assert "8675309" not in answer.text


@pytest.mark.parametrize("coding", ["br", "deflate", "zstd", "gzip, gzip", "identity, gzip", "8675309"])
@pytest.mark.parametrize("path", ["/predict", "/annotate", "/v2/models/ecg/infer"])
def test_another_coding_is_refused(client, path, coding) -> None:
    """415, with what is taken, as RFC 9110 (15.5.16) wants it."""
    answer = client.post(path, content=b"{}", headers={**JSON, "Content-Encoding": coding})

    assert answer.status_code == 415
    assert answer.json() == {"error": "expected Content-Encoding: gzip, or none"}
    assert answer.headers["accept-encoding"] == "gzip"


def test_unpacked_bodies_count_in_the_memory_budget(serve, example) -> None:
    """A recording that unpacks to more than is free is refused with 503, and the memory is given back."""
    with serve(ECG_MAX_BODY_BYTES="1024") as (_, address), httpx2.Client(base_url=address) as client:
        bomb = gzip.compress(b" " * 1_000_000)
        status = [client.post("/predict", content=bomb, headers={**JSON, **GZIP}).status_code for _ in range(40)]
        small = client.post("/predict", content=gzip.compress(b"{}"), headers={**JSON, **GZIP})

    assert status == [413] * 40
    assert small.status_code == 422
