"""The runtimes of embed/: how each is run, timed and weighed."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

CLOCKS = Path(__file__).parent
EMBED = CLOCKS.parents[1] / "embed"
SHARED = {"numpy"}  # What every Python program reads its rows with.


class Missing(Exception):
    """What the runtime takes is not on this machine; the message says what."""


class Runtime:
    """One folder of embed/: a program in Python that needs `package`, and takes the file as it is or as what was made of it."""

    clock_program = "clock.py"

    def __init__(self, name: str, package: str, file: str = "ecg.onnx", takes: str = "as it is") -> None:
        self.folder = EMBED / name
        self.package = package
        self.file = file
        self.takes = takes
        [self.program] = self.folder.glob("classify.*")

    def interpreter(self) -> list[str]:
        """What runs a program: this project is not in its path."""
        return [sys.executable, "-I"]

    def files(self) -> list[str]:
        """What the program is told beside the rows."""
        return [self.file, "about.json"] if "about.json" in self.program.read_text() else [self.file]

    def classify(self, folder: Path) -> list[list[str]]:
        """The fields of each line that the program prints for `rows.csv` in the folder."""
        command = [*self.interpreter(), self.program, "rows.csv", *self.files()]
        return [line.split(",") for line in run(command, folder).splitlines()]

    def clock(self, folder: Path, seconds: float) -> tuple[float, float]:
        """Microseconds a row of `rows.f32` in the folder, one at a time and all at once."""
        n = len(json.loads((folder / "about.json").read_text())["features"])
        timed = [CLOCKS / self.clock_program, self.program, "rows.f32", n, seconds]
        return _two(run([*self.interpreter(), *timed, *self.files()], folder))

    def version(self) -> str:
        """As the package has it."""
        return distribution(self.package).version

    def lines(self) -> int:
        """Lines of the folder's own files that are not blank; those that annotate recordings do not count."""
        own = [path for path in self.folder.iterdir() if path.stem != "annotate"]
        files = [path for path in own if path.suffix in (".py", ".mjs", ".html", ".c")]
        return sum(bool(line.strip()) for path in files for line in path.read_text().splitlines())

    def size(self) -> int:
        """Bytes of the package, installed, and of what it needs."""
        return sum(_bytes(path) for name in _needed(self.package) for path in distribution(name).files or [] if path)


class Node(Runtime):
    """A program for Node."""

    clock_program = "clock.mjs"

    def interpreter(self) -> list[str]:
        """Node, and the package in its folder."""
        node = shutil.which("node")
        if not node or not (self.folder / "node_modules").is_dir():
            raise Missing(f"expected node, and npm ci --prefix embed/{self.folder.name} to have been run")
        return [node]

    def version(self) -> str:
        """As the package has it."""
        return str(json.loads((self.folder / "node_modules" / self.package / "package.json").read_text())["version"])

    def size(self) -> int:
        """Bytes of the library for this system and of the JavaScript before it."""
        package = self.folder / "node_modules" / self.package
        return sum(_bytes(path) for path in [*package.glob("bin/napi-*/linux/x64/*"), *package.glob("dist/*.js")])


class Page(Node):
    """The page, in Chromium."""

    def classify(self, folder: Path) -> list[list[str]]:
        """What its table shows when the file is dropped on it."""
        with self._site(folder) as address:
            dropped = run(
                [*self.interpreter(), CLOCKS.parents[1] / "tests/embed/drop.mjs", _chromium(), address, "rows.csv"], folder
            )
        return [line.split(",") for line in dropped.splitlines()]

    def clock(self, folder: Path, seconds: float) -> tuple[float, float]:
        """The page's own module, called from within it."""
        n = len(json.loads((folder / "about.json").read_text())["features"])
        with self._site(folder) as address:
            return _two(run([*self.interpreter(), CLOCKS / "page.mjs", _chromium(), address, n, seconds], folder))

    @contextmanager
    def _site(self, folder: Path) -> Iterator[str]:
        for path in (
            *(self.folder / name for name in ("index.html", "classify.mjs", "node_modules")),
            CLOCKS / "microseconds.mjs",
        ):
            if not (folder / path.name).exists():
                (folder / path.name).symlink_to(path)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = str(free.getsockname()[1])
        command = [sys.executable, "-m", "http.server", port, "--bind", "127.0.0.1"]
        with subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
            time.sleep(0.5)
            yield f"http://127.0.0.1:{port}/"
            server.terminate()

    def size(self) -> int:
        """Bytes that the browser loads beside the page and the model."""
        package = self.folder / "node_modules" / self.package / "dist"
        return sum(
            _bytes(package / name) for name in ("ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm")
        )


