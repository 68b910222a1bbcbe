"""The annotator: an ONNX file that annotates recordings of any length, in overlapping pieces."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from server.models import contract
from server.models.contract import BadArtifact
from server.models.onnx_session import create_session, load_artifact

PIECE_S = 300
LARGEST_MV = 1e6  # A kilovolt: beyond it squares overflow float32, and the network would silently find no beat.
TOLERANCE_SAMPLES = 2  # Rounding may move an R peak at the border of two pieces by so much.
OUTPUT_TYPES = {
    "sample": "tensor(int32)",
    "predicted_class": "tensor(int32)",
    "probability": "tensor(float)",
    "probabilities": "tensor(float)",
}


class BadSignal(Exception):
    """The recording cannot be annotated; the message says what was expected, and nothing of what is in it."""


class Beats(NamedTuple):
    """The beats of a recording; the fields are named after the graph's outputs.

    sample           int32 (beats,), index of each R peak into the signal, ascending
    predicted_class  int32 (beats,)
    probability      float32 (beats,), of that class
    probabilities    float32 (beats, classes)
    """

    sample: np.ndarray
    predicted_class: np.ndarray
    probability: np.ndarray
    probabilities: np.ndarray


class Piece(NamedTuple):
    """A part of a recording, as sample indices: beats from `start` to `end` are kept of a run over `first` to `last`."""

    start: int
    end: int
    first: int
    last: int


class Annotator:
    """One artifact that annotates recordings, loaded from its bytes, checked and warmed up.

    contract  what the file says about itself
    file      the bytes it was loaded from
    digest    their SHA-256
    session   onnxruntime's
    """

    def __init__(self, file: bytes) -> None:
        """Raises BadArtifact if the file is not what the contract promises."""
        self.file = file
        self.digest = hashlib.sha256(file).hexdigest()
        self.session = create_session(file)
        self.contract = contract.read_annotation(self.session.get_modelmeta().custom_metadata_map)
        inputs = {value.name: (value.type, len(value.shape)) for value in self.session.get_inputs()}
        if inputs != {"signal": ("tensor(float)", 1), "sampling_rate": ("tensor(float)", 1)}:
            raise BadArtifact("expected the inputs signal and sampling_rate, float32 of one dimension")
        if {value.name: value.type for value in self.session.get_outputs()} != OUTPUT_TYPES:
            raise BadArtifact(f"expected the outputs {', '.join(OUTPUT_TYPES)}, int32 and float32")
        self.annotate(np.zeros(1000, np.float32), self.contract.sampling_rate_hz)

    @classmethod
    def load(cls, path: Path) -> "Annotator":
        """The annotator in the file `path`; raises BadArtifact, which names the file."""
        return load_artifact(cls, path)

    def annotate(self, signal: np.ndarray, sampling_rate: float) -> Beats:
        """The beats of a recording, the same as in one run over the whole of it, in memory that does not grow with it.

        signal         float32 (samples,), mV, all finite and of at most LARGEST_MV
        sampling_rate  Hz

        Raises BadSignal for what is none.
        """
        self.require(signal, sampling_rate)
        return concatenate([self.run(signal, sampling_rate, piece) for piece in self.pieces(len(signal), sampling_rate)])

    def require(self, signal: np.ndarray, sampling_rate: float, allow_gaps: bool = False) -> None:
        """Raises BadSignal for what is not a recording at a rate that the network takes; NaN is taken only for gaps."""
        lowest, highest = self.contract.lowest_rate_hz, self.contract.highest_rate_hz
        if not lowest <= sampling_rate <= highest:
            raise BadSignal(f"expected a sampling rate from {lowest:g} to {highest:g} Hz")
        if signal.ndim != 1 or signal.dtype != np.float32:
            raise BadSignal("expected one signal, float32 of one dimension")
        out_of_range = ~(np.abs(signal) <= LARGEST_MV)
        if allow_gaps:
            out_of_range &= ~np.isnan(signal)
        if out_of_range.any():
            first = int(out_of_range.argmax())
            raise BadSignal(f"expected finite numbers of at most {LARGEST_MV:.0f} mV in size, sample {first} is none")

    def pieces(self, samples: int, sampling_rate: float, seconds: int = PIECE_S) -> Iterator[Piece]:
        """A recording in pieces of about `seconds`, each seen with what lies so near that it matters.

        What is looked at begins where a sample of the network's own rate would lie on one of the recording.
        """
        context = self.contract.context_s
        count = max(1, int(samples / sampling_rate / seconds + 0.5))
        starts = [round(seconds * i * sampling_rate) for i in range(count)] + [samples]
        for i in range(count):
            first = 0 if i == 0 else self._aligned(starts[i] / sampling_rate - context, sampling_rate)
            last = samples if i == count - 1 else round(starts[i + 1] + context * sampling_rate)
            yield Piece(starts[i], starts[i + 1], first, min(samples, last))

    def _aligned(self, seconds: float, sampling_rate: float) -> int:
        """The sample up to ten seconds earlier that lies nearest to one of the network's, to which the rate is a float32."""
        own = self.contract.sampling_rate_hz
        earlier = np.arange(max(0, int((seconds - 10) * own)), max(1, int(seconds * own)))
        places = earlier * (float(np.float32(sampling_rate)) / own)
        return round(places[np.abs(places - np.round(places)).argmin()])

    def run(self, signal: np.ndarray, sampling_rate: float, piece: Piece) -> Beats:
        """The beats of one piece, counted from the beginning of the recording."""
        fed = {"signal": signal[piece.first : piece.last], "sampling_rate": np.array([sampling_rate], np.float32)}
        found = Beats(*self.session.run(Beats._fields, fed))
        sample = found.sample + np.int32(piece.first)
        own = (sample >= piece.start - TOLERANCE_SAMPLES) & (sample < piece.end + TOLERANCE_SAMPLES)
        return Beats(sample[own], *(values[own] for values in found[1:]))


def is_annotator(file: bytes) -> bool:
    """Whether an artifact annotates recordings (else it classifies rows); raises BadArtifact if it is no artifact."""
    found = contract.read_any(create_session(file).get_modelmeta().custom_metadata_map)
    return isinstance(found, contract.AnnotationContract)


def concatenate(parts: list[Beats]) -> Beats:
    """The beats of consecutive pieces, one after another; one on the border, which both found, once."""
    beats = Beats(*(np.concatenate(values) for values in zip(*parts, strict=True)))
    new = np.diff(beats.sample, prepend=-np.inf) > 2 * TOLERANCE_SAMPLES
    return Beats(*(values[new] for values in beats))
