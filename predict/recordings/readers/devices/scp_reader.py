"""SCP-ECG files (ISO/IEEE 11073-91064, EN 1064, versions 1 and 2): Huffman codes, differences, subtracted reference beats.

Of a file the pointers and sections 2 to 6 are read: never section 1, which says who and when.
"""

import binascii
import struct
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np

from predict.recordings.derived_leads import with_derived
from predict.recordings.file_kind import whole_file
from predict.recordings.readers.devices.scp_huffman import decode, read_tables, undo_differences
from predict.recordings.signal import BadRecording, Channel, OpenRecording, Samples

RECORD_HEADER_BYTES, SECTION_HEADER_BYTES, POINTER_BYTES = 6, 16, 10
POINTERS, TABLES, LEADS, BEATS, REFERENCE_BEAT, RHYTHM = 0, 2, 3, 4, 5, 6
SUBTRACTED = 1  # of the flags in section 3
NAMES = ("", "I", "II", "V1", "V2", "V3", "V4", "V5", "V6", "V7", "V2R", "V3R", "V4R", "V5R", "V6R", "V7R", "X", "Y", "Z")
NAMES_FROM_61 = ("III", "aVR", "aVL", "aVF", "-aVR", "V8", "V9", "V8R", "V9R", "D", "A", "J")


class Lead(NamedTuple):
    """A lead as section 3 has it: its first and last sample, from 1 on, and its name."""

    first: int
    last: int
    name: str


class Coded(NamedTuple):
    """Section 5 or 6: nV of a step, microseconds between samples, how many times they are differences, the bytes of each lead."""

    size_nv: int
    interval_us: int
    differences: int
    bimodal: bool
    leads: list[bytes]


def open_recording(path: Path) -> OpenRecording:
    """The leads of the rhythm, and those that follow from I and II; raises BadRecording."""
    sections = _sections(path, whole_file(path))
    if LEADS not in sections or RHYTHM not in sections:
        raise BadRecording(f"{path}: expected an SCP-ECG file with leads and a rhythm, this one lacks them")
    leads, rhythm = _leads(sections[LEADS]), _coded(sections, RHYTHM)
    if not rhythm.interval_us or not rhythm.size_nv:
        raise BadRecording(f"{path}: expected an SCP-ECG file with a sampling rate and the size of a step in nV")
    beats = _coded(sections, REFERENCE_BEAT) if {BEATS, REFERENCE_BEAT} <= sections.keys() else None
    same_rate = beats is not None and beats.interval_us == rhythm.interval_us
    if rhythm.bimodal and not same_rate:
        raise BadRecording(
            f"{path}: expected an SCP-ECG file without bimodal compression, which leaves out samples between beats"
        )
    if sections[LEADS][1] & SUBTRACTED and not same_rate:
        raise BadRecording(f"{path}: expected the reference beat that was subtracted, at the sampling rate of the rhythm")

    def read(index: int) -> Samples:
        values = _decode(sections, rhythm, index, leads[index].last - leads[index].first + 1)
        if sections[LEADS][1] & SUBTRACTED and beats:
            _add_reference_beat(sections, beats, leads[index], values, index)
        return Samples([values], 1e6 / rhythm.interval_us)

    return with_derived(OpenRecording([Channel(lead.name, "nV") for lead in leads], read))


def _sections(path: Path, content: bytes) -> dict[int, bytes]:
    """What follows the header of each section that is there; raises BadRecording where a checksum or a length is wrong."""
    said, length = struct.unpack_from("<HI", content)
    if not RECORD_HEADER_BYTES + SECTION_HEADER_BYTES < length <= len(content):
        raise BadRecording(f"{path}: expected a whole SCP-ECG file, it is cut off or damaged")
    if binascii.crc_hqx(content[2:length], 0xFFFF) != said:
        raise BadRecording(f"{path}: expected an SCP-ECG file that agrees with its checksum, it is damaged")
    [size] = struct.unpack_from("<I", content, RECORD_HEADER_BYTES + 4)
    pointers = content[RECORD_HEADER_BYTES + SECTION_HEADER_BYTES : RECORD_HEADER_BYTES + size]
    sections = {}
    for begin in range(0, len(pointers) - POINTER_BYTES + 1, POINTER_BYTES):
        number, size, index = struct.unpack_from("<HII", pointers, begin)
        if size > SECTION_HEADER_BYTES and number != POINTERS:
            sections[number] = content[index - 1 + SECTION_HEADER_BYTES : index - 1 + size]
    return sections


def _leads(section: bytes) -> list[Lead]:
    rows = (struct.unpack_from("<IIB", section, 2 + 9 * i) for i in range(section[0]))
    names = {**dict(enumerate(NAMES)), **dict(enumerate(NAMES_FROM_61, 61))}
    return [Lead(first, last, names.get(code, "")) for first, last, code in rows]


def _coded(sections: dict[int, bytes], number: int) -> Coded:
    section, count = sections[number], sections[LEADS][0]
    size_nv, interval_us, differences, bimodal = struct.unpack_from("<HHBB", section)
    sizes = struct.unpack_from(f"<{count}H", section, 6)
    ends = (6 + 2 * count + np.cumsum([0, *sizes])).tolist()
    return Coded(size_nv, interval_us, differences, bool(bimodal), [section[a:b] for a, b in pairwise(ends)])


def _decode(sections: dict[int, bytes], coded: Coded, index: int, samples: int) -> np.ndarray:
    """One lead in nV, float64 (samples,); the others are not decoded. Raises ValueError where there are fewer samples."""
    if TABLES in sections:
        values = decode(coded.leads[index], samples, read_tables(sections[TABLES]))
    else:
        values = np.array(struct.unpack_from(f"<{samples}h", coded.leads[index]), np.int64)
    return undo_differences(values, coded.differences) * float(coded.size_nv)


def _add_reference_beat(sections: dict[int, bytes], beats: Coded, lead: Lead, values: np.ndarray, index: int) -> None:
    """Add the beat that was subtracted from `values`, nV (samples,), at each beat of type 0, as far as section 4 says."""
    length_ms, peak, count = struct.unpack_from("<HHH", sections[BEATS])
    beat = _decode(sections, beats, index, round(length_ms * 1000 / beats.interval_us))
    for i in range(count):
        kind, first, r_peak, last = struct.unpack_from("<HIII", sections[BEATS], 6 + 14 * i)
        begin = r_peak - peak + 1  # the sample, from 1 on, at which the reference beat begins
        first, last = max(first, begin, lead.first), min(last, begin + len(beat) - 1, lead.last)
        if kind == 0 and first <= last:
            values[first - lead.first : last - lead.first + 1] += beat[first - begin : last - begin + 1]
