"""Recordings annotated in other runtimes by the file that the server annotates with."""

import subprocess

import numpy as np
import pytest

from server.models.annotator import Annotator

RATE = 360


@pytest.fixture(scope="module")
def about(beats, command_inside, tmp_path_factory):
    """What the file says of itself, as JSON, which Node and the browser do not read from it."""
    path = tmp_path_factory.mktemp("about") / "beats.json"
    path.write_text(command_inside("export", "--describe", beats, "--json").stdout)
    return path


@pytest.fixture(scope="module", params=["synthetic", "real"])
def signal(request, recording) -> np.ndarray:
    """One lead in mV; two minutes, or five of a patient's."""
    if request.param == "synthetic":
        return recording(120)[0]
    wfdb = pytest.importorskip("wfdb")
    record = wfdb.rdrecord(str(request.getfixturevalue("real") / "mitdb" / "208"), channels=[0], sampto=300 * RATE)
    return record.p_signal[:, 0].astype(np.float32)


@pytest.mark.parametrize("runtime", ["onnxruntime-node", "onnxruntime-web"])
def test_the_same_beats_elsewhere(request, runtime, signal, beats, about, node, root, tmp_path) -> None:
    """Each where it is in the server's own runtime, of the same class, as sure to within 1e-4."""
    path = tmp_path / "signal.csv"
    np.savetxt(path, signal, "%.9g")
    if runtime == "onnxruntime-web":
        done = request.getfixturevalue("page")(path, beats, about, "annotate.html")
    else:
        program = root / "embed" / runtime / "annotate.mjs"
        command = [node(runtime), program, path, str(RATE), beats, about]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    annotator = Annotator.load(beats)
    fed = {"signal": signal, "sampling_rate": np.array([RATE], np.float32)}
    sample, predicted_class, probability = annotator.session.run(["sample", "predicted_class", "probability"], fed)

    lines = [line.split(",") for line in done.stdout.split()]

    assert [int(line[0]) for line in lines] == sample.tolist()
    assert len(lines) > 50
    assert [line[1] for line in lines] == [annotator.contract.classes[i] for i in predicted_class]
    np.testing.assert_allclose([float(line[2]) for line in lines], probability, atol=1e-4)
