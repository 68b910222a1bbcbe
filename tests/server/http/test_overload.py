"""More rows at once than one micro-batch holds: those over it are refused at once, and answered a moment later."""

import json
import signal
import socket
import time
from contextlib import ExitStack

import pytest

from server.serving.classifier_service import MAX_BATCH_ROWS


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
