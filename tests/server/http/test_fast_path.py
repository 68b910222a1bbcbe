"""The short way, byte by byte: what httpx would never send, and what many clients send at once."""

import hashlib
import json
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import httpx2
import pytest

from server.api.responses import FIELDS
from server.http.fast_request import MAX_HEAD_BYTES, MAX_HEADS, HeadCache, KnownHead

FIELDS_OF_ALL = {"date", "content-type", "content-length", "model-version", "keep-alive"}
SECURITY = {name.decode() for name, _ in FIELDS}
HEALTH = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture
def row(example) -> bytes:
    """A plain request for one row, as on the wire."""
    return request(json.dumps(example).encode())


def request(body: bytes, *lines: bytes, version: bytes = b"1.1") -> bytes:
    """A request for /predict, as on the wire."""
    head = [b"POST /predict HTTP/" + version, b"Host: x", b"Content-Type: application/json", b"Content-Length: %d" % len(body)]
    return b"\r\n".join([*head, *lines, b"", body])


def talk(address: str, *parts: bytes, answers: int) -> list[tuple[int, dict[str, str], dict]]:
    """Send the parts one by one; status, headers and JSON of that many answers."""
    where = urlsplit(address)
    with socket.create_connection((where.hostname, where.port), timeout=10) as wire:
        for part in parts:
            wire.sendall(part)
        stream = wire.makefile("rb")
        return [answer(stream) for _ in range(answers)]


