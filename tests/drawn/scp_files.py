"""SCP-ECG files: sections with their pointers and checksums, and every compression that keeps all samples."""

import struct
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
from drawing import DAMAGED, RecordingFile, counts, writer

SCP = "SCP-ECG: Huffman codes (default or own tables), differences, reference beats subtracted"
BROKEN = "SCP-ECG: cut off, a wrong checksum, bimodal compression"
RATE_HZ, UNIT_NV = 500, 2500
CODES = {1: 0.7, 2: 1.0, 8: 0.8}  # of I, II, V6
PEAKS = [200 + 400 * i for i in range(12)]  # samples of the R peaks, from 0 on
BEFORE, BEAT = 100, 300  # samples of the reference beat before its R peak, and all of it


def _crc(content: bytes) -> int:
    """As in the standard's annex: a byte after the other, both halves of the sum held apart."""
    high = low = 0xFF
    for byte in content:
        value = byte ^ high
        value ^= value >> 4
        high = (low ^ value >> 3 ^ value << 4) & 0xFF
        low = (value ^ value << 5) & 0xFF
    return high << 8 | low


def _section(number: int, data: bytes) -> bytes:
    data += b"\0" * (len(data) % 2)
    reserved = b"SCPECG" if number == 0 else bytes(6)
    rest = struct.pack("<HIBB", number, 16 + len(data), 20, 20) + reserved + data
    return struct.pack("<H", _crc(rest)) + rest


def _record(sections: dict[int, bytes]) -> bytes:
    made = {number: _section(number, data) for number, data in sections.items()}
    begin, pointers = 6 + 16 + 12 * 10, struct.pack("<HII", 0, 16 + 12 * 10, 7)
    for number in range(1, 12):
        size = len(made.get(number, b""))
        pointers += struct.pack("<HII", number, size, begin + 1 if size else 0)
        begin += size
    rest = struct.pack("<I", begin) + _section(0, pointers) + b"".join(made.values())
    return struct.pack("<H", _crc(rest)) + rest


def _bits(value: int, size: int) -> str:
    return f"{value & (1 << size) - 1:0{size}b}"


def _default_code(value: int) -> str:
    """A number by the standard's table: 0 is one bit, up to 8 it is so many ones, a nought and the sign."""
    if value == 0:
        return "0"
    if abs(value) <= 8:
        return "1" * abs(value) + ("00" if value > 0 else "01")[0] + ("0" if value > 0 else "1")
    return "1111111110" + _bits(value, 8) if -128 <= value < 128 else "1111111111" + _bits(value, 16)


# Two tables of one's own: bits of the prefix, of the code, whether it is a number, its base, its prefix as bits.
OWN = (
    ((1, 5, 1, 3, "0"), (2, 2, 0, 2, "10"), (2, 2, 1, -40, "11")),
    ((1, 17, 1, 100, "1"), (1, 1, 0, 1, "0")),
)


def _own_code(value: int) -> str:
    """A number by table 1, or by table 2 and back."""
    if value == -40:
        return "11"
    return "0" + _bits(value - 3, 4) if -8 <= value - 3 < 8 else "10" + "1" + _bits(value - 100, 16) + "0"


def _own_tables() -> bytes:
    section = struct.pack("<H", len(OWN))
    for table in OWN:
        section += struct.pack("<H", len(table))
        for prefix_bits, all_bits, mode, base, prefix in table:
            section += struct.pack("<BBBhI", prefix_bits, all_bits, mode, base, int(prefix[::-1], 2))
    return section


TABLES = {"default": (struct.pack("<H", 19999), _default_code), "own": (_own_tables(), _own_code)}


def _encoded(samples: np.ndarray, table: str | None, differences: int) -> bytes:
    values = samples.tolist()
    for _ in range(differences):
        values = [values[0], *(after - before for before, after in pairwise(values))]
    if differences == 2:
        values[1] = int(samples[1])
    if table is None:
        return struct.pack(f"<{len(values)}h", *values)
    bits = "".join(map(TABLES[table][1], values))
    content = bytes(int(bits[at : at + 8].ljust(8, "0"), 2) for at in range(0, len(bits), 8))
    return content + b"\0" * (len(content) % 2)


def _coded(
    leads: list[np.ndarray], table: str | None, differences: int, interval_us: int, flags: int = 0, nv: int = UNIT_NV
) -> bytes:
    encoded = [_encoded(lead, table, differences) for lead in leads]
    head = struct.pack("<HHBB", nv, interval_us, differences, flags)
    return head + b"".join(struct.pack("<H", len(lead)) for lead in encoded) + b"".join(encoded)


def _subtract(lead: np.ndarray, beat: np.ndarray) -> np.ndarray:
    """What is left when the reference beat is subtracted at every other beat."""
    left = lead.copy()
    for peak in PEAKS[::2]:
        left[peak - BEFORE : peak - BEFORE + BEAT] -= beat
    return left


