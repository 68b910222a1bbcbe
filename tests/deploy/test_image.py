"""The server's image: small, locked in, and whole. Run by `make image`; the tests of the wire take `--image` too."""

import json
import os
import re
import signal
import subprocess
import sys
import tarfile
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MOST_UNPACKED_MB, MOST_GZIPPED_MB = 100, 35
FOR_SOMEONE_INSIDE = re.compile(r"(^|/)(sh|bash|dash|busybox|env|apt.*|dpkg|pip.*|curl|wget|su|sudo|mount|pdb\.pyc|tests?)$")
LINEAR_ALGEBRA = """
import numpy as np
a = np.sin(np.arange(400.0).reshape(20, 20) ** 2)
assert np.allclose(np.linalg.solve(a, a @ a), a) and np.allclose(np.linalg.inv(a) @ a, np.eye(20))
"""
PROCESSES = """
import os, pathlib
for path in pathlib.Path("/proc").glob("[0-9]*"):
    try:
        dead = "State:\\tZ" in path.joinpath("status").read_text()
        if dead or (int(path.name) != os.getpid() and b"spawn_main" in path.joinpath("cmdline").read_bytes()):
            print(path.name, "dead" if dead else "worker")
    except OSError:
        continue  # It ended meanwhile.
"""


def docker(*arguments: str, **options: object) -> str:
    """What a Docker command prints."""
    return subprocess.run(["docker", *arguments], capture_output=True, text=True, check=True, **options).stdout


@pytest.fixture(scope="session")
def image(request: pytest.FixtureRequest) -> str:
    """The image named by --image."""
    name = request.config.getoption("image")
    if not name:
        pytest.skip("no --image is named: make image builds and tests it")
    return str(name)


