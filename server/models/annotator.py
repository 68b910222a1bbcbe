"""The annotator: an ONNX file that annotates recordings of any length, in overlapping pieces."""

import hashlib
import math
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from server.models import contract
from server.models.contract import BadArtifact
from server.models.onnx_session import create_session, load_artifact
from server.models.pieces import Piece, Signal, blocks, overlapping_pieces

SHORTEST_S = 2
LARGEST_MV = 1e6  # A kilovolt: beyond it squares overflow float32, and the network would silently find no beat.
TOLERANCE_SAMPLES = 2  # Rounding may move an R peak at the border of two pieces by so much.
OUTPUT_TYPES = {
    "sample": "tensor(int32)",
    "predicted_class": "tensor(int32)",
    "probability": "tensor(float)",
    "probabilities": "tensor(float)",
}
SECOND_TYPES = {"readable": "tensor(float)", "rhythm_probabilities": "tensor(float)"}  # of a file of schema 2, beside them
READABLE = 0.5  # A second of less is unreadable.


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


class Annotation(NamedTuple):
    """What is said of a recording: its beats and, by a file of schema 2, its seconds; row i begins at i s.

    beats                 the beats; none in a second that is unreadable
    readable              float32 (seconds,), at least READABLE where beats can be found and named; None of a file of schema 1
    rhythm_probabilities  float32 (seconds, rhythms), in the order of the contract's rhythms; None of a file of schema 1
    """

    beats: Beats
    readable: np.ndarray | None
    rhythm_probabilities: np.ndarray | None

    def tensors(self) -> dict[str, np.ndarray]:
        """All that there is, by the names of the graph's outputs."""
        seconds = {"readable": self.readable, "rhythm_probabilities": self.rhythm_probabilities}
        return self.beats._asdict() | {name: values for name, values in seconds.items() if values is not None}

    def part(self, sample: np.ndarray, own: np.ndarray, start: int, stop: int) -> "Annotation":
        """Of the beats, which are at these samples, those that are `own`; of the seconds, rows `start` to `stop`."""
        beats = Beats(sample[own], *(values[own] for values in self.beats[1:]))
        return Annotation(beats, *(None if values is None else rows_at(values, start, stop) for values in self[1:]))


class Annotator:
    """One artifact that annotates recordings, loaded from its bytes, checked and warmed up.

    contract  what the file says about itself
    outputs   names of the graph's outputs, as the schema has them
    file      the bytes it was loaded from
    digest    their SHA-256
    session   onnxruntime's
    """

    def __init__(self, file: bytes) -> None:
        """Raises BadArtifact if the file is not what the contract promises."""
        self.file = file
        self.digest = hashlib.sha256(file).hexdigest()
        self.session = create_session(file, large_tensors=True)
        self.contract = contract.read_annotation(self.session.get_modelmeta().custom_metadata_map)
        inputs = {value.name: (value.type, len(value.shape)) for value in self.session.get_inputs()}
        if inputs != {"signal": ("tensor(float)", 1), "sampling_rate": ("tensor(float)", 1)}:
            raise BadArtifact("expected the inputs signal and sampling_rate, float32 of one dimension")
        types = OUTPUT_TYPES | (SECOND_TYPES if self.contract.rhythms else {})
        self.outputs = tuple(types)
        if {value.name: value.type for value in self.session.get_outputs()} != types:
            raise BadArtifact(f"expected the outputs {', '.join(types)}, int32 and float32")
        self._warm_up()

    @classmethod
    def load(cls, path: Path) -> "Annotator":
        """The annotator in the file `path`; raises BadArtifact, which names the file."""
        return load_artifact(cls, path)

    def annotate(self, signal: Signal, sampling_rate: float) -> Annotation:
        """What one run over the whole of a recording says, in memory that does not grow with it.

        signal         float32 (samples,), mV, all finite and of at most LARGEST_MV
        sampling_rate  Hz

        Raises BadSignal for what is none.
        """
        self.require(signal, sampling_rate)
        return concatenate([self.run(signal, sampling_rate, piece) for piece in self.pieces(len(signal), sampling_rate)])

    def require(self, signal: Signal, sampling_rate: float, allow_gaps: bool = False) -> None:
        """Raises BadSignal for what is not a recording at a rate that the network takes; NaN is taken only for gaps."""
        self.require_rate(sampling_rate)
        require_millivolts(signal, allow_gaps)
        if len(signal) < SHORTEST_S * sampling_rate:
            raise BadSignal(f"expected a recording of at least {SHORTEST_S} s, it is shorter")

    def require_rate(self, sampling_rate: float) -> None:
        """Raises BadSignal for a sampling rate, in Hz, that the network does not take."""
        lowest, highest = self.contract.lowest_rate_hz, self.contract.highest_rate_hz
        if not lowest <= sampling_rate <= highest:
            raise BadSignal(f"expected a sampling rate from {lowest:g} to {highest:g} Hz")

    def pieces(self, samples: int, sampling_rate: float) -> Iterator[Piece]:
        """A recording in pieces, each seen with what lies so near that it matters."""
        return overlapping_pieces(samples, sampling_rate, self.contract.context_s)

    def run(self, signal: Signal, sampling_rate: float, piece: Piece) -> Annotation:
        """What is said of one piece; its beats are counted from the beginning of the recording."""
        found = self.run_at_once(signal[piece.first : piece.last], sampling_rate)
        sample = found.beats.sample + np.int32(piece.first)
        own = (sample >= piece.start - TOLERANCE_SAMPLES) & (sample < piece.end + TOLERANCE_SAMPLES)
        begin = round(piece.start / sampling_rate)
        end = seconds_of(len(signal), sampling_rate) if piece.end == len(signal) else round(piece.end / sampling_rate)
        first = round(piece.first / sampling_rate)
        return found.part(sample, own, begin - first, end - first)

    def run_at_once(self, signal: np.ndarray, sampling_rate: float) -> Annotation:
        """What one run says of a signal, float32 (samples,) in mV, of any length; memory grows with it."""
        fed = {"signal": signal, "sampling_rate": np.array([sampling_rate], np.float32)}
        found = dict(zip(self.outputs, self.session.run(self.outputs, fed), strict=True))
        return Annotation(Beats(*(found[name] for name in Beats._fields)), *(found.get(name) for name in Annotation._fields[1:]))

    def _warm_up(self) -> None:
        rate, rhythms = self.contract.sampling_rate_hz, len(self.contract.rhythms)
        samples = int(3 * rate)
        found = self.session.run(
            self.outputs, {"signal": np.zeros(samples, np.float32), "sampling_rate": np.array([rate], np.float32)}
        )
        shapes = [values.shape for values in found[len(OUTPUT_TYPES) :]]
        if rhythms and shapes != [(3,), (3, rhythms)]:
            raise BadArtifact(f"expected for a signal of 3 s readable of shape (3,), rhythm_probabilities of (3, {rhythms})")


