"""Recordings annotated in other runtimes by files of either schema, the committed one among them."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from server.models.annotator import Annotator

RATE = 360


@pytest.fixture(scope="module", params=["synthetic, schema 1", "synthetic, schema 2", "real, as committed"])
def case(request, beats, beats_of_schema, recording) -> tuple[Path, np.ndarray]:
    """A file, and one lead in mV: drawn, with what is AF and noise to schema 2, or five minutes of a patient's."""
    if request.param.startswith("synthetic"):
        signal = recording(60)[0].copy()
        signal[20 * RATE :] += 1
        signal[30 * RATE : 33 * RATE] = np.resize([2, -2], 3 * RATE)
        return beats_of_schema[int(request.param[-1])], signal[:-100]
    wfdb = pytest.importorskip("wfdb")
    record = wfdb.rdrecord(str(request.getfixturevalue("real") / "mitdb" / "208"), channels=[0], sampto=300 * RATE)
    return beats, record.p_signal[:, 0].astype(np.float32)


@pytest.fixture(scope="module")
def about(case, command_inside, tmp_path_factory):
    """What the file says of itself, as JSON, which Node and the browser do not read from it."""
    path = tmp_path_factory.mktemp("about") / "beats.json"
    path.write_text(command_inside("export", "--describe", case[0], "--json").stdout)
    return path


@pytest.fixture
def printed(request, case, about, node, root, tmp_path):
    """What a runtime's program prints, a list of fields a line."""

    def run(runtime: str) -> list[list[str]]:
        file, path = tmp_path / "beats.onnx", tmp_path / "signal.csv"
        file.write_bytes(case[0].read_bytes())
        np.savetxt(path, case[1], "%.9g")
        if runtime == "onnxruntime-web":
            done = request.getfixturevalue("page")(path, file, about, "annotate.html")
        else:
            [program] = (root / "embed" / runtime).glob("annotate.*")
            start = [sys.executable, "-I", program] if program.suffix == ".py" else [node(runtime), program]
            command = [*start, path, str(RATE), file, about]
            done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        return [line.split(",") for line in done.stdout.split()]

    return run


@pytest.mark.parametrize("runtime", ["onnxruntime-python", "onnxruntime-node", "onnxruntime-web"])
def test_the_same_annotation_elsewhere(runtime, case, printed) -> None:
    """Each beat where it is in the server's own runtime, of the same class, each second of the same rhythm, to within 1e-4."""
    annotator = Annotator.load(case[0])
    fed = {"signal": case[1], "sampling_rate": np.array([RATE], np.float32)}
    wanted = dict(zip(annotator.outputs, annotator.session.run(annotator.outputs, fed), strict=True))

    lines = printed(runtime)

    beats, seconds = [line for line in lines if len(line) == 3], [line for line in lines if len(line) == 4]
    assert [int(line[0]) for line in beats] == wanted["sample"].tolist()
    assert len(beats) > 50
    assert [line[1] for line in beats] == [annotator.contract.classes[i] for i in wanted["predicted_class"]]
    np.testing.assert_allclose([float(line[2]) for line in beats], wanted["probability"], atol=1e-4)
    assert lines == beats + seconds
    if annotator.contract.schema == 1:
        assert seconds == []
        return
    probabilities = wanted["rhythm_probabilities"]
    assert [int(line[0]) for line in seconds] == list(range(len(wanted["readable"])))
    assert [line[1] for line in seconds] == [annotator.contract.rhythms[i] for i in probabilities.argmax(axis=1)]
    np.testing.assert_allclose([float(line[2]) for line in seconds], probabilities.max(axis=1), atol=1e-4)
    np.testing.assert_allclose([float(line[3]) for line in seconds], wanted["readable"], atol=1e-4)
