"""`python -m server` as a process: it starts, answers, stops, and carries nothing it does not need."""

import os
import signal
import subprocess
import sys

import httpx2

HEAVY = ("tensorflow", "keras", "pandas", "sklearn", "scipy", "matplotlib", "tf2onnx", "onnx", "train", "export")

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
    assert log.count("answering with model version") == 2
    assert server.returncode == 0


def test_its_log_holds_no_values(process) -> None:
    """Neither of a good request nor of a bad one."""
    server, address = process

    httpx2.post(f"{address}/predict", json={"features": [0.123456] * 140})
    httpx2.post(f"{address}/predict", json={"features": [0.123456, "Doe"]})
    server.send_signal(signal.SIGTERM)
    _, log = server.communicate(timeout=15)

    assert "answering with model version" in log
    assert "0.123456" not in log
    assert "Doe" not in log


def test_light_never_imports_heavy() -> None:
    """The application is there, and nothing of training or export with it."""
    loaded = python("import server.app, sys; print(*{name.split('.')[0] for name in sys.modules})").split()

    assert "onnxruntime" in loaded
    assert not set(HEAVY) & set(loaded)


def test_telemetry_is_off_before_onnxruntime_is_imported() -> None:
    """Whoever imports it first: the server, or the export that uses the server's model; and whatever was set before."""
    for code in ("import server.app", "import server.model", "import export.verify"):
        assert python(WATCH + code) == "telemetry off: 1\n"
        assert python(WATCH + code, ORT_DISABLE_TELEMETRY="0") == "telemetry off: 1\n"
