"""OpenSignals text files, of PLUX's biosignalsplux and BITalino: a header in JSON, then a line of numbers a sample.

Of the header only columns, sensors, sampling rate and resolution are read: never comments, dates or the device's address.
"""

import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from predict.recordings.file_kind import first_bytes
from predict.recordings.signal import LONGEST_S, BadRecording, Channel, OpenRecording, Samples

HEADER_BYTES, END = 1 << 16, "# EndOfHeader"
ECG, UNNAMED = "ECG", ("RAW", "CUSTOM")  # sensors; the latter are what somebody plugged in without saying so
SEQUENCE, BITALINO_PERIOD = "nSeq", 16  # a running number of each device, which in BITalino begins anew
SENSORS = {"bitalino": (3.3, 1100), "biosignalsplux": (3.0, 1000)}  # V and gain, by the data sheets of the ECG sensors


class Column(NamedTuple):
    """A sensor's column and that of its device's running number, in the file, and what the header says of it."""

    position: int
    sequence: int | None
    sensor: str
    label: str
    device: str
    resolution_bits: int
    rate_hz: float


def open_recording(path: Path) -> OpenRecording:
    """The sensors of all devices; those of ECG, and unnamed ones by their labels, are in mV. Raises BadRecording."""
    lines = first_bytes(path, HEADER_BYTES).decode("latin-1").splitlines()
    if END not in (ends := [line.strip() for line in lines]):
        raise BadRecording(f"{path}: expected an OpenSignals file with a header that ends")
    columns = _columns(path, lines[1].lstrip("# "))
    channels = [Channel(ECG if _is_ecg(column) else column.label, "mV" if _may_be_ecg(column) else "steps") for column in columns]
    return OpenRecording(channels, lambda index: _read(path, columns[index], ends.index(END) + 1))


def _is_ecg(column: Column) -> bool:
    return column.sensor.upper().startswith(ECG)


def _may_be_ecg(column: Column) -> bool:
    return _is_ecg(column) or column.sensor.upper() in UNNAMED


def _columns(path: Path, header: str) -> list[Column]:
    try:
        devices: list[dict[str, Any]] = list(json.loads(header).values())
        before = np.cumsum([0, *(len(device["column"]) for device in devices)]).tolist()
        return [column for device, first in zip(devices, before, strict=False) for column in _of_device(device, first)]
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise BadRecording(f"{path}: expected an OpenSignals header with column, sensor, resolution and sampling rate") from error


def _of_device(device: dict[str, Any], first: int) -> list[Column]:
    """Its sensors are the last of its columns, which begin at `first` in the file."""
    names, sensors = device["column"], device["sensor"]
    sequence = first + names.index(SEQUENCE) if SEQUENCE in names else None
    bits, begin = device["resolution"][-len(sensors) :], first + len(names) - len(sensors)
    labels = device.get("label") or names[-len(sensors) :]
    rate_hz = float(device["sampling rate"])
    return [
        Column(begin + i, sequence, str(sensor), str(labels[i]), str(device.get("device")), int(bits[i]), rate_hz)
        for i, sensor in enumerate(sensors)
    ]


def _read(path: Path, column: Column, header_lines: int) -> Samples:
    """A sensor in mV, nan where samples were lost between device and computer."""
    used = [column.position] if column.sequence is None else [column.sequence, column.position]
    try:
        frame = pd.read_csv(
            path, sep="\t", header=None, skiprows=header_lines, usecols=used, dtype=np.float64, encoding="latin-1"
        )
    except (ValueError, EOFError) as error:  # pandas would say what stands there
        raise BadRecording(f"{path}: expected lines of numbers after the header, a column a sensor") from error
    values, notes = _millivolts(path, column, frame[column.position].to_numpy())
    if column.sequence is None:
        return Samples([values], column.rate_hz, notes)
    return Samples([_placed(path, column, values, frame[column.sequence].to_numpy())], column.rate_hz, notes)


def _millivolts(path: Path, column: Column, values: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
    """By the data sheet: (step / 2^bits - 1/2) x voltage / gain. A file with fractions was converted when it was exported."""
    if np.any(values % 1 > 0):
        return values, ("converted when it was exported, its numbers are taken for mV",)
    sensor = next((sensor for name, sensor in SENSORS.items() if column.device.lower().startswith(name)), None)
    if sensor is None or not 0 < column.resolution_bits <= 32:
        raise BadRecording(f"{path}: expected a file of biosignalsplux or BITalino, or one that was exported in mV")
    voltage, gain = sensor
    notes = (f"mV by the data sheet of the ECG sensor, {voltage:g} V and a gain of {gain}",)
    return (values / 2**column.resolution_bits - 0.5) * (voltage / gain * 1000), notes


def _placed(path: Path, column: Column, values: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """The samples where their running numbers say; nan between them."""
    steps = np.diff(numbers)
    if numbers.max() < BITALINO_PERIOD:
        steps = (steps - 1) % BITALINO_PERIOD + 1
    if not (steps >= 1).all() or steps.sum() > LONGEST_S * column.rate_hz:
        raise BadRecording(f"{path}: expected running numbers ({SEQUENCE}) that rise")
    places = np.concatenate([[0], np.cumsum(steps.astype(np.int64))])
    placed = np.full(places[-1] + 1, np.nan)
    placed[places] = values
    return placed
