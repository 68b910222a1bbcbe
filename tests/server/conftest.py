"""A client of the application, and the server as a process of its own."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from server.app import create_app
from server.settings import Settings

LIMIT = 262_144


@pytest.fixture(scope="session")
def client(artifact: Path) -> Iterator[TestClient]:
    """The application with a real artifact; an exception it lets through becomes the answer a client would get."""
    with TestClient(create_app(Settings(str(artifact), max_body_bytes=LIMIT)), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(scope="session")
def lonely(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """The application without an artifact."""
    folder = tmp_path_factory.mktemp("empty")
    with TestClient(create_app(Settings(str(folder / "ecg.onnx"))), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def process(root: Path, artifact: Path, free_port, until_healthy) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`python -m server` on a free port, and its address."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    environment = {**os.environ, "ECG_ARTIFACT": str(artifact), "ECG_PORT": str(port)}
    command = [sys.executable, "-m", "server"]
    with subprocess.Popen(command, cwd=root, env=environment, text=True, stderr=subprocess.PIPE) as server:
        until_healthy(address)
        yield server, address
        server.send_signal(signal.SIGKILL)
