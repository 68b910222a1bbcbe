"""The same file, the same rows, every runtime: the same answers."""

import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from starlette.testclient import TestClient

from server.app import create_app
from server.settings import Settings

TOLERANCE = 1e-5
RUNTIMES = sorted(folder.name for folder in (Path(__file__).parents[2] / "embed").iterdir() if list(folder.glob("classify.*")))


@cache
def served(file: Path, rows: Path) -> list[dict[str, float]]:
    """What the server answers for each row."""
    with TestClient(create_app(Settings(str(file)))) as client:
        answer = client.post("/predict", content=rows.read_bytes(), headers={"Content-Type": "text/csv"})
    return answer.raise_for_status().json()["predictions"]


def require_same(lines: list[list[str]], expected: list[dict[str, float]], names: list[str]) -> None:
    """The class on every row, its name, and the probability."""
    classes = [row["predicted_class"] for row in expected]
    assert [int(line[0]) for line in lines] == classes
    assert [line[1] for line in lines] == [names[number] for number in classes]
    probabilities = np.array([float(line[2]) for line in lines])
    np.testing.assert_allclose(probabilities, [row["probability"] for row in expected], rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize("network", ["five classes", "two classes"])
@pytest.mark.parametrize("runtime", RUNTIMES)
def test_many_rows_get_the_servers_answers(runtime, network, networks, rows, classify, names) -> None:
    """Whatever runs the file."""
    folder, many = networks[network], rows["many"]

    lines = classify(runtime, many, folder / "ecg.onnx", folder / "about.json")

    require_same(lines, served(folder / "ecg.onnx", many), names(network))


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_one_row_alone_gets_the_servers_answer(runtime, networks, rows, classify, names) -> None:
    """As among many."""
    folder, one = networks["five classes"], rows["one"]

    lines = classify(runtime, one, folder / "ecg.onnx", folder / "about.json")

    require_same(lines, served(folder / "ecg.onnx", one), names("five classes"))


@pytest.mark.parametrize("text", ["F1,F2\n1,2\n", "1,2\n"], ids=["a header", "too few numbers"])
@pytest.mark.parametrize("runtime", RUNTIMES)
def test_what_is_no_row_gets_no_answer(runtime, text, networks, start, table) -> None:
    """But a message, and no class is printed."""
    folder = networks["five classes"]

    done = start(runtime, table(text), folder / "ecg.onnx", folder / "about.json")

    assert done.returncode != 0
    assert done.stdout == ""
    assert done.stderr


@pytest.fixture(scope="session")
def mobile(networks, tmp_path_factory) -> Path:
    """The file in onnxruntime's own format, made by onnxruntime's own tool."""
    folder = tmp_path_factory.mktemp("mobile")
    shutil.copy(networks["five classes"] / "ecg.onnx", folder)
    command = [
        sys.executable,
        "-m",
        "onnxruntime.tools.convert_onnx_models_to_ort",
        folder / "ecg.onnx",
        "--optimization_style",
        "Fixed",
    ]
    subprocess.run(command, check=True, capture_output=True)
    return folder / "ecg.ort"


@pytest.mark.parametrize("runtime", [runtime for runtime in RUNTIMES if runtime.startswith("onnxruntime")])
def test_the_mobile_format_answers_the_same(runtime, mobile, networks, rows, classify, names) -> None:
    """The programs take it as they take the other; its operators are listed for a build that has no more."""
    folder, many = networks["five classes"], rows["many"]

    lines = classify(runtime, many, mobile, folder / "about.json")

    require_same(lines, served(folder / "ecg.onnx", many), names("five classes"))
    assert "Gemm" in mobile.with_name("ecg.required_operators.config").read_text()


@pytest.mark.parametrize("runtime", [name for name in RUNTIMES if name != "onnxruntime-web"])
def test_no_program_opens_a_connection(runtime, networks, rows, classify, tmp_path) -> None:
    """Nor looks up a name: not one socket of the internet's families."""
    if not shutil.which("strace"):
        pytest.skip("there is no strace on this machine")
    folder, log = networks["five classes"], tmp_path / "strace.txt"

    traced = ["strace", "-f", "-e", "trace=socket", "-o", str(log)]
    classify(runtime, rows["one"], folder / "ecg.onnx", folder / "about.json", *traced)

    assert "exited with 0" in log.read_text()
    assert [line for line in log.read_text().splitlines() if "AF_INET" in line] == []
