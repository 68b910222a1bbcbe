"""What is hardly HTTP, or HTTP that means harm: one sentence, one answer, and the next client is served as before."""

import json
import socket
import subprocess
import time
from collections.abc import Iterator

import httpx2
import pytest

from server.http.limits import MAX_HEAD_BYTES, MAX_HEADERS, MAX_PIPELINED

BODY = b'{"features": [1]}'
JSON = b"Content-Type: application/json\r\n"
HIDDEN = b"GET /v2/hidden HTTP/1.1\r\nHost: x\r\n\r\n"


def post(*fields: bytes, body: bytes = BODY) -> bytes:
    """A request for /predict with these header fields and no others but what it is."""
    return b"POST /predict HTTP/1.1\r\nHost: x\r\n" + JSON + b"".join(field + b"\r\n" for field in fields) + b"\r\n" + body


def say(address: str, *parts: bytes, finish: bool = False) -> tuple[list[tuple[int, bytes]], bool]:
    """Send the parts; status and body of all answers, and whether the server then closed."""
    with socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2])), timeout=10) as wire:
        for part in parts:
            wire.sendall(part)
        if finish:
            wire.shutdown(socket.SHUT_WR)
        return heard(wire)


def heard(wire: socket.socket) -> tuple[list[tuple[int, bytes]], bool]:
    """All answers, as long as they come within half a second of each other, and whether the connection was closed."""
    said, closed = b"", False
    try:
        while piece := wire.recv(65_536):
            said += piece
            wire.settimeout(0.5)
        closed = True
    except TimeoutError:
        pass
    except ConnectionResetError:
        closed = True
    answers = []
    while said:
        head, _, rest = said.partition(b"\r\n\r\n")
        lines = head.lower().split(b"\r\n")
        length = int(next(line.split(b":")[1] for line in lines if line.startswith(b"content-length:")))
        answers.append((int(head.split()[1]), rest[:length]))
        said = rest[length:]
    return answers, closed


