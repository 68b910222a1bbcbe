"""Networks to embed, rows to classify, and each runtime's program as a function."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import numpy as np
import pytest

Done = subprocess.CompletedProcess[str]
ROOT = Path(__file__).parents[2]
EMBED = ROOT / "embed"


@pytest.fixture(scope="session")
def networks(trained: Path, shared_folder, command_inside) -> dict[str, Path]:
    """Folders with an `ecg.onnx` and its `about.json`: the sigmoid of two classes is another graph than the softmax of five."""

    def describe(folder: Path) -> None:
        (folder / "about.json").write_text(command_inside("export", "--describe", folder / "ecg.onnx", "--json").stdout)

    def five(folder: Path) -> None:
        shutil.copy(trained / "ecg.onnx", folder)
        describe(folder)

    def two(folder: Path) -> None:
        with np.load(trained / "test.npz") as test:
            rows = np.column_stack([test["features"], test["labels"] > 0])
        np.savetxt(folder / "rows.csv", rows, "%.9g", ",")
        for arguments in (["train", "--epochs", "3", "--data", folder / "rows.csv"], ["export"]):
            done = command_inside(*arguments, "--out", folder)
            assert done.returncode == 0, done.stderr
        describe(folder)

    return {"five classes": shared_folder("five", five), "two classes": shared_folder("two", two)}


@pytest.fixture(scope="session")
def rows(trained: Path, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> dict[str, Path]:
    """CSVs of rows: `many`, a thousand synthetic ones, then a thousand real ones where those are; and `one` alone."""
    folder = tmp_path_factory.mktemp("rows")
    features = np.load(trained / "test.npz")["features"][:1000]
    np.savetxt(folder / "one.csv", features[:1], "%.9g", ",")
    with suppress(pytest.skip.Exception):
        path = request.getfixturevalue("real") / "ecg.csv"
        features = np.vstack([features, np.loadtxt(path, np.float32, delimiter=",", max_rows=1000)[:, :140]])
    np.savetxt(folder / "many.csv", features, "%.9g", ",")
    return {path.stem: path for path in folder.iterdir()}


@pytest.fixture(scope="session")
def start(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Callable[..., Done]:
    """Run a runtime's program. Skipped, with the reason, where something is not there."""
    built, here = tmp_path_factory.mktemp("built"), tmp_path_factory.mktemp("here")

    def run(runtime: str, rows: Path, file: Path, about: Path, *before: str) -> Done:
        if runtime == "onnxruntime-web":
            return request.getfixturevalue("page")(rows, file, about)
        [program] = (EMBED / runtime).glob("classify.*")
        names = [about] if about.name in program.read_text() else []
        command = [*before, *_started(program, built), rows, file, *names]
        return subprocess.run(command, cwd=here, env=_environment(built), capture_output=True, text=True, timeout=300)

    return run


@pytest.fixture(scope="session")
def classify(start: Callable[..., Done]) -> Callable[..., list[list[str]]]:
    """Run a runtime's program: the fields of each line it prints."""

    def run(*arguments: object) -> list[list[str]]:
        done = start(*arguments)
        assert done.returncode == 0, done.stderr
        return [line.split(",") for line in done.stdout.splitlines()]

    return run


def _started(program: Path, built: Path) -> list[str | Path]:
    """A Python program without this project in its path."""
    if program.parent.name == "tinygrad" and not shutil.which("clang"):
        pytest.skip("there is no clang on this machine, with which tinygrad compiles")
    if program.suffix == ".py":
        return [sys.executable, "-I", program]
    return [_node(program.parent.name), program] if program.suffix == ".mjs" else [_compiled(built)]


def _environment(built: Path) -> dict[str, str]:
    """What tinygrad compiled is kept with the tests' other files; where libraries are looked for is not what OpenCV set here."""
    return {**os.environ, "DEV": "CPU", "XDG_CACHE_HOME": str(built), "LD_LIBRARY_PATH": ""}


def _node(folder: str) -> str:
    node = shutil.which("node")
    if not node:
        pytest.skip("there is no node on this machine")
    if not (EMBED / folder / "node_modules").is_dir():
        pytest.skip(f"expected npm ci --prefix embed/{folder} to have been run")
    return node


def _compiled(built: Path) -> Path:
    """The C program, linked to the library that the Python package of onnxruntime brings."""
    headers = Path(os.environ.get("ONNXRUNTIME_INCLUDE", "/usr/include/onnxruntime"))
    if not ((headers / "onnxruntime_c_api.h").exists() and shutil.which("make") and shutil.which("cc")):
        pytest.skip(f"expected make, cc and the headers of onnxruntime in {headers} (ONNXRUNTIME_INCLUDE names another place)")
    program, library = built / "classify", built / "libonnxruntime.so.1"
    if not program.exists():
        import onnxruntime

        [found] = (Path(onnxruntime.__file__).parent / "capi").glob("libonnxruntime.so.1.*")
        library.symlink_to(found)
        shutil.copy(EMBED / "onnxruntime-c/classify.c", built)
        linked = f"LIB={library} -Wl,-rpath,{built}"
        subprocess.run(
            ["make", "-s", "-f", EMBED / "onnxruntime-c/Makefile", f"INCLUDE={headers}", linked], cwd=built, check=True
        )
    return program


@pytest.fixture(scope="session")
def page(tmp_path_factory: pytest.TempPathFactory, chromium: str) -> Iterator[Callable[..., Done]]:
    """Drop a CSV on the page in Chromium, and have the rows of its table printed; it fails if the page asks for anything else."""
    node = _node("onnxruntime-web")
    site = tmp_path_factory.mktemp("site")
    for name in ("index.html", "classify.mjs", "annotate.html", "annotate.mjs", "node_modules"):
        (site / name).symlink_to(EMBED / "onnxruntime-web" / name)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site))) as server:
        Thread(target=server.serve_forever).start()

        def drop(rows: Path, file: Path, about: Path, where: str = "") -> Done:
            shutil.copy(file, site / file.name)
            shutil.copy(about, site / about.name)
            command = [node, ROOT / "tests/embed/drop.mjs", chromium, f"http://127.0.0.1:{server.server_port}/{where}", rows]
            return subprocess.run(command, capture_output=True, text=True, timeout=120)

        yield drop
        server.shutdown()


@pytest.fixture(scope="session")
def node() -> Callable[[str], str]:
    """The program that runs what is embedded in a folder of JavaScript."""
    return _node


class Quiet(SimpleHTTPRequestHandler):
    """Serves files and says nothing of it."""

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="session")
def names(networks: dict[str, Path]) -> Callable[[str], list[str]]:
    """The classes of a network."""
    return lambda network: json.loads((networks[network] / "about.json").read_text())["classes"]
