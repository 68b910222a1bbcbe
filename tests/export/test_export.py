"""The artifact: what is in the file, and that nothing unverified is ever there."""

import json
import shutil

import numpy as np
import onnxruntime
import pytest

from server.models.classifier import Classifier
from server.models.contract import METADATA_KEY

onnx = pytest.importorskip("onnx", reason="the packages of export are not installed here")


@pytest.fixture
def graph(artifact):
    """The exported file, as onnx sees it."""
    return onnx.load(artifact)


@pytest.fixture
def copy(trained, tmp_path):
    """A folder of its own with the training of `trained` and an older artifact."""
    for name in ("ecg.keras", "ecg.json", "test.npz"):
        shutil.copy(trained / name, tmp_path)
    (tmp_path / "ecg.onnx").write_bytes(b"the old artifact")
    return tmp_path


def test_the_file_is_what_the_design_says(graph, artifact) -> None:
    """One input, three outputs, dynamic rows, opset 17, IR 8, one operator set, at most 120 kB."""
    shape = {
        value.name: (value.type.tensor_type.elem_type, [d.dim_param or d.dim_value for d in value.type.tensor_type.shape.dim])
        for value in [*graph.graph.input, *graph.graph.output]
    }

    assert shape == {
        "features": (onnx.TensorProto.FLOAT, ["rows", 140]),
        "predicted_class": (onnx.TensorProto.INT32, ["rows"]),
        "probability": (onnx.TensorProto.FLOAT, ["rows"]),
        "probabilities": (onnx.TensorProto.FLOAT, ["rows", 5]),
    }
    assert (graph.ir_version, [(o.domain, o.version) for o in graph.opset_import]) == (8, [("", 17)])
    assert len(graph.graph.input) == 1
    assert artifact.stat().st_size <= 120_000


def test_the_metadata_is_the_training(trained, graph) -> None:
    """One key, every fact of ecg.json, a schema and a version."""
    facts = json.loads((trained / "ecg.json").read_text())
    del facts["keras_sha256"]

    metadata = {entry.key: entry.value for entry in graph.metadata_props}
    contract = json.loads(metadata.pop(METADATA_KEY))

    assert metadata == {}
    assert contract.pop("schema") == 1
    assert len(contract.pop("version")) == 12
    scaling = contract.pop("scaling")
    assert contract == facts
    rows, deviation = np.load(trained / "test.npz")["features"], np.array(scaling["deviation"])
    assert (np.abs(rows.mean(0) - scaling["mean"]) < deviation / 2).all()
    assert (np.abs(np.log(rows.std(0) / deviation)) < np.log(2)).all()
    assert "not for diagnosis" in graph.doc_string


def test_it_answers_alone(trained, artifact) -> None:
    """Plain onnxruntime gives class, its probability and all probabilities, as right as the report says."""
    session = onnxruntime.InferenceSession(artifact, providers=["CPUExecutionProvider"])
    test = np.load(trained / "test.npz")

    names = ["predicted_class", "probability", "probabilities"]
    predicted, probability, probabilities = session.run(names, {"features": test["features"]})

    assert (predicted == probabilities.argmax(axis=1)).all()
    assert (probability == probabilities.max(axis=1)).all()
    assert probabilities.sum(axis=1) == pytest.approx(1, abs=1e-5)
    report = json.loads((trained / "report/metrics.json").read_text())
    assert (predicted == test["labels"]).mean() == pytest.approx(report["accuracy"])


def test_exporting_again_gives_the_same_bytes(command, trained, copy) -> None:
    """The file depends on the training alone, so its digest means something."""
    done = command("export", "--out", copy)

    assert done.returncode == 0, done.stderr
    assert (copy / "ecg.onnx").read_bytes() == (trained / "ecg.onnx").read_bytes()
    assert sorted(path.name for path in copy.iterdir()) == ["ecg.json", "ecg.keras", "ecg.onnx", "test.npz"]


