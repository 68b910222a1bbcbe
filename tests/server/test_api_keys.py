"""API keys: without one a client gets the server's health and no more; keys are added and revoked without a restart."""

import asyncio
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from server.api_keys import ApiKeys, BadKeys, read_digests

OPEN = ["/", "/docs", "/page/main.js", "/health", "/v2/health/live", "/v2/health/ready", "/openapi.json"]
CLOSED = ["/model", "/metrics", "/v2", "/v2/models/ecg", "/v2/models/ecg/ready", "/no/such/path"]


def new_key(file: Path, name: str) -> str:
    """A key made as docs/operations.md says."""
    command = [sys.executable, "-m", "server.api_keys", str(file), name]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def bearer(key: str) -> dict[str, str]:
    """The header field that shows it."""
    return {"Authorization": f"Bearer {key}"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file of keys that is not there yet."""
    return tmp_path / "keys"


@contextmanager
def requiring_keys(root: Path, artifact: Path, file: Path, port: int, until_healthy) -> Iterator[subprocess.Popen[str]]:
    """A server that requires a key of the file."""
    environment = {**os.environ, "ECG_ARTIFACT": str(artifact), "ECG_PORT": str(port), "ECG_API_KEYS_FILE": str(file)}
    command = [sys.executable, "-m", "server"]
    with subprocess.Popen(command, cwd=root, env=environment, text=True, stderr=subprocess.PIPE) as server:
        try:
            until_healthy(f"http://127.0.0.1:{port}", server)
            yield server
        finally:
            server.kill()


@pytest.fixture(scope="module")
def locked(root, artifact, tmp_path_factory, free_port, until_healthy) -> Iterator[tuple[str, str]]:
    """The address of a server that requires keys, and one of two."""
    file, port = tmp_path_factory.mktemp("keys") / "keys", free_port()
    new_key(file, "another clinic")
    key = new_key(file, "clinic")
    with requiring_keys(root, artifact, file, port, until_healthy):
        yield f"http://127.0.0.1:{port}", key


def test_without_a_key_there_is_health_and_nothing_else(locked, example) -> None:
    """401 with the one shape of errors, the same whatever was wrong; a path that is not there is not told from one that is."""
    address, key = locked
    wrong = [
        {},
        bearer("x"),
        bearer(key[:-1]),
        bearer(key + "x"),
        {"Authorization": "Bearer"},
        {"Authorization": f"Basic {key}"},
        {"Authorization": key},
    ]
    asked = [httpx2.get(address + path) for path in CLOSED]
    asked += [httpx2.post(f"{address}/predict", json=example, headers=headers) for headers in wrong]
    asked.append(httpx2.post(f"{address}/predict", json={"features": [example["features"]] * 500}))

    assert [httpx2.get(address + path).status_code for path in OPEN] == [200] * len(OPEN)
    assert {(answer.status_code, answer.text) for answer in asked} == {
        (401, '{"error":"expected Authorization: Bearer and a key of this server"}')
    }
    assert {answer.headers["www-authenticate"] for answer in asked} == {"Bearer"}


def test_with_a_key_everything_answers(locked, example) -> None:
    """On the fast path and on the others; the scheme's name may be in any case."""
    address, key = locked

    with httpx2.Client(base_url=address, headers=bearer(key)) as client:
        assert [client.get(path).status_code for path in CLOSED] == [200] * (len(CLOSED) - 1) + [404]
        assert client.post("/predict", json=example).status_code == 200
        assert client.post("/predict", json={"features": [example["features"]] * 500}).status_code == 200
        assert client.post("/predict", json=example, headers={"Authorization": f"bearer {key}"}).status_code == 200


def test_two_keys_at_once_are_none(locked, example) -> None:
    """Two Authorization fields, one of them good: a proxy before the server may have looked at the other."""
    address, key = locked
    body = json.dumps(example).encode()

    with socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2])), timeout=10) as wire:
        fields = f"Authorization: Bearer {key}\r\nAuthorization: Bearer x\r\nContent-Type: application/json\r\n"
        wire.sendall(f"POST /predict HTTP/1.1\r\nHost: x\r\n{fields}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        answer = http.client.HTTPResponse(wire)
        answer.begin()

    assert answer.status == 401


@pytest.mark.parametrize(
    ("shown", "is_good"),
    [
        ({"additional_headers": {"Authorization": "Bearer KEY"}}, True),
        ({"subprotocols": ["ecg", "key.KEY"]}, True),
        ({}, False),
        ({"subprotocols": ["ecg", "key.x"]}, False),
        ({"subprotocols": ["ecg", "key.KEY", "key.x"]}, False),
        ({"additional_headers": {"Authorization": "Bearer KEY"}, "subprotocols": ["ecg", "key.KEY"]}, False),
    ],
    ids=["header", "protocol", "none", "wrong protocol", "two protocols", "both"],
)
def test_a_stream_is_opened_with_a_key(locked, shown, is_good) -> None:
    """In the header, or among the protocols, where a browser can put it; the key is not said back."""
    address, key = locked
    options = json.loads(json.dumps(shown).replace("KEY", key))

    try:
        with connect(f"{address.replace('http', 'ws', 1)}/stream?sampling_rate=250", **options) as stream:
            assert is_good and stream.subprotocol == ("ecg" if "subprotocols" in options else None)
    except InvalidStatus as refused:
        assert not is_good
        assert refused.response.status_code == 401


def test_a_long_body_without_a_key_is_not_held(locked) -> None:
    """The refusal comes before the body does."""
    address, _ = locked
    head = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 8000000\r\n\r\n"

    with socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2])), timeout=10) as wire:
        wire.sendall(head + b" " * 100_000)
        answer = http.client.HTTPResponse(wire)
        answer.begin()

    assert answer.status == 401