NOT_HTTP = {
    "words": b"Doe, Jane\r\n\r\n",
    "nothing but line ends": b"\r\n" * 50 + b"\x00\r\n\r\n",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "TLS": bytes.fromhex("16030100c8010000c40303") + bytes(60),
    "a version that is none": b"GET /health HTTP/9.x\r\n\r\n",
    "a verb that is none": b"GIVE /health HTTP/1.1\r\nHost: x\r\n\r\n",
    "a space before the colon": post(b"Content-Length : 17"),
    "a folded line": post(b"X: 1\r\n 2", b"Content-Length: 17"),
    "a zero byte in a field": post(b"X: a\x00b", b"Content-Length: 17"),
    "a line end alone": post(b"X: a\rContent-Length: 17"),
    "a negative length": post(b"Content-Length: -17"),
    "a length with a sign": post(b"Content-Length: +17"),
    "a length that is no number": post(b"Content-Length: 0x11"),
    "a length beyond all numbers": post(b"Content-Length: 99999999999999999999"),
    "two lengths that contradict": post(b"Content-Length: 17", b"Content-Length: 16"),
    "two lengths that agree": post(b"Content-Length: 17", b"Content-Length: 17"),
    "two lengths in one field": post(b"Content-Length: 17, 17"),
    "a length and chunks": post(b"Content-Length: 17", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n" + HIDDEN),
    "chunks and a length": post(b"Transfer-Encoding: chunked", b"Content-Length: 5", body=b"0\r\n\r\n" + HIDDEN),
    "chunks that are not last": post(b"Transfer-Encoding: chunked, gzip", body=b"0\r\n\r\n" + HIDDEN),
    "chunks with a strange name": post(b"Transfer-Encoding: xchunked", body=b"0\r\n\r\n" + HIDDEN),
    "a chunk of negative size": post(b"Transfer-Encoding: chunked", body=b"-1\r\n\r\n" + HIDDEN),
    "a chunk of strange size": post(b"Transfer-Encoding: chunked", body=b"0x5\r\nhello\r\n0\r\n\r\n" + HIDDEN),
    "a chunk of immense size": post(b"Transfer-Encoding: chunked", body=b"fffffffffffffffff\r\n" + HIDDEN),
    "a chunk longer than it says": post(b"Transfer-Encoding: chunked", body=b"2\r\nhello\r\n0\r\n\r\n" + HIDDEN),
}


@pytest.mark.parametrize("kind", NOT_HTTP)
def test_what_is_not_http_gets_one_sentence(address, kind) -> None:
    """Status 400 and nothing of it repeated; what hides in it is not answered, and the connection ends."""
    answers, closed = say(address, NOT_HTTP[kind])

    assert [status for status, _ in answers] == [400]
    assert list(json.loads(answers[0][1])) == ["error"]
    assert b"Doe" not in answers[0][1]
    assert closed


FLOODS = {
    "one field more than may be": post(*[b"X-%d: 1" % i for i in range(MAX_HEADERS - 2)], b"Content-Length: 17"),
    "a long field": post(b"X: " + b"x" * MAX_HEAD_BYTES, b"Content-Length: 17"),
    "a long address": b"GET /" + b"x" * MAX_HEAD_BYTES + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    "a field without end": b"GET /health HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 4 * MAX_HEAD_BYTES,
    "fields without end": b"GET /health HTTP/1.1\r\nHost: x\r\n" + b"".join(b"X-%d: 1\r\n" % i for i in range(20_000)),
    "an address without end": b"GET /" + b"x" * 4 * MAX_HEAD_BYTES,
}


@pytest.mark.parametrize("kind", FLOODS)
@pytest.mark.parametrize("step", [1_000_000, 10_000], ids=["at once", "in parts"])
def test_a_flood_of_header_fields_is_stopped(address, kind, step) -> None:
    """Status 431, in whatever parts it comes."""
    flood = FLOODS[kind]
    with socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2])), timeout=10) as wire:
        try:
            for at in range(0, len(flood), step):
                wire.sendall(flood[at : at + step])
                time.sleep(0.002)
        except OSError:
            pass  # It has been told already.
        answers, _ = heard(wire)

    assert [status for status, _ in answers] == [431]
    assert json.loads(answers[0][1]) == {
        "error": f"expected at most {MAX_HEADERS} header fields of {MAX_HEAD_BYTES} bytes in all"
    }


def test_as_many_fields_as_may_be_are_read(address, example) -> None:
    """The limit is where it is said to be."""
    body = json.dumps(example).encode()
    fields = [b"X-%d: 1" % i for i in range(MAX_HEADERS - 3)]

    answers, _ = say(address, post(*fields, b"Content-Length: %d" % len(body), body=body))

    assert [status for status, _ in answers] == [200]