def test_another_network_is_found_out(trained, artifact) -> None:
    """Verification compares with Keras: weights moved by a hair more than the tolerance do not pass."""
    keras = pytest.importorskip("keras")
    from export.verify import Unverified, verify

    network = keras.models.load_model(trained / "ecg.keras")
    rows = np.load(trained / "test.npz")["features"]
    verify(artifact.read_bytes(), network, rows)
    answer = network.get_layer("answer")
    answer.set_weights([weights * 1.001 for weights in answer.get_weights()])

    with pytest.raises(Unverified, match="test rows: a probability differs by"):
        verify(artifact.read_bytes(), network, rows)


def test_only_rounding_widens_what_is_allowed(trained) -> None:
    """Rows of data have to agree within 1e-5; where logits are in the hundreds, within what float32 can tell apart there."""
    keras = pytest.importorskip("keras")
    from export.verify import extreme_rows, tolerances

    network = keras.models.load_model(trained / "ecg.keras")
    rows = np.load(trained / "test.npz")["features"]

    ordinary, extreme = tolerances(network, rows), tolerances(network, extreme_rows(rows.shape[1]))

    assert ordinary == pytest.approx(1e-5, rel=1e-6)
    assert extreme.min() == pytest.approx(1e-5, rel=1e-6)
    assert 1e-5 < extreme.max() < 1e-2


@pytest.mark.parametrize(
    ("change", "check"),
    [
        (
            lambda graph: graph.graph.input.append(onnx.helper.make_tensor_value_info("scale", 1, [1])),
            "inputs: expected features and no other",
        ),
        (lambda graph: graph.ClearField("metadata_props"), "the server's own loading"),
        (lambda graph: graph.graph.node[0].ClearField("op_type"), "ONNX checker"),
        (lambda graph: graph.graph.output[0].ClearField("name"), "ONNX checker"),
    ],
)
def test_every_check_of_the_structure_has_a_name(trained, graph, change, check) -> None:
    """A file that is damaged on the way is named by the check it fails."""
    pytest.importorskip("keras")
    from export.verify import Unverified, verify

    change(graph)

    with pytest.raises(Unverified, match=check):
        verify(graph.SerializeToString(), None, np.zeros((1, 140), np.float32))


def test_a_failed_verification_leaves_the_old_file_alone(command_inside, copy) -> None:
    """Exit code 1, the check named. The contract here lacks its classes, which only the server's own loading notices."""
    facts = json.loads((copy / "ecg.json").read_text())
    (copy / "ecg.json").write_text(json.dumps({**facts, "classes": ["N"]}))

    done = command_inside("export", "--out", copy)

    assert done.returncode == 1
    assert "this check failed: the server's own loading" in done.stderr
    assert (copy / "ecg.onnx").read_bytes() == b"the old artifact"


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (lambda folder: (folder / "ecg.keras").unlink(), "there is no"),
        (lambda folder: (folder / "ecg.json").write_text("{"), "cannot be read"),
        (lambda folder: (folder / "ecg.keras").write_bytes(b"another"), "are of two trainings"),
        (lambda folder: np.savez(folder / "test.npz", features=np.zeros((3, 7))), "are of two trainings"),
    ],
)
def test_a_training_that_was_cut_off_is_not_exported(command_inside, copy, monkeypatch, damage, sentence) -> None:
    """Exit code 2, what to do, and the old artifact as it was; found out before TensorFlow is loaded."""
    monkeypatch.setattr("export.__main__._import_tensorflow_quietly", pytest.fail)
    damage(copy)

    done = command_inside("export", "--out", copy)

    assert done.returncode == 2
    assert sentence in done.stderr
    assert "run python -m train" in done.stderr
    assert (copy / "ecg.onnx").read_bytes() == b"the old artifact"


def test_the_server_loads_what_was_exported(artifact) -> None:
    """With the names of the data it was trained on."""
    contract = Classifier.load(artifact).contract

    assert contract.classes == ("N", "S", "V", "F", "Q")
    assert contract.sampling_rate_hz == 200
    assert contract.unit == "mV"
    assert contract.window is not None
    assert contract.window.before_r_ms == 250