def _beats() -> bytes:
    """Section 4: every other beat is of type 0; all of it was subtracted."""
    zones = [(i % 2, peak - BEFORE + 1, peak + 1, peak - BEFORE + BEAT) for i, peak in enumerate(PEAKS)]
    rows = b"".join(struct.pack("<HIII", *zone) for zone in zones)
    return struct.pack("<HHH", BEAT * 2, BEFORE + 1, len(PEAKS)) + rows + b"".join(struct.pack("<II", 1, 1) for _ in zones)


def _sections(
    table: str | None = "default", differences: int = 2, beats: bool = False, flags: int = 0, interval_us: int = 2000,
    nv: int = UNIT_NV, beat_us: int = 2000,
) -> dict[int, bytes]:  # fmt: skip
    leads = [counts(RATE_HZ, UNIT_NV / 1e6, share) for share in CODES.values()]
    sections = {1: b"\0\4\0Doe\0\1\5\0Jane\0\xff\0\0"} | ({2: TABLES[table][0]} if table else {})
    rows = b"".join(struct.pack("<IIB", 1, len(leads[0]), code) for code in CODES)
    sections[3] = bytes([len(CODES), 0b100 | beats | len(CODES) << 3 & 0xF8]) + rows
    if beats:
        medians = [lead[PEAKS[0] - BEFORE : PEAKS[0] - BEFORE + BEAT] for lead in leads]
        leads = [_subtract(lead, median) for lead, median in zip(leads, medians, strict=True)]
        sections |= {4: _beats(), 5: _coded(medians, table, differences, beat_us)}
    return sections | {6: _coded(leads, table, differences, interval_us, flags, nv)}


def _without(number: int) -> bytes:
    sections = _sections(beats=True)
    del sections[number]
    return _record(sections)


def _exact(share_of_one: float, share_of_two: float) -> dict[str, object]:
    one, two = (counts(RATE_HZ, UNIT_NV / 1e6, CODES[code]) for code in (1, 2))
    return {"millivolts": lambda: (share_of_one * one + share_of_two * two) * (UNIT_NV / 1e6)}


def _file(
    id: str, row: str, draw: Callable[[], bytes] | None = None, name: str = "r.scp", *,
    right: dict[str, Any] | None = None, **how: Any,
) -> RecordingFile:  # fmt: skip
    right = right or {}
    on_page = DAMAGED if "refused" in right else ""
    told = {"lead": "II", "sampling_rate_hz": RATE_HZ, "refused_on_page": on_page, **_exact(0, 1)} | right
    write = writer(lambda: {name: draw() if draw else _record(_sections(**how))})
    return RecordingFile(f"scp-{id}", row, write, **({"lead_read": told["lead"]} | told))


def _changed(where: int) -> bytes:
    content = bytearray(_record(_sections()))
    content[where] ^= 0x10
    return bytes(content)


SCP_FILES = (
    _file("plain", SCP),
    _file("no-ending", SCP, name="r"),
    *(_file(f"{table or 'no'}-table-{times}", SCP, table=table, differences=times) for table in TABLES for times in (0, 1)),
    *(_file(f"no-table-{times}", SCP, table=None, differences=times) for times in (0, 1, 2)),
    _file("own-table-2", SCP, table="own"),
    _file("reference-beats", SCP, beats=True),
    _file("reference-beats-as-they-are", SCP, beats=True, table=None, differences=0),
    _file("bimodal-of-all-samples", SCP, flags=1, beats=True),
    _file("aVF", SCP, right={"lead": "aVF", "notes": ("computed from I and II",), **_exact(-0.5, 1)}),
    _file("V6", SCP, right={"lead": "V6", "millivolts": lambda: counts(RATE_HZ, UNIT_NV / 1e6, CODES[8]) * (UNIT_NV / 1e6)}),
    _file("bimodal", BROKEN, flags=1, beats=True, interval_us=8000, right={"refused": "bimodal", "refused_on_page": ""}),
    _file("bimodal-without-beats", BROKEN, flags=1, right={"refused": "bimodal", "refused_on_page": ""}),
    _file("checksum", BROKEN, lambda: _changed(-100), right={"refused": "checksum"}),
    _file("length", BROKEN, lambda: _changed(3), right={"refused": "cut off or damaged"}),
    _file("cut-off", BROKEN, lambda: _record(_sections())[:-100], right={"refused": "cut off"}),
    _file("no-rhythm", BROKEN, lambda: _without(6), right={"refused": "leads and a rhythm"}),
    _file("no-reference-beat", BROKEN, lambda: _without(5), right={"refused": "reference beat"}),
    _file("reference-beat-at-another-rate", BROKEN, beats=True, beat_us=1000, right={"refused": "reference beat"}),
    _file("no-rate", BROKEN, interval_us=0, right={"refused": "sampling rate"}),
    _file("no-size", BROKEN, nv=0, right={"refused": "size of a step"}),
    _file("other-codes", BROKEN, lambda: _record(_sections() | {2: _own_tables()}), right={"refused": "damaged"}),
    _file("zeros", BROKEN, lambda: bytes(500), right={"refused": "SCP-ECG"}),
)