def until(address: str, key: str, status: int) -> None:
    """Wait for the server to answer a key with this, a minute at most."""
    end = time.monotonic() + 60
    while httpx2.get(f"{address}/v2", headers=bearer(key)).status_code != status:
        assert time.monotonic() < end
        time.sleep(0.02)


def test_keys_are_added_and_revoked_without_a_restart(root, artifact, file, free_port, until_healthy) -> None:
    """A new one is good within a moment, one whose line is deleted no longer; no key is logged."""
    clinic, port = new_key(file, "clinic"), free_port()
    address = f"http://127.0.0.1:{port}"
    with requiring_keys(root, artifact, file, port, until_healthy) as server:
        new = new_key(file, "new")
        until(address, new, 200)
        file.write_text("".join(line for line in file.read_text().splitlines(keepends=True) if " clinic" not in line))
        until(address, clinic, 401)
        status = httpx2.get(f"{address}/v2", headers=bearer(new)).status_code
        server.send_signal(signal.SIGTERM)
        log = server.communicate(timeout=30)[1]

    assert status == 200
    assert log.count("API keys reloaded") == 2
    assert clinic not in log
    assert new not in log


@pytest.mark.parametrize("content", ["", "not a key\n", None])
def test_a_bad_file_of_keys_changes_nothing_while_the_server_runs(file, caplog, content) -> None:
    """Emptied, overwritten or gone: the keys there were stay valid, no other becomes so, and one line says why."""
    key = new_key(file, "clinic")
    keys = ApiKeys(file)
    file.unlink() if content is None else file.write_text(content)

    asyncio.run(keys.reload())

    assert keys.are_required
    assert keys.accepts(b"Bearer " + key.encode())
    assert not keys.accepts(b"Bearer x")
    assert [record.getMessage().rpartition("; ")[2] for record in caplog.records] == ["the former keys stay valid"]


@pytest.mark.parametrize(
    "content", [None, "", "# none\n\n", "0123\n", "0" * 63 + "g clinic\n", b"\xff\xfe", "0" * 64 + "\nBearer x\n"]
)
def test_no_server_starts_with_a_file_that_is_no_good(root, artifact, file, free_port, content) -> None:
    """It would let everybody in, or nobody: one sentence, exit code 2."""
    if content is not None:
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    environment = {**os.environ, "ECG_ARTIFACT": str(artifact), "ECG_PORT": str(free_port()), "ECG_API_KEYS_FILE": str(file)}

    done = subprocess.run(
        [sys.executable, "-m", "server"], cwd=root, env=environment, capture_output=True, text=True, timeout=60, check=False
    )

    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "expected" in done.stderr
    with pytest.raises(BadKeys):
        read_digests(file)


def test_only_digests_are_kept(file) -> None:
    """And names, for whoever reads the file."""
    keys = [new_key(file, name) for name in ("a", "b c")]

    assert len(set(keys)) == 2
    assert not [key for key in keys if key in file.read_text()]
    assert [line.split("  ")[1] for line in file.read_text().splitlines()] == ["a", "b c"]
    assert len(read_digests(file)) == 2


def test_time_tells_nothing_of_a_key(file, monkeypatch) -> None:
    """Every key of the file is compared, by its whole digest and in constant time, whichever of them is right, or none."""
    right = [new_key(file, name) for name in ("a", "b", "c")]
    keys, compared = ApiKeys(file), []

    def compare_digest(given: bytes, stored: bytes) -> bool:
        compared.append((len(given), len(stored)))
        return given == stored

    monkeypatch.setattr("server.api_keys.hmac.compare_digest", compare_digest)

    assert [keys.accepts(b"Bearer " + key.encode()) for key in (*right, right[0][:-1], "")] == [True] * 3 + [False] * 2
    assert compared == [(32, 32)] * 3 * 5
