"""Overload is a time: rows queue, and only what would wait for too long is refused, at once, and answered when it asks again."""

import json
import re
import signal
import socket
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

ROWS = 500


@pytest.fixture
def row(example) -> bytes:
    """A request for one row, as on the wire."""
    body = json.dumps(example).encode()
    head = f"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


@pytest.fixture
def crowd(request, serve, row) -> Iterator[Callable[..., Callable[..., list[bytes]]]]:
    """Start a server with these settings, and connect; each call then sends a row over some connections at the same moment.

    The server is halted until all of them have arrived.
    """
    if request.config.getoption("image"):
        pytest.skip("the process is a container's, and cannot be halted from here")
    with ExitStack() as stack:

        def start(**settings: str) -> Callable[..., list[bytes]]:
            server, address = stack.enter_context(serve(**settings))
            where = ("127.0.0.1", int(address.rpartition(":")[2]))
            wires = [stack.enter_context(socket.create_connection(where, timeout=60)) for _ in range(ROWS)]
            time.sleep(0.5)

            def ask(numbers: range | list[int] = range(ROWS)) -> list[bytes]:
                server.send_signal(signal.SIGSTOP)
                for number in numbers:
                    wires[number].sendall(row)
                server.send_signal(signal.SIGCONT)
                return [wires[number].recv(4096) for number in numbers]

            return ask

        yield start


def test_rows_that_come_at_once_are_all_answered(crowd) -> None:
    """Of 500 at the same moment none is refused, and none of the next 500, though they are many runs, if they may wait for it."""
    ask = crowd(ECG_MAX_WAIT_MS="60000")

    answers = ask() + ask() + ask()

    assert [answer.split()[1] for answer in answers] == [b"200"] * 3 * ROWS


def test_what_would_wait_too_long_is_refused_at_once(crowd) -> None:
    """Where a row may wait for a millisecond, and the server knows how long a run takes; its connection is read on at once."""
    ask = crowd(ECG_MAX_WAIT_MS="1")

    ask()
    answers = ask()
    refused = [number for number, answer in enumerate(answers) if answer.split()[1] != b"200"]
    again = ask(refused[:10])

    assert 0 < len(refused) < ROWS
    assert all(b"HTTP/1.1 503 " in answers[number] and b"retry-after: 1\r\n" in answers[number] for number in refused)
    assert [answer.split()[1] for answer in again] == [b"200"] * 10


def test_clients_that_connect_at_once_are_accepted_many_at_a_time(request, serve, row) -> None:
    """Their rows share runs: accepted one in each iteration of the event loop, each row would be a run of its own."""
    if request.config.getoption("image"):
        pytest.skip("the process is a container's, and cannot be halted from here")
    with serve() as (server, address), ExitStack() as stack:
        server.send_signal(signal.SIGSTOP)
        where = ("127.0.0.1", int(address.rpartition(":")[2]))
        wires = [stack.enter_context(socket.create_connection(where, timeout=60)) for _ in range(ROWS)]
        for wire in wires:
            wire.sendall(row)
        server.send_signal(signal.SIGCONT)

        answers = [wire.recv(4096) for wire in wires]
        time.sleep(1.5)  # Rows are counted once a second.
        metrics = urllib.request.urlopen(f"{address}/metrics", timeout=10).read().decode()

    runs = float(re.search(r"(?m)^ecg_gathered_rows_count (\S+)", metrics)[1])
    assert [answer.split()[1] for answer in answers] == [b"200"] * ROWS
    assert runs <= ROWS / 4
