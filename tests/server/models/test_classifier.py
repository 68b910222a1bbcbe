"""What is loaded, and what is refused to be."""

import numpy as np
import pytest

from server.models.classifier import Classifier
from server.models.contract import METADATA_KEY, BadArtifact, read


def test_an_artifact_is_loaded_from_its_bytes_alone(artifact) -> None:
    """The class answers with the dtypes of the contract."""
    model = Classifier.load(artifact)

    answer = model.predict(np.zeros((3, 140), np.float32))

    assert model.file == artifact.read_bytes()
    assert (answer.predicted_class.dtype, answer.predicted_class.shape) == (np.int32, (3,))
    assert (answer.probability.dtype, answer.probability.shape) == (np.float32, (3,))


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (lambda file: b"", "expected an ONNX file"),
        (lambda file: b"not ONNX at all", "expected an ONNX file"),
        (lambda file: file[:-2000], "expected an ONNX file"),
        (lambda file: file.replace(b"\x03ecg\x12", b"\x03EGG\x12", 1), "expected a contract under the metadata key 'ecg'"),
        (lambda file: file.replace(b'{"schema": 1,', b'{"schema": 9,'), "expected a contract of schema 1"),
        (lambda file: file.replace(b'"classification"', b'"classificatiom"'), "expected a contract of schema 1"),
        (lambda file: file.replace(b', "F140"]', b"        ]"), "expected a mean and a deviation of each feature"),
        (lambda file: file.replace(b"probability", b"probabilitY"), "expected the outputs predicted_class and probability"),
    ],
)
def test_another_file_is_refused_by_name(artifact, tmp_path, damage, sentence) -> None:
    """With what was expected of it."""
    path = tmp_path / "other.onnx"
    path.write_bytes(damage(artifact.read_bytes()))

    with pytest.raises(BadArtifact) as error:
        Classifier.load(path)

    assert str(error.value).startswith(f"{path}: ")
    assert sentence in str(error.value)


def test_a_file_that_is_not_there_says_what_to_do(tmp_path) -> None:
    """And so does a folder in its place."""
    with pytest.raises(BadArtifact, match="run python -m train, then python -m export"):
        Classifier.load(tmp_path / "ecg.onnx")
    with pytest.raises(BadArtifact, match="cannot be read"):
        Classifier.load(tmp_path)


@pytest.mark.parametrize("metadata", [{}, {METADATA_KEY: "{"}, {METADATA_KEY: "[]"}, {METADATA_KEY: '{"schema": 1}'}])
def test_a_contract_is_whole_or_refused(metadata) -> None:
    """No field has a default that would hide that it is missing."""
    with pytest.raises(BadArtifact, match="expected a contract"):
        read(metadata)
