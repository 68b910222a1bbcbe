"""A request that does not come whole in time is answered 408, and those who send it slowly hold up nobody."""

import http.client
import json
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack

import httpx2
import pytest

SECONDS = 2
SLOW = 500


@pytest.fixture(scope="module")
def impatient(serve) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A server that waits two seconds for a request, and its port."""
    with serve(ECG_REQUEST_SECONDS=str(SECONDS)) as (server, address):
        yield server, int(address.rpartition(":")[2])


def begun(kind: str) -> bytes:
    """A request of which something is missing."""
    head = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    return {
        "head": head,
        "row": head + b'Content-Length: 900\r\n\r\n{"features": [',
        "long body": head + b"Content-Length: 900000\r\n\r\n" + b" " * 70_000,
        "chunked body": head + b"Transfer-Encoding: chunked\r\n\r\n4\r\n    \r\n",
        "second request": head + b"Content-Length: 2\r\n\r\n{}" + head,
    }[kind]


@pytest.mark.parametrize("kind", ["head", "row", "long body", "chunked body", "second request"])
def test_what_does_not_come_is_refused(impatient, kind) -> None:
    """With 408, the one shape of errors, and the end of the connection."""
    _, port = impatient

    with socket.create_connection(("127.0.0.1", port), timeout=20) as wire, wire.makefile("rb") as answers:
        wire.sendall(begun(kind))
        said = answers.read()

    head, _, body = said.rpartition(b"\r\n\r\n")
    if kind == "second request":
        assert said.startswith(b"HTTP/1.1 422")
        assert b"HTTP/1.1 408 Request Timeout\r\n" in said
    else:
        assert head.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
        assert json.loads(body) == {"error": f"expected the whole request within {SECONDS} seconds"}


def test_a_request_that_comes_slowly_but_in_time_is_answered(impatient, example) -> None:
    """And the next one on the same connection has all its time again."""
    _, port = impatient
    body = json.dumps(example).encode()
    head = f"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode()

    with socket.create_connection(("127.0.0.1", port), timeout=20) as wire:
        for _ in range(3):
            wire.sendall(head)
            time.sleep(SECONDS * 0.6)
            wire.sendall(body)
            answer = http.client.HTTPResponse(wire)
            answer.begin()
            assert answer.status == 200
            answer.read()


def test_hundreds_of_slow_clients_hold_up_nobody(impatient, example) -> None:
    """500 connections that send a byte a second are ended in time, and a good client is answered all the while."""
    server, port = impatient
    stop = threading.Event()

    with ExitStack() as stack:
        wires = [stack.enter_context(socket.create_connection(("127.0.0.1", port))) for _ in range(SLOW)]

        def drip() -> None:
            for wire in wires:
                wire.sendall(begun("row"))
            while not stop.wait(1):
                for wire in wires:
                    try:
                        wire.sendall(b"1")
                    except OSError:
                        continue  # Ended by the server.

        slow = threading.Thread(target=drip)
        slow.start()
        with httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
            status = {client.post("/predict", json=example).status_code for _ in range(200)}
        ended = sum(ends(wire) for wire in wires)
        stop.set()
        slow.join()

    assert status == {200}
    assert ended == SLOW
    assert server.poll() is None


def ends(wire: socket.socket) -> bool:
    """Whether the server refused and closed this connection."""
    wire.settimeout(60)
    try:
        said = b""
        while piece := wire.recv(4096):
            said += piece
    except ConnectionResetError:
        return True
    return said.startswith(b"HTTP/1.1 408")
