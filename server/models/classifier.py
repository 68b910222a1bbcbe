"""The classifier: an ONNX file that classifies rows, loaded and checked."""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

import numpy as np
import onnxruntime

from server.models import contract
from server.models.contract import BadArtifact
from server.models.onnx_session import create_session, load_artifact


class Answer(NamedTuple):
    """Class and probability of each row; the fields are named after the graph's outputs."""

    predicted_class: np.ndarray
    probability: np.ndarray


class Classifier:
    """One artifact that classifies rows, loaded from its bytes, checked and warmed up.

    contract  what the file says about itself
    file      the bytes it was loaded from
    digest    their SHA-256
    session   onnxruntime's
    input     name, type and shape of the graph's input, as onnxruntime has them
    outputs   the same of its outputs, by name
    on_run    called with the rows, the answer and the seconds of each run
    """

    on_run: Callable[[np.ndarray, Answer, float], None] = staticmethod(lambda features, answer, seconds: None)

    def __init__(self, file: bytes) -> None:
        """Raises BadArtifact if inputs or outputs are not what the contract in the file says."""
        self.file = file
        self.digest = hashlib.sha256(file).hexdigest()
        self.session = create_session(file)
        self.contract = contract.read(self.session.get_modelmeta().custom_metadata_map)
        _require_signature(self.session, len(self.contract.features))
        self.input = self.session.get_inputs()[0]
        self.outputs = {output.name: output for output in self.session.get_outputs()}
        self._warm_up()

    @classmethod
    def load(cls, path: Path) -> "Classifier":
        """The model in the file `path`; raises BadArtifact, which names the file."""
        return load_artifact(cls, path)

    def predict(self, features: np.ndarray) -> Answer:
        """Class and probability of each row.

        features  float32, shape (rows, n), columns as `contract.features`
        returns   predicted_class int32 (rows,), probability float32 (rows,)
        """
        return Answer(*self.run(Answer._fields, features))

    def run(self, outputs: Sequence[str], features: np.ndarray) -> list[np.ndarray]:
        """The graph's outputs of these names for float32 `features` (rows, n)."""
        names = list(dict.fromkeys((*outputs, *Answer._fields)))
        began = perf_counter()
        values = dict(zip(names, self.session.run(names, {self.input.name: features}), strict=True))
        self.on_run(features, Answer(*(values[name] for name in Answer._fields)), perf_counter() - began)
        return [values[name] for name in outputs]

    def _warm_up(self) -> None:
        answer = self.predict(np.zeros((2, len(self.contract.features)), np.float32))
        if answer.probability.shape != (2,) or not np.isfinite(answer.probability).all():
            raise BadArtifact("expected one probability a row: a first run of two rows did not give it")


def _require_signature(session: onnxruntime.InferenceSession, n: int) -> None:
    inputs = [(value.type, value.shape[1:]) for value in session.get_inputs()]
    outputs = {value.name: value.type for value in session.get_outputs()}
    if inputs != [("tensor(float)", [n])]:
        raise BadArtifact(f"expected one float32 input of shape (rows, {n})")
    if [outputs.get(name) for name in Answer._fields] != ["tensor(int32)", "tensor(float)"]:
        raise BadArtifact(f"expected the outputs {' and '.join(Answer._fields)}, int32 and float32")
