"""DICOM files with a waveform: the ECG objects of DICOM PS3.3, A.34."""

from pathlib import Path
from typing import Any

import pydicom

from predict.recordings.signal import MILLIVOLTS, BadRecording, Signal, chosen, millivolts


def leads(path: Path) -> list[str]:
    """The names of the channels of the first group of waveforms that are in a unit of voltage."""
    return list(_channels(_group(path)))


def read(path: Path, wanted: str | None) -> Signal:
    """One channel of the first group of waveforms, which is the recording itself; raises BadRecording."""
    dataset = _dataset(path)
    group = _group(path)
    channels = _channels(group)
    lead = chosen(path, list(channels), wanted)
    try:
        values = dataset.waveform_array(0)[:, channels[lead]]
    except Exception as error:  # pydicom lets through whatever decoding meets.
        raise BadRecording(f"{path}: expected a waveform that can be decoded") from error
    unit = _unit(group.ChannelDefinitionSequence[channels[lead]])
    return Signal(path.stem, lead, millivolts(values, unit, path), float(group.SamplingFrequency))


def _dataset(path: Path) -> pydicom.Dataset:
    try:
        return pydicom.dcmread(path)
    except (pydicom.errors.InvalidDicomError, OSError, EOFError, ValueError) as error:
        raise BadRecording(f"{path}: expected a DICOM file") from error


def _group(path: Path) -> Any:
    groups = _dataset(path).get("WaveformSequence")
    if not groups:
        raise BadRecording(f"{path}: expected a DICOM file with a waveform, this one has none")
    return groups[0]


def _channels(group: Any) -> dict[str, int]:
    numbered = enumerate(group.ChannelDefinitionSequence)
    return {_name(channel, i): i for i, channel in numbered if _unit(channel) in MILLIVOLTS}


def _name(channel: Any, number: int) -> str:
    """As people call it: `II` of what a standard calls `Lead II`."""
    sources = channel.get("ChannelSourceSequence")
    meaning = str(sources[0].get("CodeMeaning", "")) if sources else str(channel.get("ChannelLabel", ""))
    return meaning.removeprefix("Lead ").partition(" (")[0].strip() or f"channel {number + 1}"


def _unit(channel: Any) -> str:
    """The unit after sensitivity and baseline are applied, in UCUM; empty where the file does not say."""
    units = channel.get("ChannelSensitivityUnitsSequence")
    return str(units[0].get("CodeValue", "")) if units and channel.get("ChannelSensitivity") is not None else ""
