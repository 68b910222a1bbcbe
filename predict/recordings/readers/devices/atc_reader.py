"""AliveCor `.atc` files (ATC File Format Specification 1.7): a signature, then blocks with a checksum each.

Only the format and the leads are read: never the block that says who and when.
"""

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from predict.recordings.file_kind import whole_file
from predict.recordings.signal import BadRecording, Channel, OpenRecording, Samples

SIGNATURE_BYTES, BLOCK_HEADER_BYTES, CHECKSUM_BYTES = 12, 8, 4
SIGNED_16_BITS = 1
FORMAT = b"fmt "
LEADS = {b"ecg ": "I", b"ecg2": "II", b"ecg3": "III", b"ecg4": "aVR", b"ecg5": "aVL", b"ecg6": "aVF"}
LEADS |= {b"ecg7": "V1", b"ecg8": "V2", b"ecg9": "V3", b"ecga": "V4", b"ecgb": "V5", b"ecgc": "V6"}


def open_recording(path: Path) -> OpenRecording:
    """The leads of the file; raises BadRecording."""
    blocks = dict(_blocks(path, whole_file(path)))
    leads = [name for name in blocks if name in LEADS]
    if FORMAT not in blocks or not leads:
        raise BadRecording(f"{path}: expected an AliveCor file with a format and a lead, this one lacks them")
    kind, rate_hz, size_nv = struct.unpack_from("<BHH", blocks[FORMAT])
    if kind != SIGNED_16_BITS or not size_nv:
        raise BadRecording(f"{path}: expected an AliveCor file with samples of 16 bits and their size in nV")

    def read(index: int) -> Samples:
        return Samples([np.frombuffer(blocks[leads[index]], "<i2") * float(size_nv)], float(rate_hz))

    return OpenRecording([Channel(LEADS[name], "nV") for name in leads], read)


def _blocks(path: Path, content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The name and the data of each block; raises BadRecording where one is cut off or damaged."""
    begin = SIGNATURE_BYTES
    while begin < len(content):
        name = content[begin : begin + 4]
        end = begin + BLOCK_HEADER_BYTES + int.from_bytes(content[begin + 4 : begin + BLOCK_HEADER_BYTES], "little")
        if end + CHECKSUM_BYTES > len(content):
            raise BadRecording(f"{path}: expected a whole AliveCor file, it is cut off")
        if not _agrees(content[begin:end], int.from_bytes(content[end : end + CHECKSUM_BYTES], "little")):
            raise BadRecording(f"{path}: expected blocks that agree with their checksums, one is damaged")
        yield name, content[begin + BLOCK_HEADER_BYTES : end]
        begin = end + CHECKSUM_BYTES


def _agrees(block: bytes, said: int) -> bool:
    """Whether a checksum is right: the sum of the bytes as AliveCor's programs write it, or a CRC-32 as its document says."""
    return said in (sum(block) & 0xFFFFFFFF, zlib.crc32(block))
