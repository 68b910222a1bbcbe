"""Streams over a socket: frames, handshakes and the end of the server, on the fast path's protocol and on uvicorn's own."""

import asyncio
import json
import re
import signal
import socket as sockets
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import httpx2
import numpy as np
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

HANDSHAKE = (
    b"GET /stream?sampling_rate=130 HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


@pytest.fixture(params=["socket", "uvicorn_alone"])
def server(request: pytest.FixtureRequest) -> httpx2.Client:
    """A client of a server with the fast path, and of one without."""
    return request.getfixturevalue(request.param)


def opened(client: httpx2.Client | str, rate: float = 250) -> ClientConnection:
    """A stream of this server."""
    address = client if isinstance(client, str) else str(client.base_url)
    return connect(f"{address.replace('http', 'ws', 1)}/stream?sampling_rate={rate:g}", compression=None)


def until_closed(stream: ClientConnection) -> tuple[list[dict[str, Any]], int]:
    """All messages, and the code of the close frame."""
    found = []
    try:
        while True:
            found.append(json.loads(stream.recv(timeout=60)))
    except ConnectionClosed as closed:
        return found, closed.rcvd.code if closed.rcvd else 1006


def test_a_stream_is_answered(server, recording) -> None:
    """In the middle of other requests; its end is the client's."""
    drawn, rate = recording(12, 3)

    with opened(server, rate) as stream:
        for start in range(0, len(drawn), 125):
            stream.send(drawn[start : start + 125].tobytes())
            assert server.get("/health").status_code == 200
        stream.send('{"end": true}')
        found, code = until_closed(stream)

    assert code == 1000
    assert found[-1]["summary"]["duration_s"] == 12.0
    assert sum(beat["final"] for one in found for beat in one["beats"]) == sum(found[-1]["summary"]["counts"].values()) > 5


def test_a_huge_frame_closes_the_stream(server) -> None:
    """1009, before it is in memory."""
    with opened(server) as stream:
        stream.send(bytes(65_537))

        assert until_closed(stream)[1] == 1009


def test_a_message_without_end_closes_the_stream(server) -> None:
    """1009 once its fragments are longer than a message may be."""
    with opened(server) as stream:
        with suppress(ConnectionClosed):  # The server need not wait for the last of them.
            stream.send(bytes(1000) for _ in range(66))

        assert until_closed(stream)[1] == 1009


BROKEN = {
    "a frame that is not masked": b"\x82\x04\0\0\0\0",
    "a kind of frame that there is none of": b"\x8b\x80\0\0\0\0",
    "reserved bits, as of compression that was not agreed on": b"\xc2\x80\0\0\0\0",
    "text that is not UTF-8": b"\x81\x82\0\0\0\0\xff\xff",
    "a ping that is too long": b"\x89\xfe\x01\0\0\0\0\0" + bytes(256),
    "a continuation of nothing": b"\x80\x80\0\0\0\0",
    "no frame at all": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_is_no_frame_ends_the_connection(server, case) -> None:
    """With a close frame of 1002 or 1007, and others are answered."""
    with raw(server) as client:
        client.sendall(HANDSHAKE)
        assert client.recv(4096).startswith(b"HTTP/1.1 101")
        client.sendall(BROKEN[case])
        answer = b""
        while part := client.recv(4096):
            answer += part

    assert answer[:1] == b"\x88"
    assert int.from_bytes(answer[2:4]) in (1002, 1007)
    assert server.get("/health").status_code == 200


def raw(client: httpx2.Client) -> sockets.socket:
    """A connection to this server."""
    address = urlsplit(str(client.base_url))
    return sockets.create_connection((address.hostname, address.port), timeout=30)


UNFINISHED = {
    "no key": HANDSHAKE.replace(b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", b""),
    "another version": HANDSHAKE.replace(b"Version: 13", b"Version: 7"),
    "another method": HANDSHAKE.replace(b"GET", b"POST"),
}


@pytest.mark.parametrize("case", UNFINISHED)
def test_half_a_handshake_is_refused(server, case) -> None:
    """With a status of HTTP."""
    with raw(server) as client:
        client.sendall(UNFINISHED[case])

        assert client.recv(4096)[:10] == b"HTTP/1.1 4"


def test_a_thousand_handshakes_at_once_are_accepted_or_refused(socket) -> None:
    """503 for those that would be late; a stream that was there before is answered, and all places are free again."""
    address = urlsplit(str(socket.base_url))

    async def shake() -> bytes:
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        writer.write(HANDSHAKE)
        status = (await reader.readline())[9:12]
        if status == b"101":
            await held.wait()
        writer.close()
        return status

    async def shake_all() -> list[bytes]:
        tasks = [asyncio.create_task(shake()) for _ in range(1000)]
        while not any(task.done() for task in tasks):  # Only a refusal is done before `held` is set.
            await asyncio.sleep(0.05)
        before.send(bytes(4 * 625))
        answered.append(await asyncio.to_thread(before.recv, 60))
        held.set()
        return await asyncio.gather(*tasks)

    held, answered = asyncio.Event(), []
    with opened(socket) as before:
        statuses = asyncio.run(shake_all())

    assert set(statuses) == {b"101", b"503"}
    assert json.loads(answered[0])["heard_s"] == 2.5
    assert statuses.count(b"101") < 400


def test_sigterm_ends_streams_with_what_is_known(serve, recording) -> None:
    """A last message with the summary, then 1012: a client asks another server; the process ends well."""
    drawn, rate = recording(9, 3)
    with serve() as (process, address), opened(address, rate) as stream:
        stream.send(drawn.tobytes())
        json.loads(stream.recv(timeout=60))
        process.send_signal(signal.SIGTERM)
        found, code = until_closed(stream)
        status = process.wait(timeout=30)

    assert (code, status) == (1012, 0)
    assert found[-1]["summary"]["duration_s"] == 9.0
    assert all(beat["final"] for beat in found[-1]["beats"]) and len(found[-1]["beats"]) > 3


def test_a_recording_is_played_as_live(socket, recording, command_inside, monkeypatch, tmp_path) -> None:
    """By `python -m predict --live`: each beat a line, then the summary; here without waiting for the samples to come."""
    monkeypatch.setattr("predict.live.time.sleep", lambda seconds: None)
    drawn, rate = recording(12, 3)
    np.savetxt(tmp_path / "strap.txt", drawn, "%.6f", header="I", comments="")
    url = f"{str(socket.base_url).replace('http', 'ws', 1).rstrip('/')}/stream"
    options = ["--sampling-rate", f"{rate:g}", "--unit", "mV"]

    played = command_inside("predict", "--live", url, tmp_path / "strap.txt", *options)
    refused = command_inside("predict", "--live", url, tmp_path / "strap.txt", "--sampling-rate", "10", "--unit", "mV")
    missing = command_inside("predict", "--live", url, tmp_path / "none.txt", *options)

    assert (played.returncode, played.stderr) == (0, "")
    *lines, summary = played.stdout.splitlines()
    assert len(lines) == sum(json.loads(summary)["counts"].values()) > 5
    assert all(re.fullmatch(r" *\d+\.\d{3} s  [NSVF]  [01]\.\d{3}", line) for line in lines)
    assert (refused.returncode, missing.returncode) == (2, 2)
    assert "422" in refused.stderr and "no such file" in missing.stderr.lower()
