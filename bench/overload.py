"""How rows are answered under overload, by a fleet, and beside slow clients: `python -m bench.overload`.

Clients ask again as soon as they are answered, whatever the answer was. Printed: good answers a second, their p99 and how many
were refused, at RATED connections, at CROWD, at CROWD where a row may wait for SHORT_WAIT_MS only, and at RATED again; the same
for FLEET connections that each send a row a second; the throughput of one client alone and beside SLOW ones that send a byte
now and then. Of ROUNDS the best counts: what else runs on the machine disturbs single ones.
"""

import select
import socket
import time
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np

from bench.fixtures import prepare
from bench.load import serving

RATED, CROWD, FLEET, SLOW = 32, 1000, 5000, 500
SHORT_WAIT_MS = 5
SECONDS, ROUNDS = 1.5, 3
FLEET_SECONDS = 5


class Seen(NamedTuple):
    """What clients saw: good answers a second, their 99th percentile in seconds, how many were refused."""

    good_per_s: float
    p99_s: float
    refused: int

    def __str__(self) -> str:
        return f"{self.good_per_s:.0f} good answers a second, p99 {1000 * self.p99_s:.2f} ms, {self.refused} refused"


def main() -> None:
    """Print the figures."""
    with TemporaryDirectory() as folder:
        fixtures = prepare(Path(folder))
        row = request(fixtures.one.body.read_bytes())
        ours = {"ECG_ARTIFACT": str(fixtures.artifact), "ECG_LOG_LEVEL": "error"}
        with serving("server", **ours) as server, serving("server", ECG_MAX_WAIT_MS=str(SHORT_WAIT_MS), **ours) as strict:
            measure(server.port, strict.port, row)


def request(body: bytes) -> bytes:
    """A row, as on the wire."""
    return b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (
        len(body),
        body,
    )


def measure(port: int, strict: int, row: bytes) -> None:
    """All rounds, the best of each printed."""
    limited = f"the same where a row may wait {SHORT_WAIT_MS} ms"
    for what, where, clients in ((RATED, port, RATED), (CROWD, port, CROWD), (limited, strict, CROWD), (RATED, strict, RATED)):
        print(f"{what} connections: {max(answered(where, row, clients) for _ in range(ROUNDS))}", flush=True)
    print(f"{FLEET} connections, a row a second each: {fleet(port, row)}", flush=True)
    alone = max(answered(port, row, 1).good_per_s for _ in range(ROUNDS))
    with ExitStack() as stack:
        for _ in range(SLOW):
            stack.enter_context(socket.create_connection(("127.0.0.1", port))).sendall(row[:-1])
        beside = max(answered(port, row, 1).good_per_s for _ in range(ROUNDS))
    print(f"rows a second of one connection: {alone:.0f} alone, {beside:.0f} beside {SLOW} slow clients, {beside / alone:.2f}")


def answered(port: int, row: bytes, clients: int) -> Seen:
    """What so many clients see, each of which asks again at once."""
    with ExitStack() as stack, select.epoll() as poll:
        wires = connect(stack, poll, port, clients)
        took, refused, asked = list[float](), 0, dict[int, float]()
        for number, wire in wires.items():
            asked[number] = time.perf_counter()
            wire.send(row)
        end = time.perf_counter() + SECONDS
        while time.perf_counter() < end:
            for number, _ in poll.poll(0.1):
                answer, now = wires[number].recv(4096), time.perf_counter()
                if answer.startswith(b"HTTP/1.1 200 "):
                    took.append(now - asked[number])
                else:
                    refused += 1
                asked[number] = now
                wires[number].send(row)
    return Seen(len(took) / SECONDS, float(np.percentile(took, 99)), refused)


def fleet(port: int, row: bytes) -> Seen:
    """What FLEET clients see that send a row a second, at moments spread over the second; who still waits sends none."""
    with ExitStack() as stack, select.epoll() as poll:
        wires = connect(stack, poll, port, FLEET)
        took, refused, asked = list[float](), 0, dict[int, float]()
        numbers, began, turn = list(wires), time.perf_counter(), 0
        while turn < FLEET * FLEET_SECONDS or asked:
            due = min(int((time.perf_counter() - began) * FLEET), FLEET * FLEET_SECONDS)
            for number in {numbers[each % FLEET] for each in range(turn, due)} - asked.keys():
                asked[number] = time.perf_counter()
                wires[number].send(row)
            turn = due
            for number, _ in poll.poll(0.0005):
                answer = wires[number].recv(4096)
                took.append(time.perf_counter() - asked.pop(number))
                refused += not answer.startswith(b"HTTP/1.1 200 ")
    return Seen((len(took) - refused) / FLEET_SECONDS, float(np.percentile(took, 99)), refused)


def connect(stack: ExitStack, poll: select.epoll, port: int, clients: int) -> dict[int, socket.socket]:
    """So many connections, by file number."""
    wires = [stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10)) for _ in range(clients)]
    for wire in wires:
        poll.register(wire, select.EPOLLIN)
    return {wire.fileno(): wire for wire in wires}


if __name__ == "__main__":
    main()
