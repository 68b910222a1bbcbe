"""DICOM files with waveforms: the ECG objects of DICOM PS3.3, A.34. Patient and dates are never read."""

import logging
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
from pydicom.waveforms.numpy_handler import multiplex_array

from predict.recordings.readers.blocks import slices
from predict.recordings.signal import BadRecording, Channel, OpenRecording, Samples

# pydicom would say values of the file on standard error; what it cannot read is refused here.
warnings.filterwarnings("ignore", module="pydicom")
logging.getLogger("pydicom").setLevel(logging.CRITICAL)


def open_recording(path: Path) -> OpenRecording:
    """The channels of the longest original group of waveforms; raises BadRecording."""
    try:
        dataset = pydicom.dcmread(path, specific_tags=["WaveformSequence"])
        groups = dataset.get("WaveformSequence")
    except (pydicom.errors.InvalidDicomError, OSError, EOFError, ValueError) as error:
        raise BadRecording(f"{path}: expected a DICOM file") from error
    if not groups:
        raise BadRecording(f"{path}: expected a DICOM file with a waveform, this one has none")
    index = _longest_original(groups)
    notes = (f"group {index + 1} of {len(groups)} is taken, the longest that is original",) if len(groups) > 1 else ()
    channels = groups[index].ChannelDefinitionSequence
    return OpenRecording(
        [Channel(_name(channel), _unit(channel)) for channel in channels],
        lambda channel: Samples(_read_channel(path, dataset, index, channel), float(groups[index].SamplingFrequency), notes),
    )


def _longest_original(groups: Any) -> int:
    """Of the groups: derived ones, like a median beat, only where there is no other."""
    lengths = [int(group.NumberOfWaveformSamples) / float(group.SamplingFrequency) for group in groups]
    original = [str(group.get("WaveformOriginality", "")).strip().upper() != "DERIVED" for group in groups]
    return max(range(len(groups)), key=lambda i: (original[i], lengths[i]))


def _read_channel(path: Path, dataset: Any, group: int, channel: int) -> Iterator[np.ndarray]:
    """One channel in its unit: sample x sensitivity x correction + baseline; nan for padding."""
    try:
        raw = multiplex_array(dataset, group, as_raw=True)[:, channel]
    except Exception as error:  # pydicom lets through whatever decoding meets.
        raise BadRecording(f"{path}: expected a waveform that can be decoded: 8 or 16 bits, little endian") from error
    sequence = dataset.WaveformSequence[group]
    definition = sequence.ChannelDefinitionSequence[channel]
    padding, scale, baseline = sequence.get("WaveformPaddingValue"), 1.0, 0.0
    if definition.get("ChannelSensitivity") is not None:
        correction = float(definition.get("ChannelSensitivityCorrectionFactor") or 1)
        scale, baseline = float(definition.ChannelSensitivity) * correction, float(definition.get("ChannelBaseline") or 0)
    for block in slices(raw):
        values = block.astype(np.float64)
        if padding:
            values[block == np.frombuffer(padding, raw.dtype)[0]] = np.nan
        yield values * scale + baseline


def _name(channel: Any) -> str:
    """As people call it: `II` of what a standard calls `Lead II (Einthoven)`."""
    sources = channel.get("ChannelSourceSequence")
    meaning = str(sources[0].get("CodeMeaning", "")) if sources else str(channel.get("ChannelLabel", ""))
    return meaning.partition(" (")[0].strip()


def _unit(channel: Any) -> str:
    """The unit after sensitivity and baseline are applied, in UCUM; empty where the file does not say."""
    units = channel.get("ChannelSensitivityUnitsSequence")
    return str(units[0].get("CodeValue", "")) if units and channel.get("ChannelSensitivity") is not None else ""
