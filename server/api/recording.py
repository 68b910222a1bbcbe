"""A recording from the body of a request."""

import re
from array import array
from collections.abc import Iterator

import msgspec
import numpy as np

from server.api.rows import NOT_READ, SLICE_BYTES, without_keys
from server.errors import MalformedRequest, WrongShape

EXPECTED = 'expected JSON like {"signal": [mV, …], "sampling_rate": Hz}'
RATE_FIELD = "Sampling-Rate"
_NUMBER = re.compile(r"\d{1,6}(\.\d{1,6})?")


class Sent(msgspec.Struct):
    """A request as JSON."""

    signal: list[float]
    sampling_rate: float


_sent = msgspec.json.Decoder(Sent)
_object = msgspec.json.Decoder(dict[str, msgspec.Raw])
_floats = msgspec.json.Decoder(list[float])
_syntax = msgspec.json.Decoder(msgspec.Raw)
_space = re.compile(rb"[ \t\n\r]*")


class Recording:
    """What is to be annotated.

    signal         float32 (samples,), mV, once `read` is through
    sampling_rate  Hz
    """

    def __init__(self, sampling_rate: float, text: bytes | bytearray = b"", start: int = 0, stop: int = 0) -> None:
        """With a text, the numbers of a list, which are JSON, are read from it from `start` to `stop`."""
        self.sampling_rate = sampling_rate
        self.signal = np.zeros(0, np.float32)
        self._text, self._start, self._stop = text, start, stop

    @classmethod
    def from_json(cls, body: bytearray) -> "Recording":
        """What is around the list is read here, the list later: to decode all at once would hold up others for long.

        Raises MalformedRequest if the body is not JSON, WrongShape if it is not of this kind.
        """
        start, stop = body.find(b"[") + 1, body.find(b"]")
        around = body[:start] + body[stop:] if 0 < start <= stop else body
        try:
            sent, fields = _sent.decode(around), _object.decode(around)
        except msgspec.ValidationError as error:
            raise _refusal(body, f": {without_keys(error)}") from error
        except NOT_READ as error:
            raise _refusal(body) from error
        if fields.keys() != set(Sent.__struct_fields__):
            raise _refusal(body, ", and no other fields")
        if around.count(b"[") > 1:  # Lists that come twice.
            raise _refusal(body)
        return cls(sent.sampling_rate, body, start, stop)

    @classmethod
    def from_samples(cls, signal: np.ndarray, sampling_rate: float) -> "Recording":
        """Samples that are there, float32 (samples,) in mV."""
        recording = cls(sampling_rate)
        recording.signal = signal
        return recording

    @classmethod
    def from_list(cls, json: bytes, sampling_rate: float) -> "Recording":
        """A list of numbers, which is JSON; raises WrongShape if it is no list."""
        if not json.startswith(b"["):
            raise _refusal(json)
        return cls(sampling_rate, json, 1, len(json) - 1)

    @classmethod
    def from_bytes(cls, body: bytearray, rate: str | None) -> "Recording":
        """Little-endian float32 in `body`, and the text of the header field; raises WrongShape."""
        if rate is None or not _NUMBER.fullmatch(rate.strip()):
            raise WrongShape(f"expected the header field {RATE_FIELD} with the sampling rate in Hz")
        if len(body) % 4:
            raise WrongShape("expected a body of little-endian float32 in mV, 4 bytes a sample")
        return cls.from_samples(np.frombuffer(body, "<f4"), float(rate))

    def read(self) -> Iterator[None]:
        """Read the numbers of JSON, some at a time; raises MalformedRequest or WrongShape if they are none."""
        if _space.fullmatch(self._text, self._start, self._stop):
            return
        try:
            packed = array("f")
            for values in self._lists():
                packed.extend(values)
                yield
        except NOT_READ as error:
            raise _refusal(self._text) from error
        self.signal = np.asarray(packed)

    def _lists(self) -> Iterator[list[float]]:
        start = self._start
        while start <= self._stop:
            comma = self._text.find(b",", start + SLICE_BYTES, self._stop)
            stop = self._stop if comma < 0 else comma
            values = _floats.decode(b"".join((b"[", self._text[start:stop], b"]")))
            if not values:
                raise msgspec.DecodeError("there is no number after a comma")
            yield values
            start = stop + 1


def _refusal(text: bytes | bytearray, why: str = ", the signal one list of finite numbers") -> MalformedRequest | WrongShape:
    """Of a text that is no recording: because it is not JSON, or because of what it holds."""
    try:
        _syntax.decode(text)
    except NOT_READ:
        return MalformedRequest(f"the body is not JSON, {EXPECTED}")
    return WrongShape(EXPECTED + why)
