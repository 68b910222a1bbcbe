"""Open Inference Protocol v2: the documents of a request and of its answer, with the binary tensor data extension.

https://github.com/kserve/open-inference-protocol and, for tensors as bytes after the JSON, Triton's extension_binary_data.
"""

import math
from collections.abc import Iterator
from typing import Annotated

import msgspec
import numpy as np
from msgspec import Meta

from server.api.predictions import encode
from server.api.rows import NOT_READ, finite, slices, without_keys
from server.errors import MalformedRequest, WrongShape
from server.models.classifier import Classifier
from server.serving.classifier_service import RowDecoder, require_finite

Count = Annotated[int, Meta(ge=0)]
NAME = "ecg"
DATATYPES = {"tensor(float)": "FP32", "tensor(int32)": "INT32"}
SLICE_ROWS = 512


class TensorParameters(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a tensor's data is: that many bytes after the JSON; or, of an output, whether it shall be there."""

    binary_data_size: Count | None = None
    binary_data: bool | None = None


Numbers = {"type": "array", "items": {"anyOf": [{"type": "number"}, {"type": "array", "items": {"type": "number"}}]}}
Data = Annotated[msgspec.Raw | msgspec.UnsetType, Meta(extra_json_schema=Numbers)]


class Input(msgspec.Struct):
    """A tensor sent."""

    name: str
    shape: list[Count]
    datatype: str
    parameters: TensorParameters = TensorParameters()
    data: Data = msgspec.UNSET


class Wanted(msgspec.Struct):
    """An output that is asked for."""

    name: str
    parameters: TensorParameters = TensorParameters()


class RequestParameters(msgspec.Struct, frozen=True):
    """Whether outputs that say nothing themselves shall be bytes."""

    binary_data_output: bool = False


class InferRequest(msgspec.Struct):
    """The JSON of a request; what it holds beside these fields is left alone, as the protocol wants."""

    inputs: list[Input]
    id: str | None = None
    outputs: list[Wanted] = []
    parameters: RequestParameters = RequestParameters()


class Output(msgspec.Struct, omit_defaults=True):
    """A tensor answered."""

    name: str
    datatype: str
    shape: list[int]
    parameters: TensorParameters | None = None
    data: Data = msgspec.UNSET


class InferResponse(msgspec.Struct, omit_defaults=True):
    """The JSON of an answer."""

    model_name: str
    model_version: str
    outputs: list[Output]
    id: str | None = None


_request = msgspec.json.Decoder(InferRequest)


class Inference:
    """One request: what it asks of the model, and how it wants it answered."""

    def __init__(self, body: bytearray, header_bytes: int | None, model: Classifier, reader: RowDecoder) -> None:
        """Read the request in `body`; `header_bytes` is how much of it is JSON, None for all and 0 for a tensor alone.

        Raises MalformedRequest if it is not of the protocol, WrongShape if the model does not take it.
        """
        self._model, self._reader = model, reader
        json = len(body) if header_bytes is None else header_bytes
        if json > len(body):
            raise MalformedRequest(f"expected {json} bytes of JSON, the body has {len(body)}")
        self._tensor = memoryview(body)[json:]
        self._asked = decoded(memoryview(body)[:json]) if json else self._alone()
        self._names = [output.name for output in self._asked.outputs] or list(model.outputs)
        self._binary = {output.name: output.parameters.binary_data for output in self._asked.outputs}
        self._check()

    def _alone(self) -> InferRequest:
        """The request that a tensor without JSON stands for."""
        n = self._model.input.shape[1]
        tensor = Input(
            self._model.input.name,
            [len(self._tensor) // (4 * n), n],
            DATATYPES[self._model.input.type],
            TensorParameters(binary_data_size=len(self._tensor)),
        )
        return InferRequest([tensor], parameters=RequestParameters(binary_data_output=True))

    def _check(self) -> None:
        name, n = self._model.input.name, self._model.input.shape[1]
        if [tensor.name for tensor in self._asked.inputs] != [name]:
            raise WrongShape(f"expected one input, named {name}")
        tensor = self._asked.inputs[0]
        if tensor.datatype != "FP32" or len(tensor.shape) != 2 or tensor.shape[1] != n or not tensor.shape[0]:
            raise WrongShape(f"expected the input {name} to be FP32 of shape [rows, {n}], at least one row")
        if not set(self._names) <= set(self._model.outputs) or len(set(self._names)) < len(self._names):
            raise WrongShape(f"expected each output to be one of {', '.join(self._model.outputs)}, and once")
        size = tensor.parameters.binary_data_size
        if (size is None) != (tensor.data is not msgspec.UNSET) or len(self._tensor) != (size or 0):
            raise WrongShape("expected either data or as many bytes after the JSON as binary_data_size says")
        if size is not None and size != 4 * math.prod(tensor.shape):
            raise WrongShape(f"expected 4 bytes for each number of the shape [rows, {n}], binary_data_size says otherwise")

    def rows(self) -> Iterator[np.ndarray]:
        """The rows (rows, n) of the request, some at a time; raises WrongShape if they are not as its shape says."""
        tensor = self._asked.inputs[0]
        if tensor.data is msgspec.UNSET:
            features = np.frombuffer(self._tensor, "<f4").reshape(tensor.shape)
            yield from (finite(some) for some in slices(features, SLICE_ROWS))
            return
        found = 0
        for rows in self._reader.data(bytes(tensor.data)):
            found += len(rows)
            yield rows
        if found != tensor.shape[0]:
            raise WrongShape(f"expected data for as many rows as the shape says, it holds {found}")

    def work(self) -> Iterator[list[bytes]]:
        """Run the model, some rows at a time, and write each output as it is wanted."""
        for rows in self.rows():
            outputs = self._model.run(self._names, rows)
            for values in outputs:
                require_finite(values)
            yield [self._write(*output) for output in zip(self._names, outputs, strict=True)]

    def _is_binary(self, name: str) -> bool:
        asked = self._binary.get(name)
        return self._asked.parameters.binary_data_output if asked is None else asked

    def _write(self, name: str, values: np.ndarray) -> bytes:
        return values.tobytes() if self._is_binary(name) else encode(values.ravel().tolist())[1:-1]

    def answer(self, pieces: list[list[bytes]]) -> tuple[bytes, int | None]:
        """The body for the pieces of `work`, and how much of it is JSON, None for all."""
        tensors = dict(zip(self._names, zip(*pieces, strict=True), strict=True))
        binary = {name: b"".join(parts) for name, parts in tensors.items() if self._is_binary(name)}
        outputs = [self._output(name, binary.get(name), b",".join(parts)) for name, parts in tensors.items()]
        json = encode(InferResponse(NAME, self._model.contract.version, outputs, self._asked.id))
        return b"".join([json, *binary.values()]), len(json) if binary else None

    def _output(self, name: str, binary: bytes | None, numbers: bytes) -> Output:
        node = self._model.outputs[name]
        shape = [self._asked.inputs[0].shape[0], *node.shape[1:]]
        if binary is None:
            return Output(name, DATATYPES[node.type], shape, data=msgspec.Raw(b"[" + numbers + b"]"))
        return Output(name, DATATYPES[node.type], shape, TensorParameters(binary_data_size=len(binary)))


def decoded(json: memoryview) -> InferRequest:
    """The JSON of a request; raises MalformedRequest or WrongShape if it is none."""
    try:
        return _request.decode(json)
    except msgspec.ValidationError as error:
        raise WrongShape(f"expected an inference request of the Open Inference Protocol: {without_keys(error)}") from error
    except NOT_READ as error:
        raise MalformedRequest("the body is not JSON, expected an inference request of the Open Inference Protocol") from error