def require_millivolts(signal: Signal, allow_gaps: bool = False) -> None:
    """Raises BadSignal for what is not float32 (samples,) of at most LARGEST_MV; NaN is taken only for gaps."""
    if signal[:0].ndim != 1 or signal[:0].dtype != np.float32:
        raise BadSignal("expected one signal, float32 of one dimension")
    for first, values in blocks(signal):
        out_of_range = ~(np.abs(values) <= LARGEST_MV)
        if allow_gaps:
            out_of_range &= ~np.isnan(values)
        if out_of_range.any():
            found = first + int(out_of_range.argmax())
            raise BadSignal(f"expected finite numbers of at most {LARGEST_MV:.0f} mV in size, sample {found} is none")


def seconds_of(samples: int, sampling_rate: float) -> int:
    """How many seconds such a recording has, the last one begun."""
    return math.ceil(samples / sampling_rate)


def rows_at(values: np.ndarray, start: int, stop: int) -> np.ndarray:
    """Rows `start` to `stop` of a graph's rows of seconds; the last again where a rounded rate made them one fewer."""
    return values[np.minimum(np.arange(start, stop), len(values) - 1)]


def is_annotator(file: bytes) -> bool:
    """Whether an artifact annotates recordings (else it classifies rows); raises BadArtifact if it is no artifact."""
    found = contract.read_any(create_session(file).get_modelmeta().custom_metadata_map)
    return isinstance(found, contract.AnnotationContract)


def concatenate(parts: list[Annotation]) -> Annotation:
    """What is said of consecutive pieces, one after another; a beat on the border, which both found, once."""
    beats = concatenate_beats([part.beats for part in parts])
    readable = [part.readable for part in parts if part.readable is not None]
    rhythms = [part.rhythm_probabilities for part in parts if part.rhythm_probabilities is not None]
    return Annotation(beats, np.concatenate(readable) if readable else None, np.concatenate(rhythms) if rhythms else None)


def concatenate_beats(parts: list[Beats]) -> Beats:
    """The beats of consecutive pieces, one after another; one on the border, which both found, once."""
    beats = Beats(*(np.concatenate(values) for values in zip(*parts, strict=True)))
    new = np.diff(beats.sample, prepend=-np.inf) > 2 * TOLERANCE_SAMPLES
    return Beats(*(values[new] for values in beats))
