"""Fixtures every room's tests share: one training and one export a session, the real records where they are."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from functools import cache
from importlib import import_module
from io import StringIO
from pathlib import Path
from unittest.mock import patch

# Test processes are as many as keep the cores busy: threads of one would take them from the others. Read when NumPy is imported.
os.environ.update(
    dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"), "1")
)

import httpcore2
import httpx2
import numpy as np
import pytest
from filelock import FileLock
from hypothesis import settings

import server  # noqa: F401 - turns onnxruntime's telemetry off before any test can import it
from train.recordings.data.synthetic import synthetic_recordings

ROOT = Path(__file__).parents[1]
TESTS = ROOT / "tests"
# The order in which files are run: those that take longest, first among them two that need no `trained` and so do not wait for
# it; then folders, from those of long files to those of many short ones; then the rest.
LONG_FIRST = (
    "train/recordings/test_command.py",
    "test_readme.py",
    "export/test_killed.py",
    "server/api/test_memory_budget.py",
    "train/test_distributed.py",
    "predict/test_ray_cluster.py",
    "server/page/test_files_read.py",
    *("embed", "train", "export", "predict", "server/page", "server/serving", "server", "deploy", "."),
)
REAL = Path(os.environ.get("ECG_REAL_DATA", ROOT.parent / "shared" / "data"))
# The first has no window to draw, and takes two thirds of the processor time of the others.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


# To read the certificates that are trusted takes 20 ms, which every request outside a client would do anew.
httpcore2.default_ssl_context = cache(httpcore2.default_ssl_context)

# Of `make fuzz`: what a test makes more of under this name is its own matter.
settings.register_profile("long", print_blob=True)


def run(*arguments: str | Path, **options: object) -> subprocess.CompletedProcess[str]:
    """Run `python -m …` from the project's root and return what it printed."""
    command = [sys.executable, "-m", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False, **options)