@pytest.fixture
def alone(serve) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server of its own, to see its memory."""
    with serve() as running:
        yield running


def test_requests_are_not_heaped_up(alone) -> None:
    """Who sends thousands before the first is answered is stopped; a few are answered in order."""
    server, address = alone
    health = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"
    few, _ = say(address, health * (MAX_PIPELINED // 2))

    wires = [socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2])), timeout=10) for _ in range(20)]
    for wire in wires:
        wire.sendall(health * 7_000)
    many = [heard(wire) for wire in wires]
    for wire in wires:
        wire.close()

    assert few == [(200, b'{"status":"healthy"}')] * (MAX_PIPELINED // 2)
    assert all(closed and len(answers) <= MAX_PIPELINED + 1 for answers, closed in many)
    assert server.poll() is None
    assert httpx2.get(f"{address}/health").status_code == 200


ODD = {
    "an upgrade to a websocket": (
        b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n\r\n",
        {200, 400},
    ),
    "an upgrade to HTTP/2": (
        b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\n\r\n",
        {200, 400},
    ),
    "a tunnel": (b"CONNECT example.org:443 HTTP/1.1\r\nHost: x\r\n\r\n", {400, 404, 405}),
    "a whole address": (b"GET http://example.org/health HTTP/1.1\r\nHost: example.org\r\n\r\n", {200, 404}),
    "an asterisk": (b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", {400, 404, 405}),
    "a trace": (b"TRACE /health HTTP/1.1\r\nHost: x\r\nX: Doe\r\n\r\n", {405}),
    "a path out of the root": (b"GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n", {404}),
    "a path with bytes": (b"GET /%00%ff%2e%2e/ HTTP/1.1\r\nHost: x\r\n\r\n", {404}),
    "a slash too much": (b"GET //example.org/%2e%2e HTTP/1.1\r\nHost: x\r\n\r\n", {400, 404}),
    "a slash at the end": (b"GET /health/ HTTP/1.1\r\nHost: evil.example\r\n\r\n", {404}),
    "another verb": (post(b"Content-Length: 17").replace(b"POST", b"PUT"), {405}),
    "HTTP/0.9": (b"GET /health\r\n\r\n", {200, 400}),
    "HTTP/1.0": (b"GET /health HTTP/1.0\r\n\r\n", {200}),
    "no host": (b"GET /health HTTP/1.1\r\n\r\n", {200, 400}),
    "a body for a GET": (b"GET /health HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nDoe", {200}),
    "chunks with remarks": (
        post(b"Transfer-Encoding: chunked", body=b"11;Doe=" + b"x" * 1000 + b"\r\n" + BODY + b"\r\n0\r\nX: Doe\r\n\r\n"),
        {400, 422},
    ),
}


@pytest.mark.parametrize("kind", ODD)
def test_what_is_odd_is_answered_once(address, kind) -> None:
    """Whatever the answer, it is one, in the one shape, and repeats nothing."""
    request, expected = ODD[kind]

    answers, _ = say(address, request)

    assert len(answers) == 1
    status, body = answers[0]
    assert status in expected
    assert b"Doe" not in body
    assert status == 200 or list(json.loads(body)) == ["error"]
    assert httpx2.get(f"{address}/health").status_code == 200


@pytest.mark.parametrize(
    "fields", [(b"Content-Length: 20000000",), (b"Transfer-Encoding: chunked",)], ids=["of said length", "in chunks"]
)
def test_a_body_over_the_limit_is_refused_before_it_is_held(alone, fields) -> None:
    """20 MB: 413 while most of it is still to come, its sender can read that, and memory stays what it was."""
    server, address = alone
    before = resident_mib(server)
    sent, peak = 0, before
    with socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2])), timeout=10) as wire:
        wire.sendall(post(*fields, body=b""))
        block = b" " * 100_000
        while sent < 20_000_000:
            wire.sendall(b"%x\r\n%b\r\n" % (len(block), block) if b"chunked" in fields[0] else block)
            sent += len(block)
            peak = max(peak, resident_mib(server))
        wire.sendall(b"0\r\n\r\n" if b"chunked" in fields[0] else b"")
        wire.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        answers, _ = heard(wire)

    assert [status for status, _ in answers] == [413, 200]
    assert json.loads(answers[0][1]) == {"error": "expected a body of at most 8388608 bytes"}
    assert peak - before < (1 if b"Length" in fields[0] else 24)


def resident_mib(process: subprocess.Popen[str]) -> float:
    """Its resident memory."""
    with open(f"/proc/{process.pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1024


@pytest.mark.parametrize("cut", [20, 60, 90, -2])
def test_a_client_that_goes_away_is_no_failure(alone, cut) -> None:
    """In the middle of head or body; the next one is answered."""
    _, address = alone

    for _ in range(20):
        answers, _ = say(address, post(b"Content-Length: 17")[:cut], finish=True)
        assert answers == []

    assert httpx2.get(f"{address}/health").status_code == 200


def test_who_asks_before_sending_a_body_too_long_need_not_send_it(address) -> None:
    """`Expect: 100-continue`, as curl does: 413 and the end of the connection, without a byte of the body."""
    answers, closed = say(address, post(b"Content-Length: 20000000", b"Expect: 100-continue", body=b""))

    assert [status for status, _ in answers] == [413]
    assert closed
