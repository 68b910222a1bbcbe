"""More load than the server can take: who finds no room is told at once, the others are answered as fast as ever."""

import json
import select
import signal
import socket
import time
from contextlib import ExitStack
from typing import NamedTuple

import numpy as np
import pytest

from server.serving.classifier_service import MAX_BATCH_ROWS

RATED = 32
CROWD = 8 * RATED
SECONDS = 1.5
ROUNDS = 3


class Heard(NamedTuple):
    """How long answers took, in seconds; of those that said 503, the first of each connection alone."""

    good: list[float]
    refused: list[float]
    again: int

    @property
    def p99(self) -> float:
        """Of the good answers."""
        return float(np.percentile(self.good, 99))


def ask(port: int, request: bytes, clients: int, seconds: float) -> Heard:
    """So many connections, each of which asks again as soon as it is answered, whatever the answer was."""
    heard = Heard([], [], 0)
    with ExitStack() as stack, select.epoll() as poll:
        wires = {}
        for _ in range(clients):
            wire = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10))
            wires[wire.fileno()] = wire
            poll.register(wire, select.EPOLLIN)
        asked, refused, again = dict.fromkeys(wires, 0.0), set[int](), 0
        for number, wire in wires.items():
            asked[number] = time.perf_counter()
            wire.send(request)
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            for number, _ in poll.poll(0.1):
                answer, now = wires[number].recv(4096), time.perf_counter()
                if answer.startswith(b"HTTP/1.1 200 "):
                    heard.good.append(now - asked[number])
                else:
                    assert answer.startswith(b"HTTP/1.1 503 ")
                    assert b"\r\nretry-after: 1\r\n" in answer
                    assert answer.endswith(b'{"error":"too many rows are waiting, expected fewer at a time"}')
                    if number in refused:
                        again += 1
                    else:
                        heard.refused.append(now - asked[number])
                    refused.add(number)
                asked[number] = time.perf_counter()
                wires[number].send(request)
    return heard._replace(again=again)


@pytest.fixture(scope="module")
def pressed(request, serve):
    """The port of a server that is to be pressed hard."""
    if request.config.getoption("image"):
        pytest.skip("Docker's proxy before a container has a queue of its own")
    with serve() as (_, address):
        yield int(address.rpartition(":")[2])


def test_who_is_accepted_is_answered_in_time(pressed, example) -> None:
    """Eight times the rated clients, none of whom waits when told to: p99 of good answers at most three times the rated one.

    Of the rounds the best counts where time is measured: what others do on the machine disturbs single ones.
    """
    body = json.dumps(example).encode()
    head = f"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    calm, crowded, after = [], [], []

    for _ in range(ROUNDS):
        calm.append(ask(pressed, head + body, RATED, SECONDS))
        crowded.append(ask(pressed, head + body, CROWD, SECONDS))
        after.append(ask(pressed, head + body, RATED, SECONDS))

    best = [min(heard.p99 for heard in some) for some in (calm, crowded, after)]
    print(
        "p99 of {} clients, {} and {} again: {:.2f}, {:.2f}, {:.2f} ms".format(RATED, CROWD, RATED, *(1000 * p99 for p99 in best))
    )
    assert best[1] <= 3 * best[0]
    assert best[2] <= 2 * best[0]
    assert min(max(heard.refused) for heard in crowded) < 0.5
    for heard in crowded:
        assert len(heard.refused) >= CROWD / 4
        assert heard.again <= CROWD * (SECONDS + 1)
        assert len(heard.good) > 1000 * SECONDS
    for heard in (*calm, *after):
        assert heard.refused == []


def test_the_queue_is_as_long_as_it_says(request, process, example) -> None:
    """Of 500 rows that are there at once, MAX_BATCH_ROWS are answered, the others refused; a second later there is room again."""
    if request.config.getoption("image"):
        pytest.skip("the process is a container's, and cannot be halted from here")
    server, address = process
    body = json.dumps(example).encode()
    head = f"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode()

    with ExitStack() as stack:
        port = int(address.rpartition(":")[2])
        wires = [stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10)) for _ in range(500)]
        time.sleep(0.5)
        server.send_signal(signal.SIGSTOP)
        for wire in wires:
            wire.sendall(head + body)
        server.send_signal(signal.SIGCONT)
        status = [int(wire.recv(4096).split()[1]) for wire in wires]
        refused = [wire for wire, code in zip(wires, status, strict=True) if code == 503]
        time.sleep(1)
        for wire in refused[:10]:
            wire.sendall(head + body)
        later = [int(wire.recv(4096).split()[1]) for wire in refused[:10]]

    assert MAX_BATCH_ROWS <= status.count(200) <= 4 * MAX_BATCH_ROWS  # The batch being read when it was halted is another.
    assert len(refused) == 500 - status.count(200)
    assert later == [200] * 10
