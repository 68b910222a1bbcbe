"""`python -m server` as a process: it starts, answers, stops, and carries nothing it does not need."""

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

AS_BYTES = {"Content-Type": "application/octet-stream"}

# Says, at the moment onnxruntime is first looked for, what the variable holds.
WATCH = """
import os, sys
class Watch:
    def find_spec(self, name, path=None, target=None):
        if name == "onnxruntime":
            print("telemetry off:", os.environ.get("ORT_DISABLE_TELEMETRY"))
sys.meta_path.insert(0, Watch())
"""


def python(code: str, **environment: str) -> str:
    """Run `code` in an interpreter of its own and return what it printed."""
    variables = {name: value for name, value in os.environ.items() if name not in ("CI", "ORT_DISABLE_TELEMETRY")}
    done = subprocess.run(
        [sys.executable, "-c", code], env={**variables, **environment}, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_it_answers_and_stops_when_asked(process, example) -> None:
    """SIGTERM ends it with exit code 0."""
    server, address = process

    answer = httpx2.post(f"{address}/predict", json=example)
    server.send_signal(signal.SIGTERM)

    assert answer.status_code == 200
    assert server.wait(timeout=15) == 0


def test_several_processes_answer_at_one_address(serve, example) -> None:
    """WEB_CONCURRENCY is uvicorn's own variable; each process has a session of its own, and all stop when asked."""
    with serve(WEB_CONCURRENCY="2") as (server, address):
        status = [httpx2.post(f"{address}/predict", json=example).status_code for _ in range(20)]
        server.send_signal(signal.SIGTERM)
        _, log = server.communicate(timeout=20)

    assert status == [200] * 20
    assert log.count("classifier loaded: model version") == 2
    assert server.returncode == 0


@pytest.mark.parametrize("level", ["critical", "debug"])
def test_its_log_holds_no_values(serve, level) -> None:
    """Neither of a good request nor of a bad one, on either path, at the level of the fewest lines and of all."""
    tensor = {"name": "features", "shape": [1, 2], "datatype": "FP32", "data": [0.123456, 0.123456]}
    bodies = [{"features": [0.123456] * 140}, {"features": [0.123456, "Doe"]}, {"features": [[0.123456] * 140] * 500}, {"Doe": 1}]

    with serve(ECG_LOG_LEVEL=level) as (server, address):
        for body in bodies:
            httpx2.post(f"{address}/predict", json=body)
        httpx2.post(f"{address}/v2/models/Doe/infer?patient=Doe", json={"inputs": [tensor]})
        httpx2.post(f"{address}/v2/models/ecg/infer", json={"id": "Doe", "inputs": [tensor]})
        for recording in ([0.123456] * 500, [0.123456, "Doe"], [0.123456, 1e30]):
            httpx2.post(f"{address}/annotate", json={"signal": recording, "sampling_rate": 250})
        httpx2.post(f"{address}/annotate", content=b"Doe", headers={**AS_BYTES, "Sampling-Rate": "Doe"})
        server.send_signal(signal.SIGTERM)
        _, log = server.communicate(timeout=15)

    assert ("classifier loaded: model version" in log) == (level == "debug")
    assert "0.123456" not in log
    assert "Doe" not in log


@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed here")
def test_nothing_leaves(root, artifact, example, free_port, until_healthy, tmp_path) -> None:
    """From start to stop, under load and with a bad request: no attempt to connect to anything or to ask for a name."""
    port, calls = free_port(), tmp_path / "calls"
    variables = {name: value for name, value in os.environ.items() if name not in ("CI", "ORT_DISABLE_TELEMETRY")}
    command = ["strace", "--follow-forks", "--trace=network", f"--output={calls}", sys.executable, "-m", "server"]
    environment = {**variables, "ECG_ARTIFACT": str(artifact), "ECG_PORT": str(port), "WEB_CONCURRENCY": "2"}
    with subprocess.Popen(command, cwd=root, env=environment, stderr=subprocess.DEVNULL) as strace:
        until_healthy(f"http://127.0.0.1:{port}", strace)
        [server] = map(int, Path(f"/proc/{strace.pid}/task/{strace.pid}/children").read_text().split())
        for body in [example] * 50 + [{"features": ["Doe"]}, {"features": [example["features"]] * 300}]:
            httpx2.post(f"http://127.0.0.1:{port}/predict", json=body)
        os.kill(server, signal.SIGTERM)
        assert strace.wait(timeout=30) == 0

    lines = calls.read_text().splitlines()
    assert [line for line in lines if "accept4(" in line]
    assert [line for line in lines if re.search(r"\b(connect|sendto|sendmsg|sendmmsg)\(", line) and not to_a_client(line)] == []


def to_a_client(line: str) -> bool:
    """Whether this is an answer on a connection that a client made, or a pair of sockets within the process."""
    return "sin_port" not in line and "sun_path" not in line and " connect(" not in line


def test_telemetry_is_off_before_onnxruntime_is_imported() -> None:
    """Whichever module imports it first: the server's, or the export that uses the classifier; and whatever was set before."""
    assert python(WATCH + "import server.models.classifier") == "telemetry off: 1\n"
    for code in ("import server.app", "import export.verify"):
        assert python(WATCH + code, ORT_DISABLE_TELEMETRY="0") == "telemetry off: 1\n"