def run_inside(module: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """The same in the process of the tests, in which TensorFlow, which takes seconds to import, is imported once for all."""
    main, out, err = import_module(f"{module}.__main__").main, StringIO(), StringIO()
    argv = patch.object(sys, "argv", [module, *map(str, arguments)])
    with argv, patch.dict(os.environ), redirect_stdout(out), redirect_stderr(err):
        try:
            status = main()
        except SystemExit as stopped:  # argparse
            status = int(stopped.code or 0)
    return subprocess.CompletedProcess([module, *arguments], status, out.getvalue(), err.getvalue())


def pytest_addoption(parser: pytest.Parser) -> None:
    """What the tests of the wire run against: this checkout, or the server as it is in an image that Docker has."""
    parser.addoption("--image", metavar="NAME", help="run servers from this Docker image instead of from here")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Files that take long go first, so that worker processes end together.

    With --image, only files with tests of the image or of servers run from it: the others would be the same as without.
    """
    items.sort(key=_place_in_order)
    if config.getoption("image"):
        files = {item.path for item in items if {"image", "serve"} & _fixtures(item)}
        kept = [item for item in items if item.path in files]
        config.hook.pytest_deselected(items=[item for item in items if item not in kept])
        items[:] = kept


def _place_in_order(item: pytest.Item) -> int:
    """The place of a test's file, or of its folder, in the order."""
    return next(place for place, path in enumerate(LONG_FIRST) if item.path.is_relative_to(TESTS / path))


def _fixtures(item: pytest.Item) -> set[str]:
    """Names of the fixtures that a test uses, through others too; one that is chosen by its name (`client`) included."""
    assert isinstance(item, pytest.Function)
    chosen = item.callspec.params.get("client") if hasattr(item, "callspec") else None
    return {*item.fixturenames, *(["serve"] if chosen == "socket" else [])}


@pytest.fixture(scope="session")
def command():
    """Run one of the project's commands."""
    return run


@pytest.fixture(scope="session")
def command_inside():
    """Run one of the project's commands in the process of the tests, where that it starts as one is not what is tested."""
    return run_inside


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's root."""
    return ROOT


@pytest.fixture(scope="session")
def real() -> Path:
    """The folder of real records; tests that want it are skipped where it is absent."""
    if not REAL.is_dir():
        pytest.skip(f"no real records at {REAL}")
    return REAL


@pytest.fixture(scope="session")
def chromium() -> str:
    """A Chromium; tests that want it are skipped where there is none."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    return found or pytest.skip("there is no chromium on this machine")


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Callable[[Path], None]], Path]:
    """Make a folder once a run: the first worker process (of pytest-xdist) that asks fills it, the others wait."""
    own = tmp_path_factory.getbasetemp()
    base = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own

    def make(name: str, fill: Callable[[Path], None]) -> Path:
        folder, partial = base / f"shared-{name}", base / f"partial-{name}"
        with FileLock(f"{folder}.lock"):
            if not folder.exists():
                shutil.rmtree(partial, ignore_errors=True)
                partial.mkdir()
                fill(partial)
                partial.rename(folder)
        return folder

    return make


@pytest.fixture(scope="session")
def trained(shared_folder) -> Path:
    """A folder with what three epochs on the built-in beats leave behind, exported, and how long each command took in s.

    Tests that change it take a copy.
    """

    def train(folder: Path) -> None:
        for arguments in (["train", "--epochs", "3"], ["export"]):
            began = time.monotonic()
            done = run(*arguments, "--out", folder)
            assert done.returncode == 0, done.stderr
            (folder / f"{arguments[0]}.log").write_text(done.stdout)
            (folder / f"{arguments[0]}-errors.log").write_text(done.stderr)
            (folder / f"{arguments[0]}-seconds.log").write_text(str(time.monotonic() - began))

    return shared_folder("trained", train)


@pytest.fixture(scope="session")
def artifact(trained: Path) -> Path:
    """The exported file of `trained`."""
    return trained / "ecg.onnx"


@pytest.fixture(scope="session")
def beats() -> Path:
    """The annotating file, as it is committed."""
    return ROOT / "artifacts/beats.onnx"


@pytest.fixture(scope="session")
def beats_of_schema(shared_folder, beats: Path) -> dict[int, Path]:
    """Files that annotate, of schema 1 and of schema 2; see drawn/annotating_files.py for what the latter says."""

    def make(folder: Path) -> None:
        from annotating_files import of_schema_1, of_schema_2

        (folder / "1.onnx").write_bytes(of_schema_1(beats.read_bytes()))
        (folder / "2.onnx").write_bytes(of_schema_2((folder / "1.onnx").read_bytes()))

    folder = shared_folder("annotating-files", make)
    return {schema: folder / f"{schema}.onnx" for schema in (1, 2)}


@pytest.fixture(scope="session")
def recording():
    """A built-in recording: its signal in mV and its sampling rate in Hz, of so many seconds."""

    def draw(seconds: float, seed: int = 7) -> tuple[np.ndarray, float]:
        drawn = synthetic_recordings(seed, recordings=1, seconds=seconds)[0]
        return drawn.leads["I"], drawn.sampling_rate_hz

    return draw


@pytest.fixture(scope="session")
def example(trained: Path) -> dict[str, list[float]]:
    """A request for one row."""
    return json.loads((trained / "example.json").read_text())


@pytest.fixture
def table(tmp_path: Path):
    """Write a text file of rows and return its path."""

    def write(text: str | bytes, name: str = "rows.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


@pytest.fixture(scope="session")
def until_healthy():
    """Wait for a server to say that it is healthy, as long as its process runs; three minutes, for it may have to train first."""

    def wait(address: str, process: subprocess.Popen[str] | subprocess.Popen[bytes]) -> None:
        for _ in range(9000):
            try:
                httpx2.get(f"{address}/health").raise_for_status()
                return
            except httpx2.TransportError:
                if process.poll() is not None:
                    pytest.fail(f"the server at {address} ended with exit code {process.returncode}")
                time.sleep(0.02)
        pytest.fail(f"{address} did not answer within three minutes")

    return wait


@pytest.fixture(scope="session")
def free_port():
    """Find a port nobody listens on."""

    def find() -> int:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            return int(free.getsockname()[1])

    return find
