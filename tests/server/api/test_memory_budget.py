"""More long bodies than there is room for: the others are refused at once, and memory stays within its bounds."""

import json
import re
import socket
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx2
import pytest
import yaml

from server.api.memory_budget import MAX_BODIES, MemoryBudget
from server.settings import Settings

ROOT = Path(__file__).parents[3]
LONGEST = 262_144
HEAD = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


@pytest.fixture
def narrow(serve) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server with a small budget."""
    with serve(ECG_MAX_BODY_BYTES=str(LONGEST)) as running:
        yield running


def test_what_is_released_can_be_acquired_again() -> None:
    """And no more than that."""
    budget = MemoryBudget(160)

    assert budget.acquire(159)
    assert not budget.acquire(2)
    assert budget.acquire(1)
    budget.release(3)
    assert budget.acquire(3)
    assert not budget.acquire(1)


@pytest.mark.parametrize(
    ("framing", "least", "most"),
    [
        (b"Content-Length: %d\r\n\r\n" % LONGEST, MAX_BODIES, MAX_BODIES),
        (b"Transfer-Encoding: chunked\r\n\r\n30d40\r\n", 1, MAX_BODIES * LONGEST // 0x30D40),
    ],
    ids=["of a length that is said", "of one that is not"],
)
def test_a_body_over_the_budget_is_refused_at_once(narrow, example, framing, least, most) -> None:
    """With 503 and Retry-After; a row is answered all the while, and memory is released by those who leave."""
    _, address = narrow
    port = int(address.rpartition(":")[2])
    with ExitStack() as stack:
        wires = [stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10)) for _ in range(MAX_BODIES + 14)]
        for wire in wires:
            wire.sendall(HEAD + framing + b" " * 200_000)
        time.sleep(1)

        said = [ending(wire) for wire in wires]
        row = httpx2.post(f"{address}/predict", json=example)
    time.sleep(0.5)
    later = httpx2.post(f"{address}/predict", json={"features": [example["features"]] * 100})

    assert least <= said.count(None) <= most
    assert [text for text in said if text]
    assert all(text.startswith("HTTP/1.1 503 ") and "retry-after: 1\r\n" in text for text in said if text)
    assert all('{"error":"too many long bodies' in text for text in said if text)
    assert row.status_code == 200
    assert later.status_code == 200


def ending(wire: socket.socket) -> str | None:
    """What the server has said; None if it still waits for more of the body."""
    wire.settimeout(0.05)
    said = b""
    try:
        while piece := wire.recv(4096):
            said += piece
    except TimeoutError:
        pass  # It goes on reading, so that what it said is not lost.
    return said.decode() or None


def many_rows(row: list[float]) -> bytes:
    """The longest request for rows."""
    row = [round(value, 4) for value in row]
    rows = (Settings().max_body_bytes - 1000) // len(json.dumps(row) + ", ")
    tensor = {"name": "features", "shape": [rows, len(row)], "datatype": "FP32", "data": [row] * rows}
    return json.dumps({"inputs": [tensor]}).encode()


def many_samples(row: list[float]) -> bytes:
    """The longest recording, of as many samples as may be: a digit each."""
    beat = "1," * 100 + "0," * 700
    return b'{"sampling_rate":1000,"signal":[%b0]}' % (beat * ((Settings().max_body_bytes - 1000) // len(beat))).encode()


@pytest.mark.parametrize(("path", "longest"), [("/v2/models/ecg/infer", many_rows), ("/annotate", many_samples)])
def test_memory_stays_below_the_limit_whatever_is_sent(request, serve, example, path, longest) -> None:
    """A hundred requests of the longest there may be, at once: answered or refused, in the memory that Kubernetes gives it."""
    if request.config.getoption("image"):
        pytest.skip("the process is a container's, which tells no peak")
    deployment = yaml.safe_load((ROOT / "deploy/kubernetes/deployment.yaml").read_text())
    limit = deployment["spec"]["template"]["spec"]["containers"][0]["resources"]["limits"]["memory"]
    body, seen = longest(example["features"]), list[int]()

    def send(address: str) -> None:
        try:
            answer = httpx2.post(f"{address}{path}", content=body, headers={"Content-Type": "application/json"}, timeout=600)
            seen.append(answer.status_code)
        except httpx2.TransportError:
            seen.append(0)  # The answer was lost with the rest of the body, which nobody read.

    with serve(ECG_MAX_WAIT_MS="60000") as (server, address):  # Refused for want of memory, not of time.
        clients = [threading.Thread(target=send, args=(address,)) for _ in range(100)]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
        peak = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{server.pid}/status").read_text())
        after = httpx2.post(f"{address}/predict", json=example)

    counts = Counter(seen)
    assert peak is not None
    print(f"{path}: {int(peak[1]) / 1024:.0f} MiB, {dict(counts)}")
    assert int(peak[1]) / 1024 < int(limit.removesuffix("Mi"))
    assert set(counts) <= {200, 503, 0}
    assert counts[200] >= MAX_BODIES
    assert after.status_code == 200
