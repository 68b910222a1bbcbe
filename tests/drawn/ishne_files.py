"""ISHNE Holter files: a header of 522 bytes, comments, and samples of all leads in turn."""

from typing import Any

import numpy as np
from drawing import BEATS_WITH_HOLE, DAMAGED, HOLE_S, RecordingFile, counts, writer

ISHNE = "ISHNE Holter: 1 to 12 leads, comments, lead faults"
SHORT = "ISHNE Holter: cut off in its samples"
BROKEN = "ISHNE Holter: a wrong checksum, no samples"
RATE_HZ, UNIT_MV = 200, 0.0025
LEADS = {5: 0.5, 6: 1.0, 11: -0.4}  # codes of I, II, V1


def _crc(content: bytes) -> int:
    """CRC-CCITT as the paper's appendix has it, a bit after the other."""
    crc = 0xFFFF
    for byte in content:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
    return crc


def _short(*values: int) -> bytes:
    return b"".join(value.to_bytes(2, "little", signed=True) for value in values)


def _long(*values: int) -> bytes:
    return b"".join(value.to_bytes(4, "little", signed=True) for value in values)


def _file_of(
    leads: dict[int, float] = LEADS, comment: bytes = b"", size_nv: int = 2500, rate_hz: int = RATE_HZ, faults: bool = False,
    said: int | None = None, checksum: int | None = None, swapped: bool = False, end: int | None = None,
) -> bytes:  # fmt: skip
    columns = [counts(RATE_HZ, UNIT_MV, share) for share in leads.values()]
    samples = np.stack(columns or [counts(RATE_HZ, UNIT_MV)], axis=1).astype("<i2")
    if faults:
        samples[FAULT] = -32768
    absent = 12 - len(leads)
    header = _long(len(comment), len(samples) if said is None else said, 522, 522 + len(comment)) + _short(1)
    header += b"Jane".ljust(40, b"\0") + b"Doe".ljust(40, b"\0") + b"1950".ljust(20, b"\0") + _short(2, 1, 1, 1, 1950)
    header += _short(1, 2, 2024, 1, 2, 2024, 10, 0, 0, len(leads), *leads, *[-9] * absent, *[1] * len(leads), *[-9] * absent)
    header += _short(*[size_nv] * len(leads), *[-9] * absent, 0) + b"digital".ljust(40, b"\0") + _short(rate_hz)
    header = header.ljust(512, b"\0") + comment
    crc = _crc(header) if checksum is None else checksum
    return (b"ISHNE1.0" + crc.to_bytes(2, "big" if swapped else "little") + header + samples.tobytes())[:end]


def _millivolts() -> np.ndarray:
    return counts(RATE_HZ, UNIT_MV) * UNIT_MV


def _with_fault() -> np.ndarray:
    values = _millivolts()
    values[FAULT] = np.nan
    return values


def _file(id: str, row: str, name: str = "r.hol", *, right: dict[str, Any] | None = None, **how: Any) -> RecordingFile:
    told = {"lead": "II", "sampling_rate_hz": RATE_HZ, "millivolts": _millivolts}
    write = writer(lambda: {name: _file_of(**how)})
    return RecordingFile(f"ishne-{id}", row, write, **(told | (right or {})))


FAULT = slice(*(round(second * RATE_HZ) for second in HOLE_S))
ON_PAGE = {"refused_on_page": DAMAGED}
ISHNE_FILES = (
    _file("plain", ISHNE),
    _file("named-ecg", ISHNE, "r.ecg"),
    _file("comments", ISHNE, comment=b"Jane Doe slept well" * 100),
    _file("one-lead", ISHNE, leads={0: 1.0}, right={"lead": None, "lead_read": "1"}),
    _file("checksum-swapped", ISHNE, swapped=True),
    _file("no-checksum", ISHNE, checksum=0),
    _file("all-samples-said", ISHNE, said=6000),
    _file("faults", ISHNE, faults=True, right={"millivolts": _with_fault, "beats": BEATS_WITH_HOLE}),
    _file(
        "unit-unknown",
        ISHNE,
        leads={6: 2.5},
        size_nv=0,
        right={"unit": "uV", "millivolts": lambda: counts(RATE_HZ, 0.001) / 1000},
    ),
    _file("cut-off", SHORT, end=-601, right={"notes": ("1899 of 2000",), "millivolts": lambda: _millivolts()[:1899]}),
    _file("checksum", BROKEN, checksum=1, right={"refused": "checksum", **ON_PAGE}),
    _file("no-samples", BROKEN, end=522, right={"refused": "samples after the header", **ON_PAGE}),
    _file("header-cut-off", BROKEN, end=300, right={"refused": "header of 522 bytes", **ON_PAGE}),
    _file("no-leads", BROKEN, leads={}, right={"refused": "1 to 12 leads", **ON_PAGE}),
    _file("no-rate", BROKEN, rate_hz=0, right={"refused": "sampling rate", **ON_PAGE}),
)
