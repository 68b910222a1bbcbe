"""What the artifact says about itself: the JSON document under one metadata key of the ONNX file."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec

METADATA_KEY = "ecg"
SCHEMA = 1

Name = Annotated[str, msgspec.Meta(min_length=1)]


class BadArtifact(Exception):
    """The file is not an artifact this server can answer with; the message says what was expected."""


class Window(msgspec.Struct, frozen=True):
    """The stretch of signal one row holds."""

    before_r_ms: float
    after_r_ms: float


class Split(msgspec.Struct, frozen=True):
    """How many rows were trained on, calibrated on and tested on, and what was kept apart."""

    by: str
    training: int
    validation: int
    test: int


class TrainedOn(msgspec.Struct, frozen=True):
    """The data behind the weights; `sha256` is of the file, or of the generated rows where `synthetic`."""

    name: str
    sha256: str
    rows: int
    synthetic: bool
    split: Split


class Contract(msgspec.Struct, frozen=True, kw_only=True):
    """Names, units and origin of a model; what is not known is None."""

    schema: Literal[1]
    task: Literal["classification"]
    features: Annotated[tuple[Name, ...], msgspec.Meta(min_length=1)]
    classes: Annotated[tuple[Name, ...], msgspec.Meta(min_length=2)]
    sampling_rate_hz: float | None
    unit: str | None
    lead: str | None
    window: Window | None
    network: dict[str, Any]
    seed: int
    trained_on: TrainedOn
    metrics: dict[str, Any]
    version: Name
    created: str
    intended_use: Name


def read(metadata: Mapping[str, str]) -> Contract:
    """The contract in the metadata of an ONNX file.

    Raises BadArtifact if there is none, or it is not of this schema.
    """
    if METADATA_KEY not in metadata:
        raise BadArtifact(f"expected a contract under the metadata key {METADATA_KEY!r}: this ONNX file has none")
    try:
        return msgspec.json.decode(metadata[METADATA_KEY], type=Contract)
    except msgspec.DecodeError as error:
        raise BadArtifact(f"expected a contract of schema {SCHEMA}: {error}") from error
