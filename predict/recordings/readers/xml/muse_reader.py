"""GE MUSE XML: resting ECGs of GE's carts, as MUSE exports them (RestingECG).

Of a file only the waveforms are read: never patient, order or diagnosis.
"""

import base64
import binascii
import zlib
from pathlib import Path
from xml.etree.ElementTree import Element

import numpy as np

from predict.recordings.derived_leads import with_derived
from predict.recordings.readers.xml.xml_tree import number_of, read_tree, text_of
from predict.recordings.signal import BadRecording, Channel, OpenRecording, Samples

SAMPLE_TYPES = {1: "i1", 2: "<i2", 4: "<i4"}  # by the bytes of a sample


def open_recording(path: Path) -> OpenRecording:
    """The leads of the longest waveform that is no median beat, and those that follow from I and II; raises BadRecording."""
    waveforms = [waveform for waveform in read_tree(path).findall("Waveform") if _leads(waveform)]
    rhythms = [waveform for waveform in waveforms if text_of(waveform, "WaveformType").upper() != "MEDIAN"]
    if not rhythms:
        raise BadRecording(f"{path}: expected a MUSE file with a rhythm of some leads, this one has none")
    longest = max(rhythms, key=lambda waveform: len(text_of(_leads(waveform)[0], "WaveFormData")))
    notes = (f"of {len(rhythms)} rhythms the longest is taken",) if len(rhythms) > 1 else ()
    rate_hz, leads = _rate_hz(path, longest), _leads(longest)
    channels = [Channel(text_of(lead, "LeadID"), _unit(lead)) for lead in leads]
    return with_derived(OpenRecording(channels, lambda index: Samples([_read_lead(path, leads[index])], rate_hz, notes)))


def _leads(waveform: Element) -> list[Element]:
    return [lead for lead in waveform.findall("LeadData") if text_of(lead, "WaveFormData")]


def _rate_hz(path: Path, waveform: Element) -> float:
    base, exponent = number_of(waveform, "SampleBase"), number_of(waveform, "SampleExponent") or 0.0
    if base is None or abs(exponent) > 9:
        raise BadRecording(f"{path}: expected a MUSE file with a SampleBase, the sampling rate in Hz")
    return base * 10**exponent


def _unit(lead: Element) -> str:
    """`MICROVOLTS` as it stands there; empty where the file does not say how large a bit is."""
    return text_of(lead, "LeadAmplitudeUnits") if number_of(lead, "LeadAmplitudeUnitsPerBit") else ""


def _read_lead(path: Path, lead: Element) -> np.ndarray:
    """The samples in the lead's unit, float64 (samples,); raises BadRecording where length or checksum are not right."""
    try:
        content = base64.b64decode("".join(text_of(lead, "WaveFormData").split()), validate=True)
    except binascii.Error as error:
        raise BadRecording(f"{path}: expected samples in base64, they are cut off or damaged") from error
    _check(path, lead, content)
    values = np.frombuffer(content, SAMPLE_TYPES[int(number_of(lead, "LeadSampleSize") or 2)])
    said = number_of(lead, "LeadSampleCountTotal")
    if said is not None and said != len(values):
        raise BadRecording(f"{path}: expected {said:.0f} samples in the lead, found {len(values)}")
    return values * (number_of(lead, "LeadAmplitudeUnitsPerBit") or 1.0)


def _check(path: Path, lead: Element, content: bytes) -> None:
    """LeadDataCRC32 is the CRC-32 of the lead's bytes; 0 where a program does not compute it."""
    said = text_of(lead, "LeadDataCRC32")
    if said.isdecimal() and int(said) not in (0, zlib.crc32(content)):
        raise BadRecording(f"{path}: expected samples that agree with their checksum, they are damaged")
