"""Headers of WFDB records, as the standard has them and as they are written by hand: odd dates, no names, no counts."""

import re
from pathlib import Path
from typing import NamedTuple

from predict.recordings.signal import BadRecording, Channel

DEFAULT_GAIN = 200.0  # of WFDB, where the header says none
_SIGNAL = re.compile(
    r"(?P<file>\S+)\s+(?P<format>\d+)(?:x(?P<frame>\d+))?(?::(?P<skew>\d+))?(?:\+(?P<offset>\d+))?"
    r"(?:\s+(?P<gain>[-+]?[\d.]+(?:[eE][-+]?\d+)?)(?:\((?P<baseline>[-+]?[\d.]+)\))?(?:/(?P<unit>\S+))?"
    r"(?:\s+[-+]?\d+)?(?:\s+(?P<zero>[-+]?\d+))?(?:\s+(?P<first>[-+]?\d+))?(?:\s+[-+]?\d+){0,2}(?:\s+(?P<name>.*))?)?"
)
_NUMBER = re.compile(r"\d+(\.\d*)?([eE][-+]?\d+)?")


class SignalLine(NamedTuple):
    """One signal: where its samples are, and what they mean: (sample - baseline) / gain in `channel.unit`."""

    channel: Channel
    file: str
    format: int
    samples_a_frame: int
    skew: int
    offset: int
    gain: float | None
    baseline: int
    first: int


class Header(NamedTuple):
    """A record: its signals, or the segments it is made of, each with its length in frames.

    frames_hz  frames a second; a signal has `samples_a_frame` times as many samples
    frames     None where it is not said
    """

    path: Path
    frames_hz: float | None
    frames: int | None
    signals: tuple[SignalLine, ...]
    segments: tuple[tuple[str, int], ...]


def read_header(path: Path) -> Header:
    """The header in the file `path`; raises BadRecording."""
    try:
        text = _decoded(path.read_bytes())
    except FileNotFoundError as error:
        raise BadRecording(f"{path}: expected the header of a segment there, found none") from error
    lines = [line.strip() for line in re.split(r"\r\n|\n|\r", text) if line.strip() and not line.lstrip().startswith("#")]
    first = lines[0].split() if lines else []
    _, _, segments = first[0].partition("/") if first else ("", "", "")
    if len(first) < 2 or not first[1].isdecimal() or not (segments or "0").isdecimal():
        raise BadRecording(f"{path}: expected the header of a WFDB record")
    numbers = [*first[2:4], "", ""]  # a date may stand where these are left out
    rate, length = numbers[0].partition("/")[0], numbers[1]
    told = float(rate) if _NUMBER.fullmatch(rate) and float(rate) > 0 else None
    frames = int(length) if told and length.isdecimal() and int(length) else None
    if segments:
        return Header(path, told, frames, (), _segments(path, lines[1 : 1 + int(segments)]))
    return Header(path, told, frames, _signals(path, lines[1 : 1 + int(first[1])], int(first[1])), ())


def _decoded(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _segments(path: Path, lines: list[str]) -> tuple[tuple[str, int], ...]:
    cells = [line.split() for line in lines]
    if not cells or not all(len(line) > 1 and line[1].isdecimal() for line in cells):
        raise BadRecording(f"{path}: expected a line with name and length for each segment")
    return tuple((line[0], int(line[1])) for line in cells)


def _signals(path: Path, lines: list[str], expected: int) -> tuple[SignalLine, ...]:
    found = [_SIGNAL.fullmatch(line) for line in lines]
    if len(lines) < expected or None in found:
        raise BadRecording(f"{path}: expected a line for each of {expected} signals: its file, format, gain")
    return tuple(_signal(match) for match in found if match)


def _signal(match: re.Match[str]) -> SignalLine:
    gain, baseline = float(match["gain"] or 0), match["baseline"] or match["zero"] or 0
    return SignalLine(
        channel=Channel(match["name"] or "", match["unit"] or "mV"),
        file=match["file"],
        format=int(match["format"]),
        samples_a_frame=int(match["frame"] or 1),
        skew=int(match["skew"] or 0),
        offset=int(match["offset"] or 0),
        gain=gain or None,
        baseline=int(float(baseline)),
        first=int(match["first"] or 0),
    )
