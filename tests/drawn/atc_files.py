"""AliveCor `.atc` files as the specification's example shows one."""

import struct
import zlib
from collections.abc import Callable
from typing import Any

from drawing import DAMAGED, RecordingFile, counts, writer

ATC = "AliveCor `.atc`: 1 to 12 leads, average beats left out"
BROKEN = "AliveCor `.atc`: cut off, a wrong checksum, no lead"
RATE_HZ, UNIT_MV = 300, 0.0005
LEADS = {"ecg ": 1.0, "ecg2": 0.8, "ecg3": 0.3, "ecg4": -0.9, "ecg5": 0.35, "ecg6": 0.7}
Sum = Callable[[bytes], int]


def _block(name: str, data: bytes, checksum: Sum = sum) -> bytes:
    block = name.encode() + struct.pack("<I", len(data)) + data
    return block + struct.pack("<I", checksum(block))


def _samples(share: float) -> bytes:
    return counts(RATE_HZ, UNIT_MV, share).astype("<i2").tobytes()


def _file_of(
    leads: int = 1, kind: int = 1, size_nv: int = 500, checksum: Sum = sum, form: bool = True, end: int | None = None,
) -> bytes:  # fmt: skip
    who = b"2024-05-01T10:00:00.000+02:00".ljust(32, b"\0") + b"Jane Doe".ljust(232, b"\0")
    blocks = [_block("info", who)]
    blocks += [_block("fmt ", struct.pack("<BHHBH", kind, RATE_HZ, size_nv, 14, 0), checksum)] if form else []
    blocks += [_block(name, _samples(LEADS[name]), checksum) for name in list(LEADS)[:leads]]
    blocks += [_block("avg ", _samples(1)[:900]), _block("ann ", struct.pack("<IIH", 300, 1500, 1))]
    return (b"ALIVE\0\0\0" + struct.pack("<I", 5) + b"".join(blocks))[:end]


def _exact(share: float) -> dict[str, object]:
    return {"millivolts": lambda: counts(RATE_HZ, UNIT_MV, share) * UNIT_MV}


def _file(id: str, row: str, *, right: dict[str, Any] | None = None, **how: Any) -> RecordingFile:
    told = {
        "lead_read": "I",
        "sampling_rate_hz": RATE_HZ,
        **_exact(1),
    }
    write = writer(lambda: {"r.atc": _file_of(**how)})
    return RecordingFile(f"atc-{id}", row, write, **(told | (right or {})))


def _wrong(block: bytes) -> int:
    return sum(block) + 1


ON_PAGE = {"refused_on_page": DAMAGED}
ATC_FILES = (
    _file("plain", ATC),
    _file("six-leads", ATC, leads=6, right={"lead": "aVR", "lead_read": "aVR", **_exact(-0.9)}),
    _file("crc-32", ATC, checksum=zlib.crc32),
    _file("checksum", BROKEN, checksum=_wrong, right={"refused": "checksums", **ON_PAGE}),
    _file("cut-off", BROKEN, end=-100, right={"refused": "cut off", **ON_PAGE}),
    _file("cut-off-in-a-lead", BROKEN, end=3000, right={"refused": "cut off", **ON_PAGE}),
    _file("no-lead", BROKEN, leads=0, right={"refused": "a format and a lead", **ON_PAGE}),
    _file("no-format", BROKEN, form=False, right={"refused": "a format and a lead", **ON_PAGE}),
    _file("other-format", BROKEN, kind=2, right={"refused": "16 bits", **ON_PAGE}),
    _file("no-size", BROKEN, size_nv=0, right={"refused": "size in nV", **ON_PAGE}),
)
