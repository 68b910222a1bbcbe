"""What a file says of itself."""

import json
import subprocess
import sys

from server.models.classifier import Classifier
from server.models.contract import read


def test_people_read_what_is_in_the_file(command, artifact) -> None:
    """Classes, features, signal, network, data, numbers, version, and what it is for."""
    done = command("export", "--describe", artifact)
    contract = Classifier.load(artifact).contract

    assert done.returncode == 0
    for text in (contract.version, "0 = N, 1 = S, 2 = V, 3 = F, 4 = Q", "140: F1, F2", "unit mV", "140-128-64-5"):
        assert text in done.stdout
    for text in (contract.trained_on.name, contract.trained_on.sha256, contract.intended_use, "200.0"):
        assert text in done.stdout
    assert f"accuracy {contract.metrics['accuracy']:.4f}" in done.stdout
    assert "250 ms before to 450 ms after the R peak" in done.stdout
    assert "predicted_class, tensor(int32) of shape [rows]" in done.stdout


def test_the_file_that_annotates_is_described_too(command_inside, beats) -> None:
    """Leads, rates, recordings and figures."""
    done = command_inside("export", "--describe", beats)

    assert done.returncode == 0
    for text in ("3 = F", "signal, tensor(float) of shape [samples]", "50 to 1000 Hz", "recordings", "accuracy 0."):
        assert text in done.stdout


def test_rhythms_are_described_where_there_are_any(command_inside, beats_of_schema) -> None:
    """Of a file of schema 2, for people and for programs; one of schema 1 has none."""
    for schema, rhythms in ((1, None), (2, ["N", "AF", "O", "VF"])):
        told = command_inside("export", "--describe", beats_of_schema[schema]).stdout
        document = json.loads(command_inside("export", "--describe", beats_of_schema[schema], "--json").stdout)

        assert ("0 = N, 1 = AF, 2 = O, 3 = VF" in told) == bool(rhythms)
        assert ("readable, tensor(float) of shape [seconds]" in told) == bool(rhythms)
        assert (document["schema"], document.get("rhythms")) == (schema, rhythms)


def test_programs_read_the_contract(command_inside, artifact) -> None:
    """And what the graph takes and gives, in the order of the file."""
    told = json.loads(command_inside("export", "--describe", artifact, "--json").stdout)
    model = Classifier.load(artifact)

    names = ("task", *type(model.contract).__struct_fields__)
    assert read({"ecg": json.dumps({name: told[name] for name in names})}) == model.contract
    assert told["input"] == [{"name": "features", "type": "tensor(float)", "shape": ["rows", 140]}]
    assert [output["name"] for output in told["outputs"]] == ["predicted_class", "probability", "probabilities"]
    assert (told["bytes"], told["sha256"]) == (len(model.file), model.digest)


def test_what_is_no_artifact_is_refused(command_inside, table) -> None:
    """In a sentence, and so is --json alone."""
    for arguments, sentence in (
        (["--describe", table("no ONNX")], "expected an ONNX file"),
        (["--describe", "nowhere.onnx"], "there is no artifact at nowhere.onnx"),
        (["--json"], "--json goes with --describe FILE"),
    ):
        done = command_inside("export", *arguments)

        assert done.returncode == 2
        assert sentence in done.stderr
        assert "Traceback" not in done.stderr


def test_describing_imports_nothing_heavy(root, artifact) -> None:
    """What the server has is enough."""
    code = "import sys; from export.__main__ import main; main(); print(*{name.split('.')[0] for name in sys.modules})"
    command = [sys.executable, "-c", code, "--describe", artifact]

    imported = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout.splitlines()[-1].split()

    assert "onnxruntime" in imported
    assert not {"tensorflow", "keras", "tf2onnx", "onnx", "pandas"} & set(imported)