@pytest.fixture(scope="session")
def files(image: str, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Paths of all files in it."""
    archive = tmp_path_factory.mktemp("image") / "files.tar"
    container = docker("create", image).strip()
    docker("export", "--output", str(archive), container)
    docker("rm", container)
    with tarfile.open(archive) as tar:
        return [member.name for member in tar if not member.isdir()]


@pytest.fixture
def container(image: str):
    """Start it in the background with more options, as the first process; it ends with the test."""
    started = []

    def start(*options: str) -> str:
        started.append(docker("run", "--detach", "--read-only", "--cap-drop=ALL", *options, image).strip())
        return started[-1]

    yield start
    for name in started:
        docker("rm", "--force", name)


def inside(container: str, code: str) -> str:
    """What Python prints inside."""
    return docker("exec", container, "python", "-c", code)


def caught(status: str) -> int:
    """The signals that a process has handlers for, a bit each, of its /proc/…/status."""
    found = re.search(r"^SigCgt:\s+([0-9a-f]+)$", status, re.MULTILINE)
    return int(found[1], 16) if found else 0


def until(wanted) -> None:
    """Wait for something to be so, ten seconds at most."""
    for _ in range(100):
        if wanted():
            return
        time.sleep(0.1)
    pytest.fail("it was not so within ten seconds")


def test_it_is_small(image) -> None:
    """Whole, base included, unpacked and gzipped; and what docs/deployment.md says is so within a twentieth."""
    done = subprocess.run([sys.executable, "deploy/image/sizes.py", image], cwd=ROOT, capture_output=True, text=True, check=True)

    document = (ROOT / "docs/deployment.md").read_text().splitlines()
    said = next(line for line in document if line.startswith("| **whole image** |"))
    (unpacked, gzipped), promised = (
        [float(cell) for cell in line.split("|")[2:4]] for line in (done.stdout.splitlines()[-1], said)
    )
    assert 50 < unpacked <= MOST_UNPACKED_MB
    assert 20 < gzipped <= MOST_GZIPPED_MB
    assert [unpacked, gzipped] == pytest.approx(promised, rel=0.05)


def test_there_is_nothing_for_someone_inside(files) -> None:
    """No shell, no package manager, no tool that fetches, no debugger, no tests; Python's own licence and others' are there."""
    assert [path for path in files if FOR_SOMEONE_INSIDE.search(path)] == []
    assert [path for path in files if path.endswith((".py", ".pyi", ".a", ".h"))] == []
    assert "usr/local/bin/python" in files
    for package in ("numpy", "onnxruntime", "starlette", "uvicorn", "msgspec"):
        assert [path for path in files if re.search(rf"/{package}-[\d.]+\.dist-info/METADATA$", path)], package
    assert [path for path in files if re.search("numpy.*LICENSE", path)]
    assert "var/lib/dpkg/status.d/libc6" in files


def test_it_says_how_it_wants_to_be_run(image) -> None:
    """Not as root, stopped by SIGTERM, asked for its health by itself."""
    config = json.loads(docker("image", "inspect", image))[0]["Config"]

    assert config["User"] == "10001:10001"
    assert config["StopSignal"] == "SIGTERM"
    assert config["Healthcheck"]["Test"] == ["CMD", "python", "-m", "server.healthcheck"]
    assert list(config["ExposedPorts"]) == ["5000/tcp"]
    assert not [variable for variable in config["Env"] if "CI=" in variable]


def test_without_an_artifact_it_says_that_it_is_unhealthy(container) -> None:
    """And goes on: the health check tells the two apart, and has no need of curl."""
    running = container()
    until(lambda: "startup complete" in subprocess.run(["docker", "logs", running], capture_output=True, text=True).stderr)

    asked = subprocess.run(
        ["docker", "exec", running, "python", "-m", "server.healthcheck"], capture_output=True, text=True, check=False
    )

    assert asked.returncode == 1
    assert json.loads(asked.stdout)["status"] == "unhealthy"


@pytest.mark.parametrize("after_s", [0.5, 1, 2])
def test_as_first_process_it_stops_whenever_it_is_asked(container, after_s) -> None:
    """While it still imports, too, but for the first moments: a first process that has no handler yet is deaf to SIGTERM.

    Who does not stop within a minute is killed, which exit code 137 tells.
    """
    running = container()
    status = Path(f"/proc/{docker('inspect', running, '--format', '{{.State.Pid}}').strip()}/status")
    until(lambda: not status.exists() or caught(status.read_text()) & 1 << signal.SIGTERM - 1)
    time.sleep(after_s)

    docker("stop", "--time", "60", running)

    assert docker("inspect", running, "--format", "{{.State.ExitCode}}").strip() in ("0", "143")


def test_as_first_process_it_leaves_no_dead_ones(container) -> None:
    """Of several workers one is killed: another takes its place, and the dead one is buried."""
    running = container("--env=WEB_CONCURRENCY=2")

    def workers() -> set[str]:
        return {line.split()[0] for line in inside(running, PROCESSES).splitlines() if line.endswith("worker")}

    until(lambda: len(workers()) >= 2)
    before = workers()

    inside(running, f"import os; os.kill({max(before, key=int)}, {signal.SIGKILL.value})")

    until(lambda: len(workers()) == len(before) and workers() != before)
    assert "dead" not in inside(running, PROCESSES)


def test_numpy_is_whole(image) -> None:
    """The smaller linear algebra in place of OpenBLAS gives right answers."""
    assert docker("run", "--rm", "--entrypoint=python", image, "-c", LINEAR_ALGEBRA) == ""


def test_telemetry_is_off(image) -> None:
    """As it is where the server is not in an image: before onnxruntime can be imported, whatever the environment says."""
    code = "import server.models.classifier, os; print(os.environ['ORT_DISABLE_TELEMETRY'])"

    said = docker("run", "--rm", "--env=ORT_DISABLE_TELEMETRY=0", "--entrypoint=python", image, "-c", code)

    assert said == "1\n"


def test_nothing_can_be_written_and_nothing_may_be_done(container) -> None:
    """Read-only root, no capabilities, not root."""
    running = container()

    status = inside(running, "print(open('/proc/self/status').read())")

    assert re.search(r"^CapEff:\s+0+$", status, re.MULTILINE)
    assert re.search(r"^Uid:\s+10001\s", status, re.MULTILINE)
    for path in ("/x", "/ecg/x", "/tmp/x", "/usr/local/lib/python3.13/x"):
        wrote = subprocess.run(
            ["docker", "exec", running, "python", "-c", f"open({path!r}, 'w')"], capture_output=True, check=False
        )
        assert wrote.returncode == 1, path


# UV_OFFLINE is uv's own variable: whoever sets it cannot resolve, whatever the wheels are.
@pytest.mark.skipif("UV_OFFLINE" in os.environ, reason="no package index is to be asked")
@pytest.mark.parametrize("platform", ["x86_64-manylinux_2_28", "aarch64-manylinux_2_28"])
def test_every_package_has_a_wheel_for_both_platforms(image, platform, tmp_path) -> None:
    """Resolved, not run: linux/amd64 and linux/arm64 need no compiler."""
    pytest.importorskip("uv", reason="uv is not installed here")
    command = [sys.executable, "-m", "uv", "pip", "install", "--dry-run", "--target", str(tmp_path), "--only-binary=:all:"]
    options = ["--require-hashes", "--python-version=3.13", f"--python-platform={platform}", "-r", "requirements/server.txt"]

    done = subprocess.run([*command, *options], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert "+ onnxruntime==" in done.stderr
    assert "+ numpy==" in done.stderr
