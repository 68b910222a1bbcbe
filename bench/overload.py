"""How fast accepted rows are answered under overload and beside slow clients: `python -m bench.overload`.

Clients ask again as soon as they are answered, whatever the answer was. Printed: the p99 of good answers at RATED connections,
at CROWD, and at RATED again; the throughput of one client alone and beside SLOW ones that send a byte now and then. Of ROUNDS
the best counts: what else runs on the machine disturbs single ones.
"""

import select
import socket
import time
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from bench.fixtures import prepare
from bench.load import serving

RATED, CROWD, SLOW = 32, 256, 500
SECONDS, ROUNDS = 1.5, 3


def main() -> None:
    """Print the figures."""
    with TemporaryDirectory() as folder:
        fixtures = prepare(Path(folder))
        row = request(fixtures.one.body.read_bytes())
        with serving("server", ECG_ARTIFACT=str(fixtures.artifact), ECG_LOG_LEVEL="error") as server:
            measure(server.port, row)


def request(body: bytes) -> bytes:
    """A row, as on the wire."""
    return b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (
        len(body),
        body,
    )


def measure(port: int, row: bytes) -> None:
    """All rounds, the best of each printed."""
    p99 = np.array([[1000 * answered(port, row, clients)[1] for clients in (RATED, CROWD, RATED)] for _ in range(ROUNDS)]).min(0)
    print(f"p99 at {RATED}, {CROWD} and {RATED} connections: " + ", ".join(f"{value:.2f}" for value in p99) + " ms")
    alone = max(answered(port, row, 1)[0] for _ in range(ROUNDS))
    with ExitStack() as stack:
        for _ in range(SLOW):
            wire = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            wire.sendall(row[:-1])
        beside = max(answered(port, row, 1)[0] for _ in range(ROUNDS))
    print(f"rows a second of one connection: {alone:.0f} alone, {beside:.0f} beside {SLOW} slow clients, {beside / alone:.2f}")


def answered(port: int, row: bytes, clients: int) -> tuple[float, float]:
    """Good answers a second of so many connections, and the 99th percentile of how long they took, in seconds."""
    took: list[float] = []
    with ExitStack() as stack, select.epoll() as poll:
        wires = {}
        for _ in range(clients):
            wire = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10))
            wires[wire.fileno()] = wire
            poll.register(wire, select.EPOLLIN)
        asked = {}
        for number, wire in wires.items():
            asked[number] = time.perf_counter()
            wire.send(row)
        end = time.perf_counter() + SECONDS
        while time.perf_counter() < end:
            for number, _ in poll.poll(0.1):
                answer, now = wires[number].recv(4096), time.perf_counter()
                if answer.startswith(b"HTTP/1.1 200 "):
                    took.append(now - asked[number])
                asked[number] = now
                wires[number].send(row)
    return len(took) / SECONDS, float(np.percentile(took, 99))


if __name__ == "__main__":
    main()
