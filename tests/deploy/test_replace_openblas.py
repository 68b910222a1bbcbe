"""What makes the server's image 23 MB smaller never makes its build fail: run without Docker, on a tree made for it."""

import os
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "deploy/image/replace_openblas.sh"
ORIGINAL = b"OpenBLAS as it came"
LIBRARY = "libscipy_openblas64_-1.so"


def tool(path: Path, code: str) -> None:
    """A program of a few lines of shell."""
    path.write_text(f"#!/bin/sh\n{code}\n")
    path.chmod(0o755)


@pytest.fixture
def replace(tmp_path):
    """Run the script where Python says that packages are in a folder with these libraries of NumPy's, and `nm` prints this."""

    def run(
        libraries: list[str], symbols: str, linker: str = "echo not here >&2; exit 1"
    ) -> tuple[subprocess.CompletedProcess[str], list[bytes]]:
        (tmp_path / "bin").mkdir(exist_ok=True)
        (tmp_path / "numpy").mkdir()
        (tmp_path / "numpy/core.so").touch()
        (tmp_path / "numpy.libs").mkdir()
        for name in libraries:
            (tmp_path / "numpy.libs" / name).write_bytes(ORIGINAL)
        tool(tmp_path / "bin/python", f'[ "$1" = -c ] && echo {tmp_path}')
        tool(tmp_path / "bin/nm", f"echo '{symbols}'")
        for name in ("objcopy", "ar", "ld"):
            tool(tmp_path / "bin" / name, linker)
        environment = {**os.environ, "PATH": f"{tmp_path}/bin:{os.environ['PATH']}"}
        done = subprocess.run(["sh", str(SCRIPT)], env=environment, capture_output=True, text=True, check=False)
        return done, [path.read_bytes() for path in (tmp_path / "numpy.libs").iterdir()]

    return run


@pytest.mark.parametrize(
    ("libraries", "symbols", "reason"),
    [
        ([], "U scipy_dgemm_64_", "expected NumPy with one OpenBLAS"),
        (["libmkl.so"], "U scipy_dgemm_64_", "expected NumPy with one OpenBLAS"),
        ([LIBRARY, f"other-{LIBRARY}"], "U scipy_dgemm_64_", "expected NumPy with one OpenBLAS"),
        ([LIBRARY], "U dgemm_", "expected extensions of NumPy that ask for"),
        ([LIBRARY], "U scipy_dgemm_64_", "expected the packages|could not be linked"),
    ],
    ids=["none", "another library", "two", "other names", "nothing to link"],
)
def test_where_it_cannot_be_replaced_openblas_is_kept(replace, libraries, symbols, reason) -> None:
    """One line says why, whatever is missing is untouched, and the exit code lets the build go on."""
    done, left = replace(libraries, symbols)

    assert done.returncode == 0
    assert done.stderr == ""
    assert len(done.stdout.splitlines()) == 1
    assert "OpenBLAS is kept (23 MB)" in done.stdout
    assert [words for words in reason.split("|") if words in done.stdout]
    assert left == [ORIGINAL] * len(libraries)


@pytest.mark.skipif(
    not Path("/usr/lib/gcc").is_dir(), reason="/usr/lib/gcc is not there, through which the script finds the libraries drawn here"
)
def test_where_numpy_computes_wrongly_openblas_is_put_back(replace, tmp_path) -> None:
    """Debian's libraries are there and linked, and NumPy, tried with them, fails."""
    system = tmp_path / "system-linux-gnu"
    for name in ("liblapack64_pic.a", "blas64/libblas64.a", "12/libgfortran.a"):
        (system / name).parent.mkdir(parents=True, exist_ok=True)
        (system / name).touch()
    (tmp_path / "bin").mkdir()
    tool(tmp_path / "bin/uname", f"echo ../../..{tmp_path}/system")

    done, left = replace([LIBRARY], "U scipy_dgemm_64_", linker="echo replaced > replacement")

    assert done.returncode == 0
    assert "NumPy gave wrong answers" in done.stdout
    assert left == [ORIGINAL]