def answer(stream) -> tuple[int, dict[str, str], dict]:
    """The next answer of a connection."""
    while (status := stream.readline()) == b"HTTP/1.1 100 Continue\r\n":
        assert stream.readline() == b"\r\n"
    lines = iter(stream.readline, b"\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.decode().partition(":") for line in lines)}
    return int(status.split()[1]), headers, json.loads(stream.read(int(headers["content-length"])))


def test_both_ways_send_the_same_header_fields(address, row) -> None:
    """A plain row, and one whose header keeps it off the short way."""
    [(status, headers, body)] = talk(address, row, answers=1)
    [(other_status, other_headers, other_body)] = talk(address, row.replace(b"json\r\n", b"json;charset=utf-8\r\n"), answers=1)

    assert (status, body) == (other_status, other_body)
    assert headers.keys() == other_headers.keys() == FIELDS_OF_ALL | SECURITY
    assert headers["content-type"] == other_headers["content-type"]


def test_requests_sent_without_waiting_are_answered_in_order(address, row, example) -> None:
    """Plain rows, bad rows and other paths in one packet, on one connection."""
    bad = request(b'{"features": [1]}')

    answers = talk(address, row + bad + HEALTH + row + row + HEALTH, answers=6)

    assert [status for status, _, _ in answers] == [200, 422, 200, 200, 200, 200]
    assert answers[0][2] == answers[3][2] == answers[4][2]
    assert answers[2][2] == answers[5][2] == {"status": "healthy"}


def test_a_request_may_come_in_pieces(address, row) -> None:
    """Head and body apart, and byte by byte."""
    at = row.index(b"\r\n\r\n") + 4

    [whole] = talk(address, row, answers=1)

    assert talk(address, row[:at], row[at:], answers=1)[0][2] == whole[2]
    assert talk(address, *(row[i : i + 1] for i in range(len(row))), answers=1)[0][2] == whole[2]


def in_turn(address: str, *groups: list[bytes]) -> list[tuple[int, dict]]:
    """Send the packets of each group when those before are answered, on one connection; status and JSON of the answers."""
    where = urlsplit(address)
    with socket.create_connection((where.hostname, where.port), timeout=10) as wire:
        found: list[tuple[int, dict[str, str], dict]] = []
        with wire.makefile("rb") as stream:
            for packets in groups:
                for packet in packets:
                    wire.sendall(packet)
                    time.sleep(0.02)  # So that the server reads them one by one.
                found += [answer(stream) for _ in range(b"".join(packets).count(b" HTTP/1.1\r\n"))]
    return [(status, body) for status, _, body in found]


def test_a_head_that_is_known_changes_no_answer(address, row, example) -> None:
    """The same head again and again: before a good row, a bad one, one in parts, two in one packet; and other paths between."""
    at = row.index(b"\r\n\r\n") + 4
    bad = row[:at] + row[at:].replace(b"f", b"F")
    none = row[:at] + b"[" * (len(row) - at)

    found = in_turn(
        address,
        *([one] for one in (row, row, HEALTH, row, bad, row, none, row)),
        [row[:at], row[at:]],
        [row + row],
        [row + HEALTH],
        [row],
    )

    assert [status for status, _ in found] == [200, 200, 200, 200, 422, 200, 400, *[200] * 7]
    assert [body for _, body in found].count(found[0][1]) == 10


def test_a_head_is_not_known_by_half_of_its_request(address, row, example) -> None:
    """What comes in the first packet may look like a whole row: the head says that more is to come."""
    body = json.dumps(example).encode()
    longer = request(body + b" " * 200)

    found = in_turn(
        address, [row], *([longer[:-200], longer[-200:]] for _ in range(3)), [longer], [longer], [row[:900], row[900:]], [row]
    )

    assert [status for status, _ in found] == [200] * 8


def test_a_known_head_is_no_key(request, serve, row, tmp_path) -> None:
    """A key that is taken back opens nothing, on a connection where it did before."""
    if request.config.getoption("image"):
        pytest.skip("the file of keys is not in the container")
    keys, digests = tmp_path / "keys", [hashlib.sha256(key).hexdigest() for key in (b"other", b"secret")]
    keys.write_text("".join(f"{digest}  name\n" for digest in digests))
    asking = row.replace(b"Host: x\r\n", b"Host: x\r\nAuthorization: Bearer secret\r\n")
    with serve(ECG_API_KEYS_FILE=str(keys)) as (_, address):
        where = urlsplit(address)
        with socket.create_connection((where.hostname, where.port), timeout=10) as wire, wire.makefile("rb") as stream:
            status = []
            for number in range(100):
                wire.sendall(asking)
                status.append(answer(stream)[0])
                if number == 2:
                    keys.write_text(f"{digests[0]}  name\n")
                if status[-1] != 200:
                    break
                time.sleep(0.05)

    assert status[:3] == [200, 200, 200]
    assert status[-1] == 401


def test_known_heads_do_not_fill_the_memory() -> None:
    """However many differ, and however long they are."""
    heads = HeadCache()

    for number in range(3 * MAX_HEADS):
        heads.add(b"%d" % number, KnownHead(number, None))
        assert len(heads) <= MAX_HEADS
    heads.add(b"x" * (MAX_HEAD_BYTES + 1), KnownHead(1, None))

    assert heads[b"%d" % (3 * MAX_HEADS - 1)].body_bytes == 3 * MAX_HEADS - 1
    assert b"x" * (MAX_HEAD_BYTES + 1) not in heads


@pytest.mark.parametrize("version", [b"1.1", b"1.0"])
def test_a_connection_that_shall_not_stay_is_closed_after_the_answer(address, example, version) -> None:
    """By the header, or by the version."""
    where = urlsplit(address)
    with socket.create_connection((where.hostname, where.port), timeout=10) as wire:
        wire.sendall(request(json.dumps(example).encode(), b"Connection: close", version=version))
        stream = wire.makefile("rb")

        status, headers, _ = answer(stream)

        assert (status, headers["connection"]) == (200, "close")
        assert stream.read() == b""


@pytest.mark.parametrize("line", [b"Expect: 100-continue", b"X-Twice: 1\r\nX-Twice: 2", b"Upgrade: websocket"])
def test_what_is_not_plain_is_answered_too(address, example, line) -> None:
    """By the application."""
    [(status, _, body)] = talk(address, request(json.dumps(example).encode(), line), answers=1)

    assert status == 200
    assert body["predicted_class"] in range(5)


def test_a_client_that_leaves_early_disturbs_nobody(address, row) -> None:
    """In the middle of a request, and before its answer."""
    for part in (row[:-5], row):
        for _ in range(20):
            talk(address, part, answers=0)

    assert talk(address, row, answers=1)[0][0] == 200


def test_a_bad_row_fails_alone(address, example) -> None:
    """Whoever shares the turn gets what they would get alone."""
    good = [{"features": [value * (1 + i / 50) for value in example["features"]]} for i in range(40)]
    bad = [b"{", b'{"features": [1]}', b'{"features": "Doe"}']
    with httpx2.Client(base_url=address) as client:
        alone = [client.post("/predict", json=document).json() for document in good]

    def send(i: int) -> tuple[int, dict]:
        content = json.dumps(good[i // 2]).encode() if i % 2 else bad[i // 2 % 3]
        with httpx2.Client(base_url=address) as client:
            response = client.post("/predict", content=content, headers={"Content-Type": "application/json"})
            return response.status_code, response.json()

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(send, range(80)))

    assert [status for status, _ in answers[0::2]] == [(400, 422, 422)[i % 3] for i in range(40)]
    assert [status for status, _ in answers[1::2]] == [200] * 40
    for (_, got), expected in zip(answers[1::2], alone, strict=True):
        assert got["predicted_class"] == expected["predicted_class"]
        assert got["probability"] == pytest.approx(expected["probability"], abs=1e-6)
