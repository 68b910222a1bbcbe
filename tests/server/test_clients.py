"""The clients of docs/clients.md run as they stand there, in the languages that are installed."""

import json
import re
import shutil
import subprocess
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import numpy as np
import pytest

DOCUMENT = (Path(__file__).parents[2] / "docs/clients.md").read_text()
SIGNAL = np.exp(-(((np.arange(1000) % 80 - 40) / 2) ** 2) / 2).round(4).tolist()
ROWS = 3


def program(language: str, address: str) -> str:
    """The block of a language, with the address of this server."""
    [block] = re.findall(rf"^```{language}\n(.*?)^```", DOCUMENT, re.MULTILINE | re.DOTALL)
    return block.replace("localhost:5000", address.removeprefix("http://"))


def output(command: list[str], program: str, folder: Path) -> str:
    """What a program prints."""
    return subprocess.run(command, input=program, cwd=folder, capture_output=True, text=True, check=True).stdout


def is_there(*command: str) -> bool:
    """Whether a language is installed, with what the client needs."""
    return shutil.which(command[0]) is not None and subprocess.run(command, capture_output=True, check=False).returncode == 0


HAS_R = is_there("Rscript", "-e", "library(httr2); library(jsonlite)")


def test_python(address, example, tmp_path, monkeypatch) -> None:
    """A row, a hundred as bytes, a recording; the stream's summary is that of the recording."""
    (tmp_path / "artifacts").mkdir()
    (tmp_path / "artifacts/example.json").write_text(json.dumps(example))
    monkeypatch.chdir(tmp_path)

    with redirect_stdout(StringIO()) as printed:
        exec(program("py", address), {})
    one, *many, found, streamed = printed.getvalue().splitlines()

    assert one.startswith("{'predicted_class': 0,")
    assert re.findall(r"\d+", " ".join(many))[:3] == ["0", "0", "0"]
    assert "'heart_rate_bpm': 75.0" in found
    assert "'heart_rate_bpm': 75.0" in streamed


@pytest.mark.skipif(not shutil.which("node"), reason="Node is not installed here")
def test_javascript(address, example, tmp_path) -> None:
    """The same but for the stream."""
    row = json.dumps(example["features"])
    given = f"const row = {row}, rows = [{', '.join(['row'] * ROWS)}], signal = {SIGNAL};\n"

    printed = output(["node", "--input-type=module"], given + program("js", address), tmp_path)

    assert "predicted_class: 0" in printed
    assert f"Int32Array({ROWS}) [ 0, 0, 0 ]" in printed
    assert "heart_rate_bpm: 75" in printed


@pytest.mark.skipif(not HAS_R, reason="no R here, or no httr2 or jsonlite: apt install r-base-core r-cran-httr2 r-cran-jsonlite")
def test_r(address, example, tmp_path) -> None:
    """The same."""
    row, signal = (", ".join(map(str, values)) for values in (example["features"], SIGNAL))
    given = f"row <- c({row})\nrows <- matrix(row, {ROWS}, length(row), byrow = TRUE)\nsignal <- c({signal})\n"

    printed = output(["Rscript", "-"], given + program("r", address), tmp_path)

    assert printed.splitlines() == ["[1] 0", "[1] 0 0 0", "[1] 75"]


@pytest.mark.skipif(not is_there("octave", "--eval", "jsonencode(1)"), reason="Octave 7 is not installed here")
def test_matlab(address, example, tmp_path) -> None:
    """The same, by Octave."""
    given = f"row = {example['features']}; rows = repmat(row, {ROWS}, 1); signal = {SIGNAL};\n"

    printed = output(["octave", "--quiet", "--no-gui"], given + program("matlab", address), tmp_path)

    assert re.findall(r"[\d.]+", printed) == ["0", "0", "0", "0", "75"]
