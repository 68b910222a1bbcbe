"""ISHNE Holter files (Badilini, The ISHNE Holter standard output file format, Ann Noninvasive Electrocardiol 3:263, 1998).

Of the header only what the samples need is read: never patient, dates or comments.
"""

import binascii
import struct
from pathlib import Path
from typing import NamedTuple

import numpy as np

from predict.recordings.readers.blocks import read_blocks
from predict.recordings.signal import BadRecording, Channel, OpenRecording, Samples

MAGIC = b"ISHNE1.0"
HEADER_BYTES, CHECKED_FROM = 522, 10
MOST_LEADS = 12
LEADS = ("", "", "X", "Y", "Z", "I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6", "ES", "AS", "AI")
FAULT = -32768  # a sample at which the lead was off


class Header(NamedTuple):
    """What is used of a header.

    begin           where the samples begin, in bytes
    samples         how many there are by the header, of a lead or of all leads
    codes, sizes    of each lead: its name by the standard's table; nV of a step
    """

    begin: int
    samples: int
    codes: tuple[int, ...]
    sizes: tuple[int, ...]
    rate_hz: float


def open_recording(path: Path) -> OpenRecording:
    """The leads of the file; raises BadRecording."""
    header = _read_header(path)
    channels = [
        Channel(LEADS[code] if 0 <= code < len(LEADS) else "", "nV" if size > 0 else "")
        for code, size in zip(header.codes, header.sizes, strict=True)
    ]
    return OpenRecording(channels, lambda index: _read_lead(path, header, index))


def _read_header(path: Path) -> Header:
    with path.open("rb") as file:
        content = file.read(HEADER_BYTES)
        if content[: len(MAGIC)] != MAGIC or len(content) < HEADER_BYTES:
            raise BadRecording(f"{path}: expected an ISHNE file that is not packed, with a header of {HEADER_BYTES} bytes")
        checksum, comment_bytes, samples = struct.unpack_from("<Hii", content, len(MAGIC))
        begin = HEADER_BYTES + comment_bytes
        if not HEADER_BYTES <= begin < path.stat().st_size:
            raise BadRecording(f"{path}: expected samples after the header of the ISHNE file, found none")
        content += file.read(comment_bytes)
    _check(path, checksum, content[CHECKED_FROM:])
    leads = struct.unpack_from("<h", content, 156)[0]
    codes, sizes = struct.unpack_from("<12h", content, 158), struct.unpack_from("<12h", content, 206)
    if not 1 <= leads <= MOST_LEADS:
        raise BadRecording(f"{path}: expected 1 to {MOST_LEADS} leads in an ISHNE file, it says {leads}")
    return Header(begin, samples, codes[:leads], sizes[:leads], float(struct.unpack_from("<h", content, 272)[0]))


def _check(path: Path, said: int, content: bytes) -> None:
    """CRC-CCITT of the header, either byte first, for the standard does not say which; 0 where a program does not compute it."""
    computed = binascii.crc_hqx(content, 0xFFFF)
    if said not in (0, computed, (computed & 0xFF) << 8 | computed >> 8):
        raise BadRecording(f"{path}: expected a header that agrees with its checksum: it is damaged, or was changed")


def _read_lead(path: Path, header: Header, index: int) -> Samples:
    """One lead in nV, or in steps of which the size is not said; the others are not read into memory."""
    leads = len(header.codes)
    there = (path.stat().st_size - header.begin) // (2 * leads)
    stored = (_lead_of(block, leads, index) for block in read_blocks(path, header.begin, 2 * leads))
    blocks = (np.where(lead == FAULT, np.nan, lead * float(max(header.sizes[index], 1))) for lead in stored)
    short = there < header.samples != there * leads
    return Samples(blocks, header.rate_hz, (f"{there} of {header.samples} samples are there",) if short else ())


def _lead_of(block: np.ndarray, leads: int, index: int) -> np.ndarray:
    """The whole numbers of one lead in the bytes of all; of a last moment that is cut off none."""
    whole = block[: len(block) // (2 * leads) * 2 * leads]
    return whole.view("<i2").reshape(-1, leads)[:, index]
