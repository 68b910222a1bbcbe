"""`python -m train --task annotation` and the export of what it leaves behind."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest

from server.models.annotator import Annotator
from train.recordings.data.synthetic import synthetic_recordings

# The commands with short trainings of small networks: what is tested is that they work, not what they are worth. In one process,
# for TensorFlow takes seconds to import.
SMALL = """
import functools
import sys

import export.__main__ as export
import train.__main__ as command
from train.recordings.data import synthetic
from train.recordings.steps import Steps

import_quietly = command.import_quietly

def import_and_shorten():
    import_quietly()
    from train.recordings import fit

    fit.MEMBERS = 1

command.import_quietly = import_and_shorten
Steps.of = classmethod(lambda steps, epochs: steps(120, 15))
synthetic.synthetic_recordings = functools.partial(synthetic.synthetic_recordings, recordings=8, seconds=60)
synthetic.labelled_recordings = functools.partial(synthetic.labelled_recordings, recordings=4)
folder = sys.argv[1]
for name, main in (("train", command.main), ("export", export.main)):
    sys.argv = [name, "--task", "annotation", "--out", folder]
    if status := main():
        sys.exit(status)
"""


@pytest.fixture(scope="module")
def annotating(shared_folder, root):
    """A folder with what a short training on built-in recordings leaves behind, exported."""

    def train(folder: Path) -> None:
        done = subprocess.run([sys.executable, "-c", SMALL, str(folder)], cwd=root, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        (folder / "commands.log").write_text(done.stdout + done.stderr)

    return shared_folder("annotating", train)


def test_training_tells_what_it_does_and_what_came_of_it(annotating) -> None:
    """Recordings and steps on the way, figures and what to do next at the end; a report with pictures."""
    log = (annotating / "commands.log").read_text()

    assert "9 recordings (0.1 h) to train on, 3 to test on, by patient" in log
    assert "finding beats: " in log and "naming beats and rhythm: " in log
    assert "detection_sensitivity" in log and "not for diagnosis" in log and "python -m export --task annotation" in log
    report = (annotating / "beats-report/report.md").read_text()
    for part in (
        "ANSI/AAMI EC57",
        "## Each recording",
        "## Where it fails",
        "atrial fibrillation",
        "knows nothing about real hearts",
    ):
        assert part in report
    for name in ("confusion", "operating", "recordings", "right", "wrong"):
        assert f"{name}.png" in {path.name for path in (annotating / "beats-report").iterdir()}
    numbers = json.loads((annotating / "beats-report/metrics.json").read_text())["all recordings"]
    assert numbers["gross"]["detection_sensitivity"] > 0.9
    assert set(numbers) == {"gross", "average", "interval", "counts"}


def test_the_file_is_what_the_contract_promises(annotating) -> None:
    """Names, types, opset, one file, small enough; verified before it was there."""
    path = annotating / "beats.onnx"
    model = onnx.load(path)
    annotator = Annotator.load(path)

    assert {value.name: value.type.tensor_type.shape.dim[0].dim_param for value in model.graph.input} == {
        "signal": "samples",
        "sampling_rate": "",
    }
    of_beats, of_seconds = ["predicted_class", "probability", "probabilities", "sample"], ["rhythm_probabilities", "readable"]
    assert [value.name for value in model.graph.output] == of_beats + of_seconds
    assert [(opset.domain, opset.version) for opset in model.opset_import] == [("", 17)]
    assert model.ir_version == 8
    assert path.stat().st_size < 1.5e6
    assert annotator.contract.classes == ("N", "S", "V", "F")
    assert annotator.contract.trained_on.synthetic
    assert "verified on 3 recordings" in (annotating / "commands.log").read_text()


def test_beats_are_found_at_every_sampling_rate(annotating) -> None:
    """The same recording at another rate has the same beats at the same time."""
    annotator = Annotator.load(annotating / "beats.onnx")
    recording = synthetic_recordings(11, recordings=1, seconds=40)[0]
    signal, rate = recording.leads["I"], recording.sampling_rate_hz
    time = np.arange(len(signal)) / rate

    expected = annotator.annotate(signal, rate).beats.sample / rate
    assert len(expected) > 20
    for other in (100.0, 128.0, 360.0, 1000.0):
        again = np.interp(np.arange(0, time[-1], 1 / other), time, signal).astype(np.float32)
        found = annotator.annotate(again, other).beats.sample / other
        assert len(found) == len(expected), other
        assert np.abs(found - expected).max() < 0.02, other


def test_where_a_recording_begins_changes_nothing(beats) -> None:
    """Begun some samples later, the committed file finds the same beats as much earlier, called the same but at its very edge."""
    annotator = Annotator.load(beats)
    signal = synthetic_recordings(12, recordings=1, seconds=100)[0].leads["I"]
    whole = annotator.annotate(signal, 250.0).beats

    for later in (2, 13, 26, 101):
        part = annotator.annotate(signal[later:], 250.0).beats
        own = (whole.sample > 5000) & (whole.sample < 20_000)
        theirs = (part.sample + later > 5000) & (part.sample + later < 20_000)
        assert own.sum() == theirs.sum() > 50
        assert np.abs(whole.sample[own] - part.sample[theirs] - later).max() <= 2
        assert (whole.predicted_class[own] == part.predicted_class[theirs]).mean() > 0.98


SEEDED = """
import hashlib
from train.recordings import fit
from train.recordings.data.synthetic import synthetic_recordings
from train.recordings.steps import Steps