class Compiled(Runtime):
    """The C program, linked to the library in the Python package of onnxruntime."""

    def interpreter(self) -> list[str]:
        """Nothing."""
        return []

    def classify(self, folder: Path) -> list[list[str]]:
        """The program, compiled in the folder."""
        compiled = self._compile(folder, self.program)
        return [line.split(",") for line in run([compiled, "rows.csv", "ecg.onnx"], folder).splitlines()]

    def clock(self, folder: Path, seconds: float) -> tuple[float, float]:
        """The same functions, compiled with a clock around them."""
        return _two(run([self._compile(folder, CLOCKS / "clock.c"), "rows.f32", seconds, "ecg.onnx"], folder))

    def _compile(self, folder: Path, source: Path) -> Path:
        headers = Path(os.environ.get("ONNXRUNTIME_INCLUDE", "/usr/include/onnxruntime"))
        if not (headers / "onnxruntime_c_api.h").exists() or not shutil.which("cc"):
            raise Missing(f"expected cc and the headers of onnxruntime in {headers} (ONNXRUNTIME_INCLUDE names another place)")
        program, library = folder / source.stem, folder / "libonnxruntime.so.1"
        if not program.exists():
            library.unlink(missing_ok=True)
            library.symlink_to(self._library())
            run(["cc", "-O2", "-isystem", headers, source, library, f"-Wl,-rpath,{folder}", "-o", program], folder)
        return program

    def _library(self) -> Path:
        [library] = [path for path in distribution(self.package).files or [] if path.name.startswith("libonnxruntime.so.")]
        return Path(str(library.locate()))

    def size(self) -> int:
        """Bytes of the library."""
        return _bytes(self._library())


def run(command: list[object], folder: Path) -> str:
    """What it prints; on one thread where OpenMP or BLAS would take more."""
    environment = {**os.environ, "DEV": "CPU", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(list(map(str, command)), cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed: {done.stderr}")
    return done.stdout


def _chromium() -> str:
    found = shutil.which("chromium") or shutil.which("google-chrome")
    if not found:
        raise Missing("expected chromium")
    return found


def _two(text: str) -> tuple[float, float]:
    alone, many = text.split()
    return float(alone), float(many)


def _bytes(path: object) -> int:
    located = Path(str(path.locate())) if hasattr(path, "locate") else Path(str(path))
    return located.stat().st_size if located.exists() and "__pycache__" not in located.parts else 0


def _needed(package: str, found: frozenset[str] = frozenset()) -> frozenset[str]:
    """The package and what it needs, without what all need."""
    found = found | {package}
    for text in distribution(package).requires or []:
        requirement = Requirement(text)
        if requirement.name not in found | SHARED and (not requirement.marker or requirement.marker.evaluate({"extra": ""})):
            try:
                found = _needed(requirement.name, found)
            except PackageNotFoundError:
                continue
    return found


PYTHON = {
    "openvino": "openvino",
    "opencv": "opencv-python-headless",
    "tract": "tract",
    "tinygrad": "tinygrad",
    "reference": "onnx",
}
RUNTIMES: dict[str, Runtime] = {
    "onnxruntime-python": Runtime("onnxruntime-python", "onnxruntime"),
    "onnxruntime-mobile": Runtime("onnxruntime-python", "onnxruntime", "ecg.ort", "converted"),
    "onnxruntime-c": Compiled("onnxruntime-c", "onnxruntime"),
    "onnxruntime-node": Node("onnxruntime-node", "onnxruntime-node"),
    "onnxruntime-web": Page("onnxruntime-web", "onnxruntime-web"),
    **{name: Runtime(name, package) for name, package in PYTHON.items()},
}
