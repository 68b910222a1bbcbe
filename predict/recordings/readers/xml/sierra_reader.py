"""Philips Sierra XML, versions 1.03 to 1.04.02: resting ECGs of Philips' carts and defibrillators.

Of a file only the waveforms are read: never patient, order or interpretation.
"""

import base64
import binascii
from pathlib import Path
from xml.etree.ElementTree import Element

import numpy as np

from predict.recordings.readers.xml import xli
from predict.recordings.readers.xml.xml_tree import read_tree, text_of
from predict.recordings.signal import BadRecording, Channel, OpenRecording, Samples

LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
TWELVE_LEADS = ("STD-12", "10-WIRE")  # kinds of acquisition of which the file does not name the leads
UNCOMPRESSED = ("", "uncompressed", "none")


class _Waveforms:
    """The element of the waveforms, and that which says how they were recorded: of either, by version."""

    def __init__(self, path: Path, waveforms: Element, signal: Element) -> None:
        self.path, self.element, self.signal = path, waveforms, signal

    def said(self, attribute: str, *elements: str) -> str:
        """What an attribute says, else the first of the elements that says something; empty where none does."""
        texts = (self.element.get(attribute, "").strip(), *(text_of(self.signal, element) for element in elements))
        return next((text for text in texts if text), "")

    def number(self, attribute: str, *elements: str) -> float:
        """The same as a number over 0."""
        try:
            value = float(self.said(attribute, *elements))
        except ValueError:
            value = 0.0
        if not 0 < value < 1e9:
            raise BadRecording(
                f"{self.path}: expected a Philips Sierra file that says its {elements[0] if elements else attribute}"
            )
        return value


def open_recording(path: Path) -> OpenRecording:
    """The leads; raises BadRecording."""
    root = read_tree(path)
    element, signal = root.find(".//parsedwaveforms"), root.find("dataacquisition/signalcharacteristics")
    if element is None or signal is None:
        raise BadRecording(f"{path}: expected a Philips Sierra file with waveforms, this one has none")
    waveforms = _Waveforms(path, element, signal)
    names = _names(waveforms)
    unit = "uV" if waveforms.said("resolution", "resolution", "signalresolution") else ""
    return OpenRecording([Channel(name, unit) for name in names], lambda index: _read(waveforms, names, index))


def _names(waveforms: _Waveforms) -> list[str]:
    """The leads' names; empty ones where the file names none and they are not the usual twelve."""
    names = waveforms.said("leadlabels").split()
    count = int(waveforms.number("numberofleads", "numberchannelsallocated", "numberchannelsvalid"))
    usual = LEADS if waveforms.said("", "acquisitiontype", "leadset") in TWELVE_LEADS else ()
    return [*(names or usual), *[""] * min(count, 100)][:count]


def _read(waveforms: _Waveforms, names: list[str], index: int) -> Samples:
    rate_hz = waveforms.number("samplespersecond", "samplingrate")
    samples = round(waveforms.number("durationperchannel") * rate_hz / 1000)
    values = _stored(waveforms, names, samples)[index] - float(waveforms.said("signaloffset", "signaloffset") or 0)
    resolution = waveforms.said("resolution", "resolution", "signalresolution")
    return Samples([values * float(resolution or 1)], rate_hz)


def _stored(waveforms: _Waveforms, names: list[str], samples: int) -> np.ndarray:
    """Whole numbers (leads, samples), before offset and resolution."""
    method = waveforms.said("compression") or waveforms.said("compressmethod")
    encoding, text = waveforms.said("dataencoding"), waveforms.element.text or ""
    if method.lower() in UNCOMPRESSED or waveforms.said("compressflag").lower() == "false":
        values = np.array(text.split(), np.int64) if encoding == "Plain" else np.frombuffer(_bytes(waveforms.path, text), "<i2")
        return values[: len(names) * samples].astype(np.int64).reshape(len(names), samples)
    if (method, encoding) != ("XLI", "Base64"):
        raise BadRecording(f"{waveforms.path}: expected waveforms that are not compressed, or with XLI in base64")
    leads = np.stack([lead[:samples] for lead in xli.unpack_leads(_bytes(waveforms.path, text))[: len(names)]])
    if leads.shape != (len(names), samples):
        raise BadRecording(f"{waveforms.path}: expected {len(names)} leads of {samples} samples, found fewer")
    return _with_limb_leads(leads) if tuple(names[:6]) == LEADS[:6] else leads


def _bytes(path: Path, text: str) -> bytes:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except binascii.Error as error:
        raise BadRecording(f"{path}: expected samples in base64, they are cut off or damaged") from error


def _with_limb_leads(leads: np.ndarray) -> np.ndarray:
    """XLI keeps of III, aVR, aVL and aVF how far they are from what follows from I and II, or from II and III."""
    one, two, three, right, left, foot = leads[:6]
    three = two - one - three
    right, left, foot = -((one + two) // 2) - right, (one - three) // 2 - left, (two + three) // 2 - foot
    return np.stack([one, two, three, right, left, foot, *leads[6:]])
