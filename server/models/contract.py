"""The contract: a JSON document under one metadata key of an ONNX file, with names, units and origin of the model."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec

METADATA_KEY = "ecg"
SCHEMA = 1

Name = Annotated[str, msgspec.Meta(min_length=1)]


class BadArtifact(Exception):
    """The file is not an artifact of this project; the message says what was expected."""


class Window(msgspec.Struct, frozen=True):
    """The window of signal around the R peak that one row holds, ms."""

    before_r_ms: float
    after_r_ms: float


class Split(msgspec.Struct, frozen=True):
    """How many rows were trained on, calibrated on and tested on; rows that agree in `by` are in one part."""

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


class Scaling(msgspec.Struct, frozen=True):
    """Mean and standard deviation of each feature over the rows trained on, as the network scales by them."""

    mean: tuple[float, ...]
    deviation: tuple[float, ...]


class Contract(msgspec.Struct, frozen=True, kw_only=True, tag_field="task", tag="classification"):
    """Names, units and origin of a model that classifies rows; what is not known is None."""

    schema: Literal[1]
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
    scaling: Scaling | None = None

    def __post_init__(self) -> None:
        if self.scaling and not len(self.scaling.mean) == len(self.scaling.deviation) == len(self.features):
            raise ValueError("expected a mean and a deviation of each feature")


class RecordingSplit(msgspec.Struct, frozen=True):
    """The names of the recordings trained on and tested on; recordings that agree in `by` are in one part."""

    by: str
    training: tuple[str, ...]
    test: tuple[str, ...]


class Recordings(msgspec.Struct, frozen=True):
    """The recordings behind the weights; `sha256` is of their signals and annotations."""

    name: str
    sha256: str
    recordings: int
    beats: int
    synthetic: bool
    split: RecordingSplit


class AnnotationContract(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="task", tag="annotation"):
    """Names, units and origin of a model that annotates recordings.

    sampling_rate_hz  the network's own; recordings of rates from the lowest to the highest are resampled to it
    context_s         how far from a beat or a second, in seconds, the signal can influence what is said of it
    rhythms           the names of the rhythms, in the order of the graph's probabilities; a file of schema 1 has none
    """

    schema: Literal[1, 2]
    classes: Annotated[tuple[Name, ...], msgspec.Meta(min_length=2)]
    sampling_rate_hz: float
    lowest_rate_hz: float
    highest_rate_hz: float
    unit: str
    lead: str | None
    context_s: float
    network: dict[str, Any]
    seed: int
    trained_on: Recordings
    metrics: dict[str, Any]
    version: Name
    created: str
    intended_use: Name
    rhythms: tuple[Name, ...] = ()

    def __post_init__(self) -> None:
        if (self.schema == 2) != (len(self.rhythms) > 1):
            raise ValueError("expected two rhythms or more of schema 2, and none of schema 1")


def read(metadata: Mapping[str, str]) -> Contract:
    """The contract in the metadata of an ONNX file that classifies rows.

    Raises BadArtifact if there is none, it is not of this schema, or the file annotates recordings.
    """
    found = read_any(metadata)
    if not isinstance(found, Contract):
        raise BadArtifact("expected an artifact that classifies rows, this one annotates recordings")
    return found


def read_annotation(metadata: Mapping[str, str]) -> AnnotationContract:
    """The contract in the metadata of an ONNX file that annotates recordings.

    Raises BadArtifact if there is none, it is not of this schema, or the file classifies rows.
    """
    found = read_any(metadata)
    if not isinstance(found, AnnotationContract):
        raise BadArtifact("expected an artifact that annotates recordings, this one classifies rows")
    return found


def read_any(metadata: Mapping[str, str]) -> Contract | AnnotationContract:
    """The contract in the metadata of an ONNX file, of whichever task; raises BadArtifact."""
    if METADATA_KEY not in metadata:
        raise BadArtifact(f"expected a contract under the metadata key {METADATA_KEY!r}: this ONNX file has none")
    try:
        return msgspec.json.decode(metadata[METADATA_KEY], type=Contract | AnnotationContract)
    except msgspec.DecodeError as error:
        raise BadArtifact(f"expected a contract of schema {SCHEMA} (of recordings: 1 or 2): {error}") from error
