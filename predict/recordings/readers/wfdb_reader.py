"""WFDB records: a header .hea and the signal files or segments it names.

The package wfdb refuses dates, files and names as they are often found, and averages signals of several rates; here each signal
is read at its own. Signals packed with FLAC are left to the package.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path

import numpy as np

from predict.recordings.readers.blocks import of_length, read_blocks, slices
from predict.recordings.readers.wfdb_formats import FORMATS, decode_samples, samples_in
from predict.recordings.readers.wfdb_header import DEFAULT_GAIN, Header, SignalLine, read_header
from predict.recordings.signal import MILLIVOLTS, BadRecording, OpenRecording, Samples, is_voltage, unit_of

FLAC = (508, 516, 524)


def open_recording(path: Path) -> OpenRecording:
    """The record with the header `path`; raises BadRecording."""
    header = read_header(path)
    if not header.segments:
        return OpenRecording([signal.channel for signal in header.signals], lambda index: _read_signal(header, index))
    parts = [(None if name == "~" else read_header(path.with_name(f"{name}.hea")), frames) for name, frames in header.segments]
    model = next((part for part, _ in parts if part), None)
    if model is None:
        raise BadRecording(f"{path}: expected a segment with signals, found none")
    return OpenRecording([signal.channel for signal in model.signals], lambda index: _join_segments(header, model, parts, index))


def segments_of(path: Path) -> set[str]:
    """The names of the headers that are parts of the record with the header `path`, and no records of their own."""
    try:
        return {name for name, _ in read_header(path).segments}
    except BadRecording:
        return set()


def _join_segments(header: Header, model: Header, parts: Sequence[tuple[Header | None, int]], index: int) -> Samples:
    """The signal of all segments one after the other; nan where a segment is none, or lacks it.

    A layout, a first segment of no length, names the signals that are found by name in the others; without one all have the same.
    """
    wanted, by_name = model.signals[index], parts[0][1] == 0
    segments: list[Iterator[np.ndarray]] = []
    notes: list[str] = []
    rate = header.frames_hz or model.frames_hz
    for part, frames in parts:
        there = _find_signal(part, wanted, index, by_name=by_name) if part and frames else None
        read = _read_signal(part, there) if part and there is not None else Samples([], None)
        unit = _unit_ratio(part.signals[there], wanted) if part and there is not None else 1.0
        segments.append(of_length(_in_unit(read.blocks, unit), frames * wanted.samples_a_frame))
        notes += read.notes
    return Samples(chain.from_iterable(segments), rate and rate * wanted.samples_a_frame, tuple(dict.fromkeys(notes)))


def _in_unit(blocks: Iterable[np.ndarray], ratio: float) -> Iterator[np.ndarray]:
    yield from (block * ratio for block in blocks)


def _find_signal(part: Header, wanted: SignalLine, index: int, *, by_name: bool) -> int | None:
    if not by_name:
        return index if index < len(part.signals) else None
    return next((i for i, signal in enumerate(part.signals) if signal.channel.name == wanted.channel.name), None)


def _unit_ratio(signal: SignalLine, wanted: SignalLine) -> float:
    """What a segment's numbers are to be multiplied with, where its unit is another than the record's."""
    own, other = signal.channel.unit, wanted.channel.unit
    return MILLIVOLTS[unit_of(own)] / MILLIVOLTS[unit_of(other)] if is_voltage(own) and is_voltage(other) else 1.0


def _read_signal(header: Header, index: int) -> Samples:
    """One signal of a record of one segment, in its own unit."""
    signal = header.signals[index]
    numbers, notes = _read_flac(header, index) if signal.format in FLAC else _read_integers(header, index)
    if signal.gain is None:
        notes += (f"no gain in the header, WFDB's {DEFAULT_GAIN:g} a {signal.channel.unit} is taken",)
    values = ((block - signal.baseline) / (signal.gain or DEFAULT_GAIN) for block in numbers)
    rate = header.frames_hz * signal.samples_a_frame if header.frames_hz else None
    return Samples(values, rate, notes)


def _read_integers(header: Header, index: int) -> tuple[Iterator[np.ndarray], tuple[str, ...]]:
    """The whole numbers of a signal, blocks of float64 (samples,), nan where invalid, and what was unusual."""
    signal = header.signals[index]
    if signal.format not in FORMATS:
        raise BadRecording(f"{header.path}: expected signals of format {', '.join(map(str, FORMATS))}, found {signal.format}")
    group = [other for other in header.signals if other.file == signal.file]
    width, offset = sum(other.samples_a_frame for other in group), max(other.offset for other in group)
    bytes_there = max(0, _signal_file(header, signal).stat().st_size - offset)
    there = samples_in(bytes_there, FORMATS[signal.format]) // width
    frames = min(there, header.frames or there)
    notes = (f"the signal file ends after {frames} of {header.frames} samples",) if frames < (header.frames or 0) else ()
    return _numbers(signal, _stored(header, index, width, offset), frames), notes


def _stored(header: Header, index: int, width: int, offset: int) -> Iterator[np.ndarray]:
    """The whole numbers of a signal as they are stored, one array (samples,) after the other, to the end of the file.

    width   samples in a frame, of all signals in the file
    offset  where the first frame begins, in bytes
    """
    signal = header.signals[index]
    before = sum(other.samples_a_frame for other in header.signals[:index] if other.file == signal.file)
    format = FORMATS[signal.format]
    for block in read_blocks(_signal_file(header, signal), offset, width * format.bytes):
        every = decode_samples(block, format)
        frames = every[: len(every) // width * width].reshape(-1, width)
        yield frames[:, before : before + signal.samples_a_frame].ravel()


def _numbers(signal: SignalLine, stored: Iterator[np.ndarray], frames: int) -> Iterator[np.ndarray]:
    """What is stored of the first `frames`, as float64: differences summed, what is invalid as nan, the skew left out."""
    invalid, last = FORMATS[signal.format].invalid, signal.first
    skew, left = signal.skew * signal.samples_a_frame, frames * signal.samples_a_frame
    for taken in stored:
        numbers = (np.cumsum(taken, dtype=np.int64) + last if signal.format == 8 else taken)[:left]
        values = numbers.astype(np.float64)
        if invalid is not None:
            values[numbers == invalid] = np.nan
        yield values[skew:]
        last, skew, left = int(numbers[-1]) if len(numbers) else last, max(0, skew - len(values)), left - len(values)


def _signal_file(header: Header, signal: SignalLine) -> Path:
    path = header.path.with_name(signal.file)
    if not path.is_file():
        raise BadRecording(f"{header.path}: expected the file of its signals, {path.name}, beside it")
    if not path.stat().st_size:
        raise BadRecording(f"{header.path}: expected samples in the file {path.name}, it is empty")
    return path


def _read_flac(header: Header, index: int) -> tuple[Iterator[np.ndarray], tuple[str, ...]]:
    import wfdb

    _signal_file(header, header.signals[index])
    record = wfdb.rdrecord(str(header.path.with_suffix("")), channels=[index], physical=False, smooth_frames=False)
    return (block.astype(np.float64) for block in slices(record.e_d_signal[0])), ()
