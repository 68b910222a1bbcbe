"""A file's bytes to its text: compression, encoding and line ends; what is no text is named for what it is."""

import codecs
import gzip
import re
import zlib

from train.errors import BadRecords

EXPECTED = "expected rows as text: CSV (commas, semicolons or tabs) or white-space separated numbers, gzipped or not"
AS_CSV = "save it as CSV"
UNPACK = "unpack it"
RECORDING = "python -m train --task annotation reads recordings (WFDB, with annotations)"

# What the first bytes say, in the order in which they are compared: offset, bytes, kind, what to do.
MAGIC = (
    (0, b"PAR1", "a Parquet file", AS_CSV),
    (0, b"ARROW1", "an Arrow file", AS_CSV),
    (0, b"FEA1", "a Feather file", AS_CSV),
    (0, b"\xd0\xcf\x11\xe0", "an old Excel workbook (.xls)", AS_CSV),
    (0, b"\x89HDF", "an HDF5 file", AS_CSV),
    (0, b"MATLAB 5.0", "a MATLAB file", AS_CSV),
    (0, b"\x93NUMPY", "a NumPy array", AS_CSV),
    (0, b"SQLite format 3", "an SQLite database", AS_CSV),
    (0, b"RDX", "an R data file", AS_CSV),
    (0, b"$FL2", "an SPSS file", AS_CSV),
    (0, b"%PDF", "a PDF", AS_CSV),
    (0, b"\x89PNG", "a picture", AS_CSV),
    (0, b"\xff\xd8\xff", "a picture", AS_CSV),
    (0, b"7z\xbc\xaf", "a 7z archive", UNPACK),
    (0, b"Rar!", "a RAR archive", UNPACK),
    (0, b"BZh", "a file compressed with bzip2", UNPACK),
    (0, b"\xfd7zXZ", "a file compressed with xz", UNPACK),
    (0, b"\x28\xb5\x2f\xfd", "a file compressed with zstd", UNPACK),
    (257, b"ustar", "a tar archive", UNPACK),
    (128, b"DICM", "a DICOM file", RECORDING),
    (0, b"0       ", "an EDF recording", RECORDING),
    (0, b"\xffBIOSEMI", "a BDF recording", RECORDING),
    (0, b"{", "JSON", AS_CSV),
    (0, b"[", "JSON", AS_CSV),
    (0, b"<", "XML or HTML", AS_CSV),
)
ZIPPED = (
    (b"xl/", "an Excel workbook (.xlsx)", AS_CSV),
    (b"opendocument.spreadsheet", "an OpenDocument sheet", AS_CSV),
    (b".npy", "a NumPy archive (.npz)", AS_CSV),
    (b"", "a zip archive", UNPACK),
)
TEXT = (
    (r"(?:%.*\n|\s)*@relation\b", "an ARFF file", AS_CSV),
    (r"(?:#.*\n|\s)*@problemname\b", "a .ts file of sktime", AS_CSV),
    (r"\S+ \d+ [\d./()]+.*\n(?:#.*\n)*\S+\.(?:dat|mat) ", "the header of a WFDB record", RECORDING),
)
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def text_of(data: bytes) -> str:
    r"""The text of a file with its lines ended by `\n`, whichever way they end in the file.

    Raises BadRecords where it is no text, naming what it is if that is known.
    """
    data = _unzipped(data)
    if kind := _kind(data):
        raise BadRecords(f"{kind[0]}, {EXPECTED}; {kind[1]}")
    text = _decoded(data).rstrip("\x1a").replace("\r\n", "\n").replace("\r", "\n")
    if re.search(r"[\x00-\x08\x0e-\x1f\x7f]", text):
        raise BadRecords(f"not a text file, {EXPECTED}")
    for pattern, name, advice in TEXT:
        if re.match(pattern, text, re.IGNORECASE):
            raise BadRecords(f"{name}, {EXPECTED}; {advice}")
    if not text.strip():
        raise BadRecords("the file is empty")
    return text


def _unzipped(data: bytes) -> bytes:
    try:
        return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise BadRecords("the gzip file is damaged") from error


def _kind(data: bytes) -> tuple[str, str] | None:
    """What a file is that holds no rows as text, and what to do with it."""
    if data[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        return next((name, advice) for mark, name, advice in ZIPPED if mark in data)
    return next(((name, advice) for at, mark, name, advice in MAGIC if data[at : at + len(mark)] == mark), None)


def _decoded(data: bytes) -> str:
    """By its byte order mark, else UTF-16 where every other byte is zero, else UTF-8, else as Windows writes Western text."""
    encoding = next((name for mark, name in BYTE_ORDER_MARKS if data.startswith(mark)), None)
    if not encoding and len(data) > 3:
        encoding = "utf-16-le" if not any(data[1:64:2]) else "utf-16-be" if not any(data[0:64:2]) else None
    for name in [encoding] if encoding else ["utf-8", "cp1252", "latin-1"]:
        try:
            return data.decode(name)
        except UnicodeDecodeError:
            continue
    raise BadRecords(f"not a text file, {EXPECTED}")
