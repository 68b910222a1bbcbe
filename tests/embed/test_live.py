"""The loops over a signal as it comes say what `/stream` says."""

import subprocess
import sys

import numpy as np
import pytest

from server.live.live_annotator import LiveAnnotator
from server.models.annotator import Annotator


@pytest.mark.parametrize("runtime", ["onnxruntime-python", "onnxruntime-node"])
def test_the_same_final_beats_elsewhere(runtime, beats, recording, node, root, command_inside, tmp_path) -> None:
    """Of seconds as they come: the same samples and classes, each once, probabilities to within 1e-4."""
    signal, rate = recording(40.4, 3)
    live, about, path = LiveAnnotator(Annotator.load(beats), rate), tmp_path / "beats.json", tmp_path / "signal.csv"
    starts = range(0, len(signal), int(rate))
    wanted = [live.push(signal[start : start + int(rate)], start == starts[-1]).final.beats for start in starts]
    about.write_text(command_inside("export", "--describe", beats, "--json").stdout)
    np.savetxt(path, signal, "%.9g")
    [program] = (root / "embed" / runtime).glob("live.*")

    start = [sys.executable, "-E", program] if program.suffix == ".py" else [node(runtime), program]
    command = [*start, path, str(int(rate)), beats, about]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)

    assert done.returncode == 0, done.stderr
    lines = [line.split(",") for line in done.stdout.split()]
    assert [int(line[0]) for line in lines] == np.concatenate([some.sample for some in wanted]).tolist()
    names = np.array(live.model.contract.classes)
    assert [line[1] for line in lines] == names[np.concatenate([some.predicted_class for some in wanted])].tolist()
    probabilities = np.concatenate([some.probability for some in wanted])
    np.testing.assert_allclose([float(line[2]) for line in lines], probabilities, atol=1e-4)
    assert len(lines) > 30
