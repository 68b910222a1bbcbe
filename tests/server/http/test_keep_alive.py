"""Connections between two requests: kept as long as the setting says, and only so many of them."""

import json
import os
import re
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack

import httpx2
import pytest

from server.http.keep_alive import MAX_IDLE, SWEEP_S, IdleLimit
from server.settings import Settings

SECONDS = 2
FILES = 120
HEALTH = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"
MODES = ["on", "off"]


@pytest.fixture(scope="module", params=MODES, ids=["fast path", "without"])
def patient(request, serve) -> Iterator[int]:
    """The port of a server that keeps idle connections for SECONDS."""
    with serve(ECG_KEEP_ALIVE_SECONDS=str(SECONDS), ECG_FAST_PATH=request.param) as (_, address):
        yield int(address.rpartition(":")[2])


def row(example: dict[str, list[float]], *lines: bytes) -> bytes:
    """A request for one row."""
    body = json.dumps(example).encode()
    head = [b"POST /predict HTTP/1.1", b"Host: x", b"Content-Type: application/json", b"Content-Length: %d" % len(body)]
    return b"\r\n".join([*head, *lines, b"", body])


def ask(wire: socket.socket, request: bytes) -> bytes:
    """The head of the answer."""
    wire.sendall(request)
    said = b""
    while b"\r\n\r\n" not in said:
        part = wire.recv(65_536)
        assert part, "the connection was closed"
        said += part
    head, _, body = said.partition(b"\r\n\r\n")
    length = int(re.search(rb"content-length: (\d+)", head.lower())[1])
    while len(body) < length:
        body += wire.recv(65_536)
    return head.lower()


def test_the_default_is_longer_than_what_balancers_keep() -> None:
    """Sixty seconds is what most keep; who closes first must be they."""
    assert Settings().keep_alive_seconds == 75


def test_an_idle_connection_is_answered_again_and_closed_in_the_end(patient, example) -> None:
    """Each answer begins the time anew, on either way; then the connection ends without a word."""
    with socket.create_connection(("127.0.0.1", patient), timeout=20) as wire:
        for request in (HEALTH, row(example), row(example)):
            head = ask(wire, request)
            assert head.startswith(b"http/1.1 200")
            time.sleep(SECONDS * 0.6)

        assert wire.recv(1) == b""


def test_a_connection_that_says_nothing_ends(serve) -> None:
    """As one does that has nothing more to say."""
    with serve(ECG_KEEP_ALIVE_SECONDS="1") as (_, address), socket.socket() as wire:
        wire.settimeout(20)
        wire.connect(("127.0.0.1", int(address.rpartition(":")[2])))

        assert wire.recv(1) == b""


@pytest.mark.parametrize("kind", ["fast", "slow", "refused"])
def test_answers_tell_how_long_an_idle_connection_is_kept(patient, example, kind) -> None:
    """On a connection that stays; not on one that is closed after the answer, nor in HTTP/1.0."""
    request = {"fast": row(example), "slow": HEALTH, "refused": b"GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n"}[kind]

    with socket.create_connection(("127.0.0.1", patient), timeout=20) as wire:
        stays = ask(wire, request)
        last = ask(wire, request.replace(b"Host: x\r\n", b"Host: x\r\nConnection: close\r\n"))
    with socket.create_connection(("127.0.0.1", patient), timeout=20) as wire:
        old = ask(wire, request.replace(b"HTTP/1.1", b"HTTP/1.0"))

    assert b"\r\nkeep-alive: timeout=%d" % SECONDS in stays
    assert b"connection: close" not in stays
    assert b"keep-alive" not in last
    assert b"\r\nconnection: close" in last
    assert b"keep-alive" not in old


