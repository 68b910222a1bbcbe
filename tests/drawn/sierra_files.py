"""Philips Sierra XML, versions 1.03 and 1.04, and XLI written by a packer of its own."""

import base64
import struct
from functools import cache
from typing import Any

import numpy as np
from drawing import DAMAGED, RecordingFile, counts, writer

SIERRA = "Philips Sierra XML 1.03, 1.04: plain, base64 or compressed (XLI)"
BROKEN = "Philips Sierra XML: cut off, damaged, another compression"
RATE_HZ, UNIT_MV, SAMPLES = 500, 0.005, 5000
SHARES = {"I": 0.6, "II": 1.0, "III": 0.4, "aVR": -0.8, "aVL": 0.1, "aVF": 0.7}
SHARES |= {f"V{i}": 0.2 * i for i in range(1, 7)}
HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<restingecgdata xmlns="http://www3.medical.philips.com" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<documentinfo><documenttype>SierraECG</documenttype><documentversion>{version}</documentversion></documentinfo>
<dataacquisition><signalcharacteristics><samplingrate>500</samplingrate><{resolution}>5</{resolution}>
<acquisitiontype>STD-12</acquisitiontype><numberchannelsallocated>12</numberchannelsallocated></signalcharacteristics></dataacquisition>
<patient><generalpatientdata><name><lastname>Doe</lastname><firstname>Jane</firstname></name></generalpatientdata></patient>
<waveforms><parsedwaveforms {attributes}>
{content}
</parsedwaveforms><repbeats dataencoding="Base64"><repbeat leadname="I">AAAAAAAA</repbeat></repbeats></waveforms></restingecgdata>
"""


def _leads() -> np.ndarray:
    """Whole numbers (leads, samples)."""
    return np.stack([counts(RATE_HZ, UNIT_MV, share) for share in SHARES.values()])


def _residuals(leads: np.ndarray) -> np.ndarray:
    """The leads as XLI keeps them: the limb leads as their distance from what follows from others."""
    one, two, three, right, left, foot = leads[:6]
    derived = [two - one - three, -right - (one + two) // 2, (one - three) // 2 - left, (two + three) // 2 - foot]
    return np.stack([one, two, *derived, *leads[6:]])


def _lzw(content: bytes) -> bytes:
    """Codes of 10 bits, after Welch's paper: the longest string that is known, which with the next byte is then known too."""
    known, codes, text = {bytes([i]): i for i in range(256)}, [], b""
    for i in range(len(content)):
        byte = content[i : i + 1]
        if text + byte in known:
            text += byte
            continue
        codes.append(known[text])
        if len(known) < 1023:
            known[text + byte] = len(known)
        text = byte
    bits = "".join(f"{code:010b}" for code in [*codes, known[text], 1023])
    return bytes(int(bits[at : at + 8].ljust(8, "0"), 2) for at in range(0, len(bits), 8))


@cache
def _packed() -> str:
    return _xli(_leads())


def _chunk(lead: np.ndarray) -> bytes:
    """A lead packed: its first two samples, then 64 less the next second difference, each of which stands one place early."""
    samples = lead.tolist()
    second = [2 * samples[i - 1] - samples[i - 2] - samples[i] for i in range(2, len(samples))]
    stored = [samples[0], samples[1], *(value + 64 for value in second[1:]), 64]
    words = struct.pack(f">{len(stored)}h", *stored)
    packed = _lzw(words[::2] + words[1::2])
    return struct.pack("<ihh", len(packed), 0, second[0]) + packed


def _xli(leads: np.ndarray) -> str:
    return base64.encodebytes(b"".join(map(_chunk, _residuals(leads)))).decode()


def _base64(leads: np.ndarray) -> str:
    return base64.encodebytes(leads.astype("<i2").tobytes()).decode()


def _plain(leads: np.ndarray) -> str:
    return " ".join(map(str, leads.ravel()))


def _old(content: str, encoding: str = "Base64", compressed: str = "True", method: str = "XLI") -> str:
    """As in 1.03: the leads are not named."""
    said = f'compressflag="{compressed}" compressmethod="{method}" dataencoding="{encoding}" durationperchannel="10000"'
    return HEAD.format(version="1.03", resolution="signalresolution", attributes=said, content=content)


def _new(content: str, said: str = 'compression="XLI"', labels: str = " ".join(SHARES)) -> str:
    """As in 1.04."""
    said += (
        f' dataencoding="Base64" numberofleads="12" leadlabels="{labels} CAL" samplespersecond="500" durationperchannel="10000"'
    )
    return HEAD.format(version="1.04", resolution="resolution", attributes=said, content=content)


def _file(id: str, row: str, write: Any, lead: str = "II", **right: Any) -> RecordingFile:
    on_page = DAMAGED if "refused" in right else ""
    told = {"lead": lead, "lead_read": lead, "sampling_rate_hz": RATE_HZ, "refused_on_page": on_page}
    told |= {"millivolts": lambda: counts(RATE_HZ, UNIT_MV, SHARES[lead]) * UNIT_MV} | right
    return RecordingFile(f"sierra-{id}", row, writer(lambda: {"r.xml": write(_leads())}), **told)


SIERRA_FILES = (
    _file("xli-1.03", SIERRA, lambda leads: _old(_packed())),
    *(_file(f"xli-{lead}", SIERRA, lambda leads: _new(_packed()), lead) for lead in ("I", "III", "aVR", "aVL", "aVF", "V6")),
    _file("base64", SIERRA, lambda leads: _new(_base64(leads), "")),
    _file("uncompressed", SIERRA, lambda leads: _new(_base64(leads), 'compression="Uncompressed"'), "aVR"),
    _file("plain", SIERRA, lambda leads: _old(_plain(leads), "Plain", "False")),
    _file("unit-unknown", SIERRA, lambda leads: _old(_xli(leads * 5)).replace("signalresolution", "other"), unit="uV"),
    _file("other-compression", BROKEN, lambda leads: _new(_packed(), 'compression="ZIP"'), refused="XLI in base64",
          refused_on_page="XLI, Base64"),
    _file("lead-missing", BROKEN, lambda leads: _new(_xli(leads[:11])), refused="12 leads of 5000 samples"),
    _file("samples-missing", BROKEN, lambda leads: _new(_xli(leads[:, :4000])), refused="12 leads of 5000 samples"),
    _file("chunk-cut-off", BROKEN, lambda leads: _new(base64.b64encode(base64.b64decode(_packed())[:-9]).decode()),
          refused="damaged"),
    _file("base64-damaged", BROKEN, lambda leads: _new(_base64(leads)[:-4] + "!", ""), refused="base64"),
    _file("no-waveforms", BROKEN, lambda leads: _new("").replace("parsedwaveforms", "other"), refused="waveforms"),
    _file("no-rate", BROKEN, lambda leads: _old(_packed()).replace("samplingrate", "other"), refused="samplingrate"),
    _file("cut-off", BROKEN, lambda leads: _old(_packed())[:-500], refused="cut off"),
)  # fmt: skip
