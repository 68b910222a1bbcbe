"""Servers on one core, load from the other."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

HERE = Path(__file__).parent
SERVER_CORE, LOAD_CORE = min(os.sched_getaffinity(0)), max(os.sched_getaffinity(0))


class Load(NamedTuple):
    """What a client saw."""

    requests_per_s: float
    p50_us: float
    p99_us: float
    refused: int = 0


class Request(NamedTuple):
    """What it sent."""

    path: str
    body: Path
    headers: Mapping[str, str] = MappingProxyType({"Content-Type": "application/json"})


class Server(NamedTuple):
    """A server that runs."""

    pid: int
    port: int

    def settle(self) -> None:
        """Wait until it has worked off what was under way when the load ended: the next server needs the core."""
        before = -1
        while (now := self._ticks()) > before + 1:
            before = now
            time.sleep(0.2)

    def _ticks(self) -> int:
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])

    def resident_mib(self) -> float:
        """Resident memory of the process, in MiB, as ps and docker stats count it."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024

    def peak_mib(self, work: Callable[[], Any]) -> float:
        """The highest that resident memory was while `work` ran, in MiB."""
        process = Path(f"/proc/{self.pid}")
        (process / "clear_refs").write_text("5")
        work()
        return int(re.search(r"VmHWM:\s+(\d+)", (process / "status").read_text())[1]) / 1024


def can_measure() -> bool:
    """Whether this machine has what measuring takes; if not, says so."""
    if shutil.which("wrk") and LOAD_CORE != SERVER_CORE:
        return True
    print("bench: expected wrk (Debian: apt install wrk) and two processors", file=sys.stderr)
    return False


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def pinned(cores: str, *command: str) -> list[str]:
    """The command, kept on these cores."""
    return ["taskset", "-c", cores, *command]


@contextmanager
def serving(*module: str, cores: str = str(SERVER_CORE), **variables: str) -> Iterator[Server]:
    """Run `python -m module`, the port after its first word, until it listens; ours takes its port from the environment."""
    port = free_port()
    name, *arguments = module
    command = pinned(cores, sys.executable, "-m", name, *([] if name == "server" else [str(port), *arguments]))
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "ECG_PORT": str(port), "ECG_LOG_LEVEL": "warning", **variables}
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as process:
        try:
            wait(port)
            yield Server(process.pid, port)
        finally:
            process.send_signal(signal.SIGTERM)


def wait(port: int) -> None:
    """Until something answers there, whatever it says."""
    for _ in range(12_000):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=10).close()
            return
        except urllib.error.HTTPError as error:
            if error.code != 503:
                return
        except OSError:
            time.sleep(0.005)
    raise TimeoutError(f"nothing answered on port {port} within a minute")


def load(server: Server, request: Request, connections: int, seconds: float, cores: str = str(LOAD_CORE)) -> Load:
    """The same as `offer`; raises if one answer is not 200."""
    seen = offer(server, request, connections, seconds, cores)
    if seen.refused:
        raise RuntimeError(f"{request.path}, {connections} connections: {seen.refused} answers were not 200")
    return seen


def offer(
    server: Server, request: Request, connections: int, seconds: float, cores: str = str(LOAD_CORE), pause_ms: int = 0
) -> Load:
    """Send the request over that many connections, each again once it is answered, whatever the answer is, after a pause if any.

    Requests a second are those that were answered with 200; the latencies are of all.
    """
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "60s", "-s", str(HERE / "load.lua")]
    headers = "\n".join(map(": ".join, request.headers.items()))
    environment = {**os.environ, "BODY": str(request.body), "HEADERS": headers, "PAUSE_MS": str(pause_ms)}
    url = f"http://127.0.0.1:{server.port}{request.path}"
    done = subprocess.run(pinned(cores, *command, url), env=environment, check=True, capture_output=True, text=True)
    said = json.loads(done.stdout.splitlines()[-1])
    if said["errors"] or not said["requests"]:
        raise RuntimeError(f"{url}: {said}")
    good = said["requests"] - said["refused"]
    return Load(good / said["seconds"], said["p50_us"], said["p99_us"], said["refused"])


def load_in_turn(server: Server, request: Request, connections: int, seconds: float) -> Load:
    """The same, for servers that take turns: this one comes to rest before the next begins."""
    seen = load(server, request, connections, seconds)
    server.settle()
    return seen


@contextmanager
def beside(server: Server, request: Request) -> Iterator[None]:
    """A second client, which sends the request without pause."""
    headers = [f"{name}: {value}" for name, value in request.headers.items()]
    command = [sys.executable, str(HERE / "nonstop.py"), str(server.port), request.path, str(request.body), *headers]
    with subprocess.Popen(pinned(str(LOAD_CORE), "nice", "-n", "19", *command), stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        yield
        process.terminate()
        if process.wait() != -signal.SIGTERM:
            raise RuntimeError(f"the client beside ended before it was told to: {process.returncode}")
