"""DICOM objects with waveforms, as carts and PACS have them."""

import io
import warnings
from typing import Any

import numpy as np
from drawing import RecordingFile, ecg, writer
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian, TwelveLeadECGWaveformStorage

TWELVE = "DICOM waveforms: explicit or implicit little endian, 8 or 16 bits"
MEDIAN = "DICOM: several groups (median beats are left)"
REFUSED = "A file that is damaged or has no ECG in it"
LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")


def _code(value: str, meaning: str) -> Dataset:
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = value, "UCUM", meaning
    return code


def _channel(name: str, unit: str, sensitivity: str) -> Dataset:
    channel = Dataset()
    channel.ChannelSourceSequence = [_code("5.6.3-9-2", f"Lead {name} (Einthoven)" if name == "II" else f"Lead {name}")]
    if unit:
        channel.ChannelSensitivity, channel.ChannelSensitivityCorrectionFactor, channel.ChannelBaseline = sensitivity, "2", "0"
        channel.ChannelSensitivityUnitsSequence = [_code(unit, unit)]
    channel.WaveformBitsStored = 16
    return channel


def _group(values: np.ndarray, rate_hz: float, unit: str, sensitivity: str, originality: str = "ORIGINAL") -> Dataset:
    """A multiplex group; values are whole numbers (samples, leads)."""
    group, bits = Dataset(), 8 if values.dtype.itemsize == 1 else 16
    group.WaveformOriginality, group.SamplingFrequency = originality, str(rate_hz)
    group.NumberOfWaveformSamples, group.NumberOfWaveformChannels = values.shape
    group.WaveformBitsAllocated, group.WaveformSampleInterpretation = bits, "SB" if bits == 8 else "SS"
    group.ChannelDefinitionSequence = [_channel(name, unit, sensitivity) for name in LEADS[: values.shape[1]]]
    group.WaveformData = values.tobytes()
    return group


def _file_of(*groups: Dataset, syntax: str = ExplicitVRLittleEndian) -> bytes:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = TwelveLeadECGWaveformStorage, "1.2.3"
    meta.TransferSyntaxUID = syntax
    file = FileDataset("", {}, file_meta=meta, preamble=bytes(128))
    file.SOPClassUID, file.SOPInstanceUID, file.Modality = TwelveLeadECGWaveformStorage, "1.2.3", "ECG"
    file.PatientName, file.PatientBirthDate = "Doe^Jane", "19500101"
    if groups:
        file.WaveformSequence = list(groups)
    opened = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        file.save_as(opened, enforce_file_format=True)
    return opened.getvalue()


def _leads(rate_hz: float, per_mv: float, kind: str = "<i2", leads: int = 12) -> np.ndarray:
    return np.rint(np.stack([ecg(rate_hz) * (0.5 + lead / 8) for lead in range(leads)], axis=1) * per_mv).astype(kind)


def _twelve(unit: str = "uV", sensitivity: str = "1.25", per_mv: float = 400.0, kind: str = "<i2") -> Dataset:
    return _group(_leads(500, per_mv, kind), 500, unit, sensitivity)


def _median(times: int = 1) -> Dataset:
    return _group(np.tile(_leads(500, 400)[:600], (times, 1)), 500, "uV", "1.25", "DERIVED")


def _file(id: str, row: str, draw: Any, name: str = "r.dcm", **right: Any) -> RecordingFile:
    told = {"lead": "II", "sampling_rate_hz": 500.0} | right
    return RecordingFile(f"dicom-{id}", row, writer(lambda: {name: draw()}), **told)


DICOM_FILES = (
    _file("12-lead", TWELVE, lambda: _file_of(_twelve())),
    _file("implicit", TWELVE, lambda: _file_of(_twelve(), syntax=ImplicitVRLittleEndian)),
    _file("8-bit", TWELVE, lambda: _file_of(_twelve("mV", "0.01", 50, "i1"))),
    _file("no-ending", TWELVE, lambda: _file_of(_twelve()), "r"),
    _file("lead-in-full", TWELVE, lambda: _file_of(_twelve()), lead="lead ii"),
    _file("median-first", MEDIAN, lambda: _file_of(_median(), _twelve()), notes=("group 2 of 2",)),
    _file("median-longer", MEDIAN, lambda: _file_of(_median(20), _twelve()), notes=("group 2 of 2",)),
    _file("unit-unknown", "A unit that the file does not say", lambda: _file_of(_twelve("")), unit="uV"),
    _file("pressure", REFUSED, lambda: _file_of(_group(_leads(500, 400), 500, "mm[Hg]", "1.25")), refused="mm[Hg]", lead=None),
    _file("no-waveform", REFUSED, _file_of, refused="waveform"),
)  # fmt: skip
