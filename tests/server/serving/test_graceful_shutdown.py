"""Graceful shutdown: after SIGTERM health turns 503, and all requests that were accepted are answered."""

import http.client
import json
import signal
import socket
import threading
import time
from collections.abc import Callable
from contextlib import closing

import httpx2
import pytest

CLIENTS = 16
REQUESTS = 2_000


class Client(threading.Thread):
    """Asks again and again over one connection, until the server says that the connection ends with this answer."""

    def __init__(self, port: int, body: bytes) -> None:
        super().__init__()
        self.port, self.body = port, body
        self.answered = 0
        self.lost: list[str] = []

    def run(self) -> None:
        """Count what is answered, and what is not."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)) as connection:
            try:
                while self._ask(connection) != "close":
                    self.answered += 1
            except OSError as error:
                self.lost.append(repr(error))

    def _ask(self, connection: http.client.HTTPConnection) -> str | None:
        connection.request("POST", "/predict", self.body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            self.lost.append(str(answer.status))
        return answer.getheader("connection")


def port_of(address: str) -> int:
    """The port of an address."""
    return int(address.rpartition(":")[2])


def status(url: str) -> int:
    """The status of a response, 0 if there is none."""
    try:
        return httpx2.get(url).status_code
    except httpx2.TransportError:
        return 0


def until(wanted: Callable[[], bool]) -> None:
    """Wait for something to be so, a minute at most."""
    end = time.monotonic() + 60
    while not wanted():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_no_request_is_lost_when_it_is_told_to_stop_under_load(serve, example) -> None:
    """0 of 2,000 or more, counted by the clients; health turns 503 first; exit code 0."""
    with serve() as (server, address), httpx2.Client(base_url=address, timeout=30) as asked:
        clients = [Client(port_of(address), json.dumps(example).encode()) for _ in range(CLIENTS)]
        for client in clients:
            client.start()
        until(lambda: sum(client.answered for client in clients) >= REQUESTS)
        server.send_signal(signal.SIGTERM)
        until(lambda: asked.get("/health").status_code == 503)
        health, ready, live = (asked.get(path) for path in ("/health", "/v2/health/ready", "/v2/health/live"))
        for client in clients:
            client.join(timeout=20)
        exit_code = server.wait(timeout=30)

    assert [lost for client in clients for lost in client.lost] == []
    assert health.json() == {"status": "unhealthy", "reason": "the server is stopping"}
    assert (ready.status_code, ready.json()) == (503, {"ready": False})
    assert live.status_code == 200
    assert exit_code == 0


@pytest.mark.parametrize("path", ["/predict", "/v2/models/ecg/infer"])
def test_a_request_that_had_begun_is_still_answered(serve, example, path) -> None:
    """Half of it before the signal, half after."""
    rows = [example["features"]] * 64
    tensor = {"name": "features", "shape": [64, len(rows[0])], "datatype": "FP32", "data": rows}
    body = json.dumps({"features": rows} if path == "/predict" else {"inputs": [tensor]}).encode()
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode()

    with serve() as (server, address), socket.create_connection(("127.0.0.1", port_of(address))) as wire:
        wire.sendall(head + body[: len(body) // 2])
        time.sleep(0.2)
        server.send_signal(signal.SIGTERM)
        time.sleep(0.4)
        wire.sendall(body[len(body) // 2 :])
        answer = http.client.HTTPResponse(wire)
        answer.begin()
        content = json.loads(answer.read())
        exit_code = server.wait(timeout=30)

    assert answer.status == 200
    assert answer.getheader("connection") == "close"
    assert len(content.get("predictions", rows)) == 64
    assert exit_code == 0


def test_a_second_signal_ends_it_at_once(serve) -> None:
    """It waits neither for a request that never arrives whole nor for the application's shutdown."""
    with serve() as (server, address), socket.create_connection(("127.0.0.1", port_of(address))) as wire:
        wire.sendall(b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nContent-Type: application/json\r\n\r\n{")
        server.send_signal(signal.SIGTERM)
        until(lambda: status(f"{address}/health") != 200)

        server.send_signal(signal.SIGTERM)
        log = server.communicate(timeout=30)[1]

    assert server.returncode == 0
    assert "Application shutdown complete" not in log
