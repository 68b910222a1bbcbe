"""GE MUSE XML as MUSE exports it: a waveform of median beats, then one of the rhythm, eight leads of each."""

import base64
import gzip
import zlib
from typing import Any

import numpy as np
from drawing import DAMAGED, RecordingFile, counts, writer

MUSE = "GE MUSE XML: rhythm and median beats, `.xml.gz`"
BROKEN = "GE MUSE XML: cut off, a wrong checksum, no rhythm"
RATE_HZ, UNIT_MV = 500, 0.00488
HEAD = """<?xml version="1.0" encoding="ISO-8859-1"?>
<!DOCTYPE RestingECG SYSTEM "restecg.dtd">
<RestingECG>
<PatientDemographics><PatientLastName>Doe</PatientLastName><PatientFirstName>Jane</PatientFirstName></PatientDemographics>
"""
LEADS = {"I": 0.7, "II": 1.0, "V1": -0.4, "V2": 0.3, "V3": 0.6, "V4": 0.9, "V5": 0.8, "V6": 0.7}


def _lead(name: str, values: np.ndarray, fields: dict[str, str]) -> str:
    content = values.astype("<i2").tobytes()
    text = base64.b64encode(content).decode()
    said = {
        "LeadByteCountTotal": len(content), "LeadTimeOffset": 0, "LeadSampleCountTotal": len(values),
        "LeadAmplitudeUnitsPerBit": 4.88, "LeadAmplitudeUnits": "MICROVOLTS", "LeadHighLimit": 32767, "LeadLowLimit": -32768,
        "LeadID": name, "LeadSampleSize": 2, "LeadOff": "FALSE", "LeadDataCRC32": zlib.crc32(content),
        "WaveFormData": "\n".join(text[at : at + 76] for at in range(0, len(text), 76)),
    } | fields  # fmt: skip
    return "<LeadData>" + "".join(f"<{field}>\n{value}</{field}>" for field, value in said.items()) + "</LeadData>"


def _waveform(kind: str = "Rhythm", samples: int = 5000, base: str = "500", exponent: str = "0", **fields: str) -> str:
    leads = "".join(_lead(name, counts(RATE_HZ, UNIT_MV, share)[:samples], fields) for name, share in LEADS.items())
    head = f"<WaveformType>{kind}</WaveformType><SampleBase>{base}</SampleBase><SampleExponent>{exponent}</SampleExponent>"
    return f"<Waveform>{head}{leads}</Waveform>\n"


def _document(*waveforms: str) -> bytes:
    return f"{HEAD}{''.join(waveforms)}</RestingECG>\n".encode("latin-1")


def _exact(share_of_one: float, share_of_two: float) -> dict[str, object]:
    """What is read of a lead that is computed from I and II."""
    one, two = (counts(RATE_HZ, UNIT_MV, LEADS[name]) for name in ("I", "II"))
    return {"millivolts": lambda: (share_of_one * one + share_of_two * two) * UNIT_MV}


def _file(id: str, row: str, content: bytes, name: str = "r.xml", **right: Any) -> RecordingFile:
    told = {"lead": "II", "sampling_rate_hz": RATE_HZ, "refused_on_page": DAMAGED if "refused" in right else ""} | right
    told |= {"lead_read": told["lead"] or "II"}
    return RecordingFile(f"muse-{id}", row, writer({name: content}), **told)


MEDIAN = _waveform("Median", 600)
RHYTHM = _waveform()
WHOLE = _document(MEDIAN, RHYTHM)
COMPUTED = {"notes": ("computed from I and II",)}
MUSE_FILES = (
    _file("plain", MUSE, WHOLE, **_exact(0, 1)),
    _file("gzip", MUSE, gzip.compress(WHOLE), "r.xml.gz", **_exact(0, 1)),
    _file("III", MUSE, WHOLE, lead="III", **_exact(-1, 1), **COMPUTED),
    _file("aVR", MUSE, WHOLE, lead="aVR", **_exact(-0.5, -0.5), **COMPUTED),
    _file("aVL", MUSE, WHOLE, lead="aVL", **_exact(1, -0.5), **COMPUTED),
    _file("aVF", MUSE, WHOLE, lead="aVF", **_exact(-0.5, 1), **COMPUTED),
    _file("exponent", MUSE, _document(_waveform(base="5", exponent="2")), **_exact(0, 1)),
    _file("no-checksum", MUSE, _document(_waveform(LeadDataCRC32="0")), **_exact(0, 1)),
    _file("two-rhythms", MUSE, _document(_waveform(samples=2500), RHYTHM), notes=("of 2 rhythms",), **_exact(0, 1)),
    _file("unit-unknown", MUSE, _document(_waveform(LeadAmplitudeUnits="")), unit="uV", **_exact(0, 1)),
    _file("median-alone", BROKEN, _document(MEDIAN), refused="rhythm"),
    _file("checksum", BROKEN, _document(_waveform(LeadDataCRC32="1234567")), refused="checksum"),
    _file("samples", BROKEN, _document(_waveform(LeadSampleCountTotal="4999")), refused="expected 4999 samples"),
    _file("base64", BROKEN, _document(_waveform(WaveFormData="AAA")), refused="base64"),
    _file("cut-off", BROKEN, WHOLE[:-5000], refused="cut off"),
    _file("rate", BROKEN, _document(_waveform(base="0")), refused="sampling rate"),
    _file("rate-unknown", BROKEN, _document(_waveform(base="")), refused="SampleBase"),
)
