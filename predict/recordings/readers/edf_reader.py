"""EDF and BDF files, plain, with annotations (EDF+C) and in stretches (EDF+D), whole or cut off.

Of the header only what the samples need is read: never patient, dates or filters.
"""

from collections.abc import Iterable, Iterator
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

import numpy as np

from predict.recordings.readers.blocks import of_length, read_blocks
from predict.recordings.signal import LONGEST_S, BadRecording, Channel, OpenRecording, Samples

FIXED_BYTES, BYTES_A_SIGNAL = 256, 256
# Of the header of the signals: name, begin and size of each field.
FIELDS = {"label": (0, 16), "unit": (96, 8), "physical_min": (104, 8), "physical_max": (112, 8)}
FIELDS |= {"digital_min": (120, 8), "digital_max": (128, 8), "samples": (216, 8)}
ANNOTATIONS = ("EDF Annotations", "BDF Annotations")


class Header(NamedTuple):
    """What a file says of itself, and what is there of it.

    bytes, records        of the header; whole data records in the file
    record_s              length of a record
    discontinuous         whether each record says when it begins
    fields                a list for each of FIELDS, with a text a signal
    samples               of each signal in a record
    notes                 where the file is not what it says
    """

    path: Path
    bytes: int
    records: int
    record_s: float
    sample_bytes: int
    discontinuous: bool
    fields: dict[str, list[str]]
    samples: list[int]
    notes: tuple[str, ...]


def open_recording(path: Path) -> OpenRecording:
    """The signals of the file, those of annotations left out; raises BadRecording."""
    header = _read_header(path)
    labels, units = header.fields["label"], header.fields["unit"]
    signals = [i for i, label in enumerate(labels) if label not in ANNOTATIONS]
    return OpenRecording([Channel(labels[i], units[i]) for i in signals], lambda index: _read_signal(header, signals[index]))


def _read_header(path: Path) -> Header:
    with path.open("rb") as file:
        fixed = file.read(FIXED_BYTES)
        count = int(_number(path, fixed[252:256])) if len(fixed) == FIXED_BYTES else 0
        rest = file.read(count * BYTES_A_SIGNAL)
    if len(fixed) < FIXED_BYTES or len(rest) < count * BYTES_A_SIGNAL:
        raise BadRecording(f"{path}: expected an EDF or BDF file, it is cut off in its header")
    cells = {name: _cells(rest, count, begin, size) for name, (begin, size) in FIELDS.items()}
    samples = [int(_number(path, cell.encode())) for cell in cells["samples"]]
    sample_bytes = 3 if fixed[:1] == b"\xff" else 2
    size = FIXED_BYTES + len(rest)
    records = (path.stat().st_size - size) // max(1, sum(samples) * sample_bytes)
    if not records:
        raise BadRecording(f"{path}: expected data records, found none")
    discontinuous, record_s = fixed[195:197] == b"+D", _number(path, fixed[244:252])
    return Header(path, size, records, record_s, sample_bytes, discontinuous, cells, samples, _notes(fixed[236:244], records))


def _notes(said: bytes, records: int) -> tuple[str, ...]:
    text = said.decode("latin-1").strip()
    if text == str(records):
        return ()
    return (f"{records} of {text} data records are there" if text.isdecimal() else f"{records} data records, by the file's size",)


def _cells(rest: bytes, count: int, begin: int, size: int) -> list[str]:
    """A text a signal of the field that begins `begin` bytes into a signal's part: the fields of all signals lie together."""
    cells = [rest[count * begin + size * i : count * begin + size * (i + 1)] for i in range(count)]
    return [_text(cell) for cell in cells]


def _text(cell: bytes) -> str:
    try:
        return cell.decode().strip(" \0")
    except UnicodeDecodeError:
        return cell.decode("latin-1").strip(" \0")


def _number(path: Path, cell: bytes) -> float:
    try:
        return float(_text(cell).replace(",", "."))
    except ValueError as error:
        raise BadRecording(f"{path}: expected an EDF or BDF file as the standard has it: its header lacks a number") from error


def _read_signal(header: Header, index: int) -> Samples:
    limits = ("physical_min", "physical_max", "digital_min", "digital_max")
    low, high, first, last = (_number(header.path, header.fields[limit][index].encode()) for limit in limits)
    if low == high or first == last:
        name = header.fields["label"][index]
        raise BadRecording(f"{header.path}: expected a range of values of {name}, found a single one: its unit is not known")
    numbers = (_integers(header, part) for part in _read_bytes(header, index))
    values = (low + (block.astype(np.float64) - first) * ((high - low) / (last - first)) for block in numbers)
    rate = header.samples[index] / header.record_s if header.record_s > 0 else None
    if header.discontinuous and rate:
        return Samples(_place_by_onset(header, values, rate), rate, header.notes)
    return Samples((block.ravel() for block in values), rate, header.notes)


def _integers(header: Header, part: np.ndarray) -> np.ndarray:
    """Whole numbers of the bytes of one signal, (records, samples a record)."""
    if header.sample_bytes == 2:
        return part.view("<i2")
    low, middle, high = (part[:, byte::3].astype(np.int32) for byte in range(3))
    return (low | middle << 8 | high << 16) - ((high & 0x80) << 17)


def _place_by_onset(header: Header, blocks: Iterable[np.ndarray], rate_hz: float) -> Iterator[np.ndarray]:
    """The records, each where it begins; nan between them."""
    onsets = _read_onsets(header)
    starts = np.rint((onsets - onsets[0]) * rate_hz).astype(np.int64)
    if (np.diff(onsets) <= 0).any() or onsets[-1] - onsets[0] > LONGEST_S:
        days = f"{LONGEST_S / 86400:.0f} days"
        raise BadRecording(f"{header.path}: expected the records of EDF+D one after the other, within {days}")
    records = (record for block in blocks for record in block)
    for record, following in zip_longest(records, np.diff(starts)):
        yield from of_length([record], len(record) if following is None else int(following))


def _read_onsets(header: Header) -> np.ndarray:
    """When each record begins, in s: the first annotation of each says it."""
    labels = header.fields["label"]
    index = next((i for i, label in enumerate(labels) if label in ANNOTATIONS), None)
    if index is None:
        raise BadRecording(f"{header.path}: expected a signal of annotations in EDF+D, found none")
    texts = (record.tobytes().split(b"\x14")[0] for part in _read_bytes(header, index) for record in part)
    return np.array([_number(header.path, text.split(b"\x15")[0]) for text in texts])


def _read_bytes(header: Header, index: int) -> Iterator[np.ndarray]:
    """Those of one signal, uint8 (records, bytes a record), some records at a time."""
    size, first = header.sample_bytes, sum(header.samples[:index])
    width, left = sum(header.samples) * size, header.records
    for block in read_blocks(header.path, header.bytes, width):
        records = block[: min(left, len(block) // width) * width].reshape(-1, width)
        left -= len(records)
        yield np.ascontiguousarray(records[:, first * size : (first + header.samples[index]) * size])
