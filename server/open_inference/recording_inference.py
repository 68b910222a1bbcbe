"""The Open Inference Protocol for the model that annotates: a recording as tensors in, its beats and seconds as tensors out."""

import math
from collections.abc import Iterator

import msgspec
import numpy as np

from server.api.predictions import encode
from server.api.recording import Recording
from server.errors import MalformedRequest, WrongShape
from server.models.annotator import Annotation, Annotator
from server.open_inference.row_inference import DATATYPES, InferResponse, Input, Output, TensorParameters, decoded

NAME = "beats"
INPUTS = ("signal", "sampling_rate")
SLICE = 2048
_numbers = msgspec.json.Decoder(tuple[float])


class RecordingInference:
    """One request: the recording it sends, and how it wants its answer."""

    def __init__(self, body: bytearray, header_bytes: int | None, model: Annotator) -> None:
        """Read the request, of which no copy is made; `header_bytes` is how much of it is JSON, None for all.

        Raises MalformedRequest if it is not of the protocol, WrongShape if the model does not take it.
        """
        self._model = model
        json = len(body) if header_bytes is None else header_bytes
        if not 0 < json <= len(body):
            raise MalformedRequest("expected JSON with the inputs, and as many bytes of it as the header field says")
        self._asked = decoded(memoryview(body)[:json])
        self._names = [output.name for output in self._asked.outputs] or list(model.outputs)
        if not set(self._names) <= set(model.outputs) or len(set(self._names)) < len(self._names):
            raise WrongShape(f"expected each output to be one of {', '.join(model.outputs)}, and once")
        self._binary = {output.name: output.parameters.binary_data for output in self._asked.outputs}
        self.recording = self._recording(memoryview(body)[json:])

    def _recording(self, tensors: memoryview) -> Recording:
        inputs = {tensor.name: tensor for tensor in self._asked.inputs}
        if sorted(tensor.name for tensor in self._asked.inputs) != sorted(INPUTS):
            raise WrongShape(f"expected the inputs {' and '.join(INPUTS)}")
        for tensor in inputs.values():
            if tensor.datatype != "FP32" or len(tensor.shape) != 1 or (tensor.name == "sampling_rate" and tensor.shape != [1]):
                raise WrongShape("expected signal to be FP32 of shape [samples], and sampling_rate of shape [1]")
        parts = dict(_parts(self._asked.inputs, tensors))
        rate = _one(parts["sampling_rate"], inputs["sampling_rate"])
        signal = inputs["signal"]
        if signal.data is not msgspec.UNSET:
            return Recording.from_list(bytes(signal.data), rate)
        return Recording.from_samples(np.frombuffer(parts["signal"], "<f4"), rate)

    def require_shape(self) -> None:
        """Raises WrongShape if the signal, now read, is not as long as its shape says."""
        [signal] = [tensor for tensor in self._asked.inputs if tensor.name == "signal"]
        if [len(self.recording.signal)] != signal.shape:
            raise WrongShape("expected as many samples of signal as its shape says")

    def _is_binary(self, name: str) -> bool:
        asked = self._binary.get(name)
        return self._asked.parameters.binary_data_output if asked is None else asked

    def forget_recording(self) -> None:
        """Let go of the request's body: the annotation is made."""
        self.recording = Recording(self.recording.sampling_rate)
        self._asked.inputs.clear()

    def json(self, found: Annotation) -> Iterator[bytes]:
        """The JSON of the answer, up to SLICE numbers at a time."""
        document = encode(InferResponse(NAME, self._model.contract.version, [], self._asked.id))
        before, outputs, after = document.partition(b'"outputs":[')
        yield before + outputs
        for number, name in enumerate(self._names):
            values = found.tensors()[name]
            yield (b"," if number else b"") + self._head(name, values)
            for first in range(0, 0 if self._is_binary(name) else values.size, SLICE):
                yield (b"," if first else b"") + encode(values.ravel()[first : first + SLICE].tolist())[1:-1]
            yield b"}" if self._is_binary(name) else b"]}"
        yield after

    def binary(self, found: Annotation) -> list[bytes]:
        """The tensors that follow the JSON as bytes."""
        return [found.tensors()[name].tobytes() for name in self._names if self._is_binary(name)]

    def _head(self, name: str, values: np.ndarray) -> bytes:
        """The JSON of an output up to its numbers."""
        shape, datatype = list(values.shape), "INT32" if values.dtype == np.int32 else DATATYPES["tensor(float)"]
        if self._is_binary(name):
            return encode(Output(name, datatype, shape, TensorParameters(binary_data_size=values.nbytes)))[:-1]
        return encode(Output(name, datatype, shape))[:-1] + b',"data":['


def _parts(inputs: list[Input], tensors: memoryview) -> Iterator[tuple[str, memoryview]]:
    """The bytes of each input, in order; none of one that has its data in the JSON."""
    for tensor in inputs:
        size = tensor.parameters.binary_data_size
        if (size is None) != (tensor.data is not msgspec.UNSET) or (size is not None and size != 4 * math.prod(tensor.shape)):
            raise WrongShape("expected for each input either data or 4 bytes a number after the JSON, as binary_data_size says")
        if len(tensors) < (size or 0):
            raise WrongShape("expected as many bytes after the JSON as binary_data_size says")
        yield tensor.name, tensors[: size or 0]
        tensors = tensors[size or 0 :]
    if len(tensors):
        raise WrongShape("expected no more bytes after the JSON than binary_data_size says")


def _one(part: memoryview, tensor: Input) -> float:
    """The one number of a tensor."""
    if tensor.data is msgspec.UNSET:
        return float(np.frombuffer(part, "<f4")[0])
    try:
        return _numbers.decode(bytes(tensor.data))[0]
    except msgspec.DecodeError as error:
        raise WrongShape(f"expected one number in {tensor.name}") from error
