"""What kind a file is: told by its first bytes; by its ending only where these do not say."""

import codecs
import gzip
import re
import zlib
from enum import Enum
from pathlib import Path

from predict.recordings.signal import BadRecording

HEAD_BYTES = 4096
LARGEST_BYTES = 128 * 2**20  # of a file that is read into memory as a whole
KINDS_READ = (
    "WFDB (.hea with its .dat), EDF, BDF, DICOM waveforms, HL7 aECG, MUSE and Philips XML, SCP-ECG, ISHNE, AliveCor, "
    "OpenSignals and CSV"
)
READ_HERE = f"read are {KINDS_READ}: export it as one of these"


class Kind(Enum):
    """What is read; the value is what a person calls it."""

    WFDB = "a WFDB record"
    EDF = "an EDF file"
    BDF = "a BDF file"
    DICOM = "a DICOM file"
    AECG = "an HL7 aECG file"
    MUSE = "a MUSE file"
    SIERRA = "a Philips Sierra file"
    SCP = "an SCP-ECG file"
    ISHNE = "an ISHNE file"
    ATC = "an AliveCor file"
    OPENSIGNALS = "an OpenSignals file"
    CSV = "CSV of signals"


_BEGINNINGS = {b"0       ": Kind.EDF, b"\xffBIOSEMI": Kind.BDF, b"ISHNE1.0": Kind.ISHNE, b"ALIVE\0\0\0": Kind.ATC}
_XML_ROOTS = {"AnnotatedECG": Kind.AECG, "RestingECG": Kind.MUSE, "restingecgdata": Kind.SIERRA}
_OTHERS = {
    b"PK\x03\x04": "a ZIP file",
    b"%PDF": "a PDF file",
    b"\x89PNG": "an image",
    b"\xff\xd8\xff": "an image",
    b"GIF8": "an image",
    b"II*\0": "an image",
    b"MM\0*": "an image",
    b"BM": "an image",
    b"\x89HDF": "an HDF5 file",
    b"MATLAB": "a MATLAB file",
    b"\xd0\xcf\x11\xe0": "an Office file",
    b"Rar!": "an RAR file",
    b"7z\xbc\xaf": "a 7z file",
    b"PAR1": "a Parquet file",
    b"ANN  1.0": "annotations of an ISHNE file",
    b"\x93NUMPY": "a NumPy file",
    b"\x1f\x8b": "a gzip file of something else than text",
}
_ENCODINGS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}  # by the mark at the beginning
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_XML_PROLOG = re.compile(r"<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>[]*(?:\[.*?\]\s*)?>|\s+", re.DOTALL)
_XML_ROOT = re.compile(r"<(?:[\w.-]+:)?([\w.-]+)")
_RECORD_LINE = re.compile(r"[\w.+-]+(/\d+)?([ \t]+\d+)([ \t]+\d[\d.eE+-]*(/\S+)?)?([ \t]+\d+)?([ \t].*)?")
_NEXT_LINE = re.compile(r"(~|[\w./-]*[A-Za-z_][\w./-]*)[ \t]+\d+([x:+ \t].*)?")  # of a signal or of a segment


def kind_of(path: Path) -> Kind:
    """The kind of a recording; raises BadRecording, which says what the file is instead, and OSError."""
    head = first_bytes(path)
    encoding = detect_encoding(head)
    if head[128:132] == b"DICM":
        return Kind.DICOM
    if beginning := _BEGINNINGS.get(head[:8]):
        return beginning
    if head[16:22] == b"SCPECG" or (not encoding and path.suffix.lower() == ".scp"):
        return Kind.SCP
    if not encoding or not head.strip():
        raise BadRecording(f"{path}: expected a recording, this is {_binary(path, head)}; {READ_HERE}")
    text = head.decode(encoding, "replace").lstrip("\ufeff \t\r\n")
    if path.suffix.lower() == ".hea" or is_wfdb_header(text):
        return Kind.WFDB
    if text.startswith("# OpenSignals Text File Format"):
        return Kind.OPENSIGNALS
    if kind := _XML_ROOTS.get(_xml_root(text)):
        return kind
    if text[0] in "<{[%" and (other := {"<": "an XML file", "%": _pdf(text)}.get(text[0], "a JSON file")):
        raise BadRecording(f"{path}: expected a recording, this is {other}; {READ_HERE}")
    return Kind.CSV


def first_bytes(path: Path, size: int = HEAD_BYTES) -> bytes:
    """The first `size` bytes, of a file packed with gzip those of the text in it."""
    with path.open("rb") as opened:
        head = opened.read(size)
    if head[:2] != b"\x1f\x8b":
        return head
    try:
        with gzip.open(path) as unpacked:
            return unpacked.read(size)
    except (OSError, EOFError, zlib.error) as error:
        raise BadRecording(f"{path}: expected a whole gzip file, it cannot be unpacked") from error


def whole_file(path: Path) -> bytes:
    """All bytes of a file, unpacked as those of `first_bytes`; raises BadRecording where they are too many to be held."""
    content = first_bytes(path, LARGEST_BYTES + 1)
    if len(content) > LARGEST_BYTES:
        raise BadRecording(f"{path}: expected at most {LARGEST_BYTES >> 20} MiB in a file of this kind: export it as EDF")
    return content


def detect_encoding(head: bytes) -> str | None:
    """How a text is encoded that begins so; None where it is no text."""
    for mark, encoding in _ENCODINGS.items():
        if head.startswith(mark):
            return encoding
    if _BINARY.search(head[:HEAD_BYTES]):
        return None
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return "latin-1"
    return "utf-8"


def is_wfdb_header(text: str) -> bool:
    """Whether its first two lines that are no comments are those of a WFDB header."""
    lines = [line.strip() for line in re.split(r"\r\n|\n|\r", text) if line.strip() and not line.lstrip().startswith("#")]
    return len(lines) > 1 and bool(_RECORD_LINE.fullmatch(lines[0]) and _NEXT_LINE.fullmatch(lines[1]))


def _xml_root(text: str) -> str:
    """The name of the first element of an XML document; empty where this is none."""
    begin = 0
    while found := _XML_PROLOG.match(text, begin):
        begin = found.end()
    root = _XML_ROOT.match(text, begin)
    return root[1] if root else ""


def _pdf(text: str) -> str:
    return "a PDF file" if text.startswith("%PDF") else ""  # else a line of comment


def _binary(path: Path, head: bytes) -> str:
    if not head.strip():
        return "empty"
    if path.suffix.lower() == ".dat":
        return f"a signal file without its header {path.stem}.hea beside it"
    return next((name for mark, name in _OTHERS.items() if head.startswith(mark)), "of no kind that is known")
