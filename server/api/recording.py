"""A recording from the body of a request."""

import re
from array import array
from collections.abc import Iterator, Mapping
from math import nan

import msgspec
import numpy as np

from server.api.rows import NOT_READ, SLICE_BYTES, without_keys
from server.errors import MalformedRequest, WrongShape
from server.models.pieces import DigitalSignal, Signal

EXPECTED = 'expected JSON like {"signal": [mV, …], "sampling_rate": Hz}'
SIGNAL_EXPECTED = ", the signal one list of finite numbers, null where nothing was recorded"
RATE_HEADER, FORMAT_HEADER, GAIN_HEADER = "Sampling-Rate", "Sample-Format", "Sample-Gain"
FORMATS = {"float32": 4, "int16": 2}  # bytes a sample
LOWEST_GAIN, HIGHEST_GAIN = 1e-3, 1e9


class RecordingBody(msgspec.Struct):
    """A request as JSON."""

    signal: list[float | None]
    sampling_rate: float


_body = msgspec.json.Decoder(RecordingBody)
_object = msgspec.json.Decoder(dict[str, msgspec.Raw])
_floats = msgspec.json.Decoder(list[float])
_floats_or_null = msgspec.json.Decoder(list[float | None])
_syntax = msgspec.json.Decoder(msgspec.Raw)
_is_space = re.compile(rb"[ \t\n\r]*").fullmatch
_is_decimal = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d{1,3})?", re.ASCII | re.IGNORECASE).fullmatch


class Recording:
    """A recording to annotate.

    signal         mV, NaN where nothing was recorded; empty until `decode` has run
    sampling_rate  Hz
    """

    def __init__(self, sampling_rate: float, text: bytes | bytearray = b"", start: int = 0, stop: int = 0) -> None:
        """The samples are in `text` as JSON, from behind the list's bracket at `start` to the one at `stop`."""
        self.sampling_rate = sampling_rate
        self.signal: Signal = np.zeros(0, np.float32)
        self._forgotten = 0
        self._text, self._start, self._stop = text, start, stop

    @property
    def duration_s(self) -> float:
        """How long it is, s."""
        return (self._forgotten or len(self.signal)) / self.sampling_rate

    def forget_signal(self) -> None:
        """Let go of the samples, which a day has many of, but not of how many they were."""
        self._forgotten, self.signal = len(self.signal), np.zeros(0, np.float32)

    @classmethod
    def from_json(cls, body: bytearray) -> "Recording":
        """Decode all but the samples, which `decode` does in slices: at once would block the event loop.

        Raises MalformedRequest if the body is not JSON, WrongShape if it is not of this kind.
        """
        start, stop = body.find(b"[") + 1, body.find(b"]")
        around = body[:start] + body[stop:] if 0 < start <= stop else body
        try:
            sent, fields = _body.decode(around), _object.decode(around)
        except msgspec.ValidationError as error:
            raise _error(body, f": {without_keys(error)}") from error
        except NOT_READ as error:
            raise _error(body) from error
        if fields.keys() != set(RecordingBody.__struct_fields__):
            raise _error(body, ", and no other fields")
        if around.count(b"[") > 1:  # A second list, under a name that comes twice.
            raise _error(body)
        return cls(sent.sampling_rate, body, start, stop)

    @classmethod
    def from_samples(cls, signal: Signal, sampling_rate: float) -> "Recording":
        """A recording that is decoded already."""
        recording = cls(sampling_rate)
        recording.signal = signal
        return recording

    @classmethod
    def from_list(cls, json: bytes, sampling_rate: float) -> "Recording":
        """The samples as a JSON list; raises WrongShape if it is no list."""
        if not json.startswith(b"["):
            raise _error(json)
        return cls(sampling_rate, json, 1, len(json) - 1)

    @classmethod
    def from_bytes(cls, body: bytearray, headers: Mapping[str, str]) -> "Recording":
        """The samples as little-endian float32 in mV, or as int16, of which a copy is never made; raises WrongShape."""
        rate = _number(headers, RATE_HEADER, "the sampling rate in Hz, a number like 360")
        name = headers.get(FORMAT_HEADER, "float32")
        if name not in FORMATS:
            raise WrongShape(f"expected the header field {FORMAT_HEADER} to be {' or '.join(FORMATS)}, if it is there")
        if len(body) % FORMATS[name]:
            raise WrongShape(f"expected a body of little-endian {name}, {FORMATS[name]} bytes a sample, found {len(body)} bytes")
        if name == "int16":
            gain = _number(headers, GAIN_HEADER, "how many steps are one mV, a number like 200")
            if not LOWEST_GAIN <= gain <= HIGHEST_GAIN:
                raise WrongShape(f"expected {GAIN_HEADER} to be from {LOWEST_GAIN:g} to {HIGHEST_GAIN:g}")
            return cls.from_samples(DigitalSignal(np.frombuffer(body, "<i2"), gain), rate)
        if GAIN_HEADER in headers:
            raise WrongShape(f"expected {GAIN_HEADER} with {FORMAT_HEADER}: int16 alone, since float32 is in mV")
        return cls.from_samples(np.frombuffer(body, "<f4"), rate)

    def decode(self) -> Iterator[None]:
        """Decode the samples, a slice at a time; raises MalformedRequest or WrongShape if they are not numbers."""
        if _is_space(self._text, self._start, self._stop):
            return
        try:
            packed = array("f")
            for values in self._slices():
                packed.extend(values)
                yield
        except NOT_READ as error:
            raise _error(self._text) from error
        self.signal = np.asarray(packed)

    def _slices(self) -> Iterator[list[float]]:
        start = self._start
        while start <= self._stop:
            comma = self._text.find(b",", start + SLICE_BYTES, self._stop)
            stop = self._stop if comma < 0 else comma
            values = _decode_samples(b"".join((b"[", self._text[start:stop], b"]")))
            if not values:
                raise msgspec.DecodeError("there is no number after a comma")
            yield values
            start = stop + 1


def _number(headers: Mapping[str, str], name: str, meaning: str) -> float:
    """The value of a header field; raises WrongShape if it is not there, or no decimal number."""
    given = headers.get(name, "").strip()
    if not _is_decimal(given):
        raise WrongShape(f"expected the header field {name} with {meaning}")
    return float(given)


def _decode_samples(json: bytes) -> list[float]:
    """The numbers of a list, NaN for null."""
    if b"null" not in json:
        return _floats.decode(json)
    return [nan if value is None else value for value in _floats_or_null.decode(json)]


def _error(text: bytes | bytearray, why: str = SIGNAL_EXPECTED) -> MalformedRequest | WrongShape:
    """MalformedRequest if the text is not JSON, else WrongShape."""
    try:
        _syntax.decode(text)
    except NOT_READ:
        return MalformedRequest(f"the body is not JSON, {EXPECTED}")
    return WrongShape(EXPECTED + why)
