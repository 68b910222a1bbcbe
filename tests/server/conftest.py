"""A client of the application, and the server as a process of its own."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
from starlette.testclient import TestClient

from server.app import create_app
from server.settings import Settings

LIMIT = 262_144
LIMITS = {"ECG_MAX_BODY_BYTES": str(LIMIT), "ECG_MAX_RECORDING_BYTES": str(LIMIT)}


@pytest.fixture(scope="session")
def application(artifact: Path, beats: Path) -> Iterator[TestClient]:
    """The application with a real artifact; an exception it lets through becomes the answer a client would get."""
    with TestClient(
        create_app(Settings(str(artifact), str(beats), max_body_bytes=LIMIT, max_recording_bytes=LIMIT)),
        raise_server_exceptions=False,
    ) as client:
        yield client


@pytest.fixture(scope="session")
def serve(request: pytest.FixtureRequest, root: Path, artifact: Path, beats: Path, free_port, until_healthy):
    """Run the server on a free port, with more variables if wanted: a context of the process and its address."""
    image = request.config.getoption("image")

    @contextmanager
    def run(**variables: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
        port = free_port()
        here = {"ECG_ARTIFACT": str(artifact), "ECG_BEATS": str(beats), "ECG_PORT": str(port), **variables}
        name = f"ecg-test-{port}"
        command = _contained(name, image, artifact, beats, port, variables) if image else [sys.executable, "-m", "server"]
        with subprocess.Popen(command, cwd=root, env={**os.environ, **here}, text=True, stderr=subprocess.PIPE) as server:
            try:
                until_healthy(f"http://127.0.0.1:{port}", server)
                yield server, f"http://127.0.0.1:{port}"
            finally:
                if image:
                    subprocess.run(["docker", "rm", "--force", name], capture_output=True, check=True)
                server.send_signal(signal.SIGKILL)

    return run


def _contained(name: str, image: str, artifact: Path, beats: Path, port: int, variables: dict[str, str]) -> list[str]:
    """The image locked in as compose and Kubernetes lock it in, and without an init process before it."""
    files = ((artifact, Settings().artifact), (beats, Settings().beats))
    locked = ["--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges", "--network=bridge"]
    reached = [f"--publish=127.0.0.1:{port}:{Settings().port}", *(f"--volume={here}:/ecg/{there}:ro" for here, there in files)]
    given = [f"--env={key}={value}" for key, value in variables.items()]
    return ["docker", "run", "--rm", f"--name={name}", *locked, *reached, *given, image]


@pytest.fixture(scope="session")
def address(serve) -> Iterator[str]:
    """Where a server of its own process answers."""
    with serve(**LIMITS) as (_, address):
        yield address


@pytest.fixture(scope="session")
def socket(address: str) -> Iterator[httpx2.Client]:
    """A client of that server: over its socket a plain row takes the fast path."""
    with httpx2.Client(base_url=address) as client:
        yield client


@pytest.fixture(scope="session")
def uvicorn_alone(serve) -> Iterator[httpx2.Client]:
    """A client of a server without the fast path, on uvicorn's own protocol."""
    with (
        serve(**LIMITS, ECG_FAST_PATH="off") as (_, address),
        httpx2.Client(base_url=address) as client,
    ):
        yield client


@pytest.fixture(params=["application", "socket", "uvicorn_alone"])
def client(request: pytest.FixtureRequest):
    """All of them: a response must not depend on whether the request takes the fast path."""
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="session")
def lonely(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """The application without an artifact."""
    folder = tmp_path_factory.mktemp("empty")
    settings = Settings(str(folder / "ecg.onnx"), str(folder / "beats.onnx"))
    with TestClient(create_app(settings), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def process(serve) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server that a test may stop, and its address."""
    with serve() as running:
        yield running