fit.MEMBERS = 1
graph = fit.train(synthetic_recordings(0, recordings=1, seconds=10), Steps(2, 2), 5)
networks = (graph.detector, *graph.beat_classifier.layers)
weights = [weight.tobytes() for network in networks for weight in network.get_weights()]
print(len(weights), hashlib.sha256(b"".join(weights)).hexdigest())
"""


def test_the_same_seed_gives_the_same_network(root) -> None:
    """To the bit, in two processes; that the same network gives the same file is a test of export."""
    options = {"cwd": root, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
    runs = [subprocess.Popen([sys.executable, "-c", SEEDED], **options) for _ in "ab"]

    first, second = (run.communicate()[0].splitlines()[-1].split() for run in runs)

    assert int(first[0]) > 50
    assert first == second


def test_nothing_but_results_is_printed(annotating) -> None:
    """TensorFlow's start-up messages about CUDA, oneDNN and the processor do not appear."""
    text = (annotating / "commands.log").read_text()

    assert not [word for word in ("cuda", "cuInit", "oneDNN", "cpu_feature_guard", "absl") if word in text], text


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--data", "nowhere"], "expected WFDB records with annotations"),
        (["--data", "nowhere", "--label", "x"], "--drop and --keep are of rows"),
        (["--split", "de-chazal"], "need --data"),
        (["--lead", "II"], "need --data"),
        (["--split", "other", "--data", "nowhere"], "invalid choice"),
    ],
)
def test_what_cannot_be_trained_on_is_refused(command_inside, tmp_path, arguments, sentence) -> None:
    """With one sentence and exit code 2, and nothing is written."""
    done = command_inside("train", "--task", "annotation", *arguments, "--out", tmp_path / "out")

    assert done.returncode == 2
    assert sentence in done.stderr
    assert not (tmp_path / "out").exists()


def test_recordings_are_not_rows(command_inside, tmp_path) -> None:
    """The options of one task are refused for the other."""
    done = command_inside("train", "--data", "a", "b", "--split", "patient", "--out", tmp_path / "out")

    assert done.returncode == 2
    assert "--task annotation" in done.stderr


def test_nothing_to_export_is_said(command_inside, tmp_path) -> None:
    """And what to run."""
    done = command_inside("export", "--task", "annotation", "--out", tmp_path)

    assert done.returncode == 2
    assert "run python -m train --task annotation" in done.stderr
