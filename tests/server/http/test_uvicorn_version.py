"""With which protocol the server runs: the fast path only with a version of uvicorn that it was tested with."""

import json
import signal
import socket

import httpx2
import pytest
import uvicorn

from server.__main__ import http_protocol
from server.http import FAST_PATH_PROTOCOL, TESTED_UVICORN, UVICORN_PROTOCOL
from server.settings import Settings


def test_the_installed_version_is_a_tested_one() -> None:
    """Else nothing here tests the fast path: after an update of uvicorn, see server/http/__init__.py."""
    assert uvicorn.__version__ in TESTED_UVICORN


@pytest.mark.parametrize(
    ("setting", "version", "protocol", "lines"),
    [
        ("on", TESTED_UVICORN[0], FAST_PATH_PROTOCOL, []),
        ("off", TESTED_UVICORN[0], UVICORN_PROTOCOL, []),
        ("off", "99.0", UVICORN_PROTOCOL, []),
        ("on", "99.0", UVICORN_PROTOCOL, ["the fast path is off: it was not tested with uvicorn 99.0"]),
    ],
)
def test_the_fast_path_is_off_where_it_was_not_tested(caplog, setting, version, protocol, lines) -> None:
    """With one line in the log, unless it was turned off anyway."""
    assert http_protocol(Settings(fast_path=setting), version) == protocol
    assert caplog.messages == lines


def test_a_server_without_the_fast_path_keeps_the_limits_that_asgi_can(serve, example) -> None:
    """The time and the length of a body, and answers to all in flight when it is stopped."""
    with serve(ECG_FAST_PATH="off", ECG_REQUEST_SECONDS="1", ECG_MAX_BODY_BYTES="4096") as (server, address):
        with httpx2.Client(base_url=address, timeout=30) as client:
            long = client.post("/predict", content=b" " * 5000, headers={"Content-Type": "application/json"})
            row = client.post("/predict", json=example)
        with socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2])), timeout=30) as wire:
            wire.sendall(b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{")
            late = wire.makefile("rb").read()
        server.send_signal(signal.SIGTERM)

        assert server.wait(timeout=30) == 0
    assert long.status_code == 413
    assert row.status_code == 200
    assert late.startswith(b"HTTP/1.1 408 ")
    assert json.loads(late.rpartition(b"\r\n\r\n")[2]) == {"error": "expected the whole request within 1 seconds"}
