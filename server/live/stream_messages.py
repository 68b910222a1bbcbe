"""What is said on a stream: the query that opens it, the packets of samples that come, and the messages that are sent."""

from collections.abc import Mapping
from typing import Annotated

import msgspec
import numpy as np
from msgspec import UNSET, Meta, UnsetType

from server.api.annotations import DIGITS, Beat, Summary
from server.errors import WrongShape
from server.live.live_annotator import LiveAnnotation
from server.live.stream_errors import FrameTooLong, WrongFrame
from server.models.annotator import READABLE, Annotation, BadSignal, require_millivolts
from server.models.contract import AnnotationContract

LONGEST_PACKET_S = 10.0
MILLIVOLTS = {"mV": 1.0, "uV": 1e-3, "µV": 1e-3, "V": 1e3}
EXPECTED = "expected a query like ?sampling_rate=130&unit=mV"
TEXT_EXPECTED = 'expected text like {"signal": [0.12, …]}, finite numbers, or {"end": true}'


class StreamQuery(msgspec.Struct, forbid_unknown_fields=True):
    """How the samples come; `gain` is of int16: so many steps are one unit."""

    sampling_rate: float
    unit: str = "mV"
    encoding: str = "float32"
    gain: float | None = None

    @property
    def millivolts(self) -> float:
        """What a number of a packet is, in mV."""
        return MILLIVOLTS[self.unit] / (self.gain or 1.0)


class Packet(msgspec.Struct, forbid_unknown_fields=True):
    """A packet as text."""

    signal: list[float] = []
    end: bool = False


class LiveBeat(Beat):
    """A beat, which is said again with each message until it is final."""

    final: Annotated[bool, Meta(description="whether it will not change any more")]


class LiveMessage(msgspec.Struct, omit_defaults=True):
    """What is known after a run of the network; the last message has a summary."""

    beats: Annotated[list[LiveBeat], Meta(description="those that became final, then all that are not, from the oldest on")]
    heard_s: float
    rhythm: Annotated[str | UnsetType | None, Meta(description="of the last second, null where it is unreadable")] = UNSET
    readable: bool | UnsetType = UNSET
    summary: Summary | UnsetType = UNSET


_packet = msgspec.json.Decoder(Packet)


def read_query(query: Mapping[str, str]) -> StreamQuery:
    """The query of a stream; raises WrongShape, which names what was expected."""
    try:
        found = msgspec.convert(dict(query), StreamQuery, strict=False)
    except msgspec.ValidationError as error:
        raise WrongShape(f"{EXPECTED}, and with &encoding=int16 also &gain=200, and nothing else") from error
    if found.unit not in MILLIVOLTS:
        raise WrongShape(f"expected the unit to be one of {', '.join(MILLIVOLTS)}")
    if found.encoding not in ("float32", "int16"):
        raise WrongShape("expected the encoding to be float32 or int16")
    is_wanted, is_usable = found.encoding == "int16", found.gain is None or 0 < found.gain < np.inf
    if is_wanted != (found.gain is not None) or not is_usable:
        raise WrongShape("expected with &encoding=int16, and only there, a gain: how many steps are one unit")
    return found


class PacketReader:
    """Reads the packets of a stream."""

    def __init__(self, query: StreamQuery) -> None:
        self._dtype = np.dtype("<i2" if query.encoding == "int16" else "<f4")
        self._millivolts, self._unit = query.millivolts, MILLIVOLTS[query.unit]
        self._longest = LONGEST_PACKET_S * query.sampling_rate

    def read(self, packet: str | bytes) -> tuple[np.ndarray, bool]:
        """The samples, float32 (samples,) in mV, and whether they are the last; raises WrongFrame or FrameTooLong."""
        if isinstance(packet, bytes):
            return self._millivolts_of(self._binary(packet), self._millivolts), False
        try:
            found = _packet.decode(packet)
        except (msgspec.DecodeError, RecursionError) as error:
            raise WrongFrame(TEXT_EXPECTED) from error
        return self._millivolts_of(np.array(found.signal), self._unit), found.end

    def _binary(self, packet: bytes) -> np.ndarray:
        if len(packet) % self._dtype.itemsize:
            raise WrongFrame(f"expected little-endian {self._dtype.name}, {self._dtype.itemsize} bytes a sample")
        return np.frombuffer(packet, self._dtype)

    def _millivolts_of(self, values: np.ndarray, unit: float) -> np.ndarray:
        if len(values) > self._longest:
            raise FrameTooLong(f"expected at most {LONGEST_PACKET_S:g} s of signal in a packet")
        with np.errstate(over="ignore", invalid="ignore"):  # What is not finite then is refused.
            samples = (values * unit).astype(np.float32)
        try:
            require_millivolts(samples)
        except BadSignal as error:
            raise WrongFrame(str(error)) from error
        return samples


def live_message(found: LiveAnnotation, heard: int, sampling_rate: float, contract: AnnotationContract) -> LiveMessage:
    """The message after a run that has heard so many samples."""
    message = LiveMessage(
        [
            LiveBeat(sample, round(sample / sampling_rate, DIGITS), number, contract.classes[number], probability, is_final)
            for beats, is_final in ((found.final.beats, True), (found.provisional.beats, False))
            for sample, number, probability in zip(*(values.tolist() for values in beats[:3]), strict=True)
        ],
        round(heard / sampling_rate, DIGITS),
    )
    if contract.rhythms:
        _add_last_second(message, found, int(heard / sampling_rate) - 1, contract.rhythms)
    return message


def _add_last_second(message: LiveMessage, found: LiveAnnotation, second: int, rhythms: tuple[str, ...]) -> None:
    """Say what is known of the last second that was heard whole."""
    parts = [one.tensors() for one in (found.final, found.provisional)]
    readable, probabilities = (np.concatenate([part[name] for part in parts]) for name in Annotation._fields[1:])
    if len(readable):
        row = min(max(0, second - found.second), len(readable) - 1)
        message.readable = bool(readable[row] >= READABLE)
        message.rhythm = rhythms[int(probabilities[row].argmax())] if message.readable else None