@pytest.mark.parametrize("mode", MODES, ids=["fast path", "without"])
def test_idle_connections_do_not_delay_a_stop(serve, example, mode) -> None:
    """They are closed when the server stops, though they were to be kept for 75 seconds."""
    with serve(ECG_FAST_PATH=mode) as (server, address):
        wire = socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2])), timeout=30)
        with wire:
            ask(wire, row(example))
            server.send_signal(signal.SIGTERM)

            assert wire.recv(1) == b""
            assert server.wait(timeout=30) == 0


class Loop:
    """An event loop whose time is set by hand."""

    def __init__(self) -> None:
        self.now = 0.0
        self.scheduled: list[tuple] = []

    def time(self) -> float:
        """Now."""
        return self.now

    def call_later(self, seconds: float, function, *arguments) -> None:
        """Keep it."""
        self.scheduled.append((self.now + seconds, function, arguments))

    def call_soon(self, function, *arguments) -> None:
        """Do it."""
        function(*arguments)

    def run(self, until: float) -> None:
        """Run what is due, in order."""
        while due := [one for one in self.scheduled if one[0] <= until]:
            self.scheduled.remove(due[0])
            self.now, function, arguments = due[0]
            function(*arguments)
        self.now = until


class Connection:
    """A connection that leaves `connections` when it is closed."""

    def __init__(self, connections: set, idle_since: float | None) -> None:
        self.idle_since, self._connections = idle_since, connections
        connections.add(self)

    def close_idle(self) -> None:
        """Close it."""
        self._connections.discard(self)


def test_beyond_the_limit_the_longest_idle_are_closed() -> None:
    """Those that are answered, and those idle only just now, stay; nothing is looked at below the limit."""
    loop, connections = Loop(), set()
    limit = IdleLimit(3)
    old = [Connection(connections, idle_since=i / 10) for i in range(3)]
    limit.check(connections, loop)
    assert loop.scheduled == []

    loop.now = 5.0
    busy = [Connection(connections, None) for _ in range(10)]
    young = [Connection(connections, 5.5) for _ in range(2)]
    limit.check(connections, loop)
    loop.run(until=6.1)

    assert connections == {old[2], *busy, *young}
    assert len(loop.scheduled) == 1  # There are more connections than may be idle: it looks again.
    for one in busy:
        one.idle_since = 6.2
    loop.run(until=9.0)
    assert len(connections) == 3
    assert loop.scheduled == []


def test_the_limit_follows_from_the_files_that_may_be_open(monkeypatch) -> None:
    """Half of them at most, so that new connections can always be accepted."""
    limits = {}
    for soft in (256, 1_000_000, resource.RLIM_INFINITY):
        monkeypatch.setattr(resource, "getrlimit", lambda _, soft=soft: (soft, soft))
        limits[soft] = IdleLimit().max_idle

    assert limits == {256: 128, 1_000_000: MAX_IDLE, resource.RLIM_INFINITY: MAX_IDLE}


def test_a_server_with_few_files_is_not_exhausted_by_idle_connections(root, artifact, beats, free_port, until_healthy) -> None:
    """More connections stay open than it may have files: the first are closed, and a new one is answered."""
    port = free_port()
    here = {"ECG_ARTIFACT": str(artifact), "ECG_BEATS": str(beats), "ECG_PORT": str(port)}
    command = ["sh", "-c", f'ulimit -n {FILES}; exec "$0" -m server', sys.executable]
    with (
        subprocess.Popen(command, cwd=root, env={**os.environ, **here}, stderr=subprocess.DEVNULL) as server,
        ExitStack() as stack,
    ):
        stack.callback(server.kill)
        until_healthy(f"http://127.0.0.1:{port}", server)
        wires = [stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10))]
        ask(wires[0], HEALTH)
        for _ in range(5):
            wires += [stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10)) for _ in range(FILES // 4)]
            ask(wires[-1], HEALTH)
            time.sleep(SWEEP_S + 0.3)

        assert wires[0].recv(1) == b""
        assert ask(wires[-1], HEALTH).startswith(b"http/1.1 200")
        assert httpx2.get(f"http://127.0.0.1:{port}/health").status_code == 200
