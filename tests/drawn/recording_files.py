"""One set of files that the page and `predict` are both tested with: FILES, of every kind that is read, and of some that are not.

A test has `@pytest.mark.parametrize("file", FILES, ids=ids(FILES))` and hands in
what `file.write(tmp_path)` returns, to `predict` the first of it.
"""

from aecg_files import AECG_FILES
from atc_files import ATC_FILES
from csv_files import CSV_FILES
from dicom_files import DICOM_FILES
from drawing import RecordingFile, ids, writer
from edf_files import EDF_FILES
from ishne_files import ISHNE_FILES
from muse_files import MUSE_FILES
from opensignals_files import OPENSIGNALS_FILES
from scp_files import SCP_FILES
from sierra_files import SIERRA_FILES
from wfdb_files import WFDB_FILES

__all__ = ["FILES", "RecordingFile", "ids"]

UNKNOWN = "Other kinds of files"
KINDS: dict[str, tuple[str, bytes, str]] = {
    "xml": ("r.xml", b'<?xml version="1.0"?><gpx><name>Jane Doe</name></gpx>', "is an XML file"),
    "xml-utf-16": ("r.xml", '<?xml version="1.0"?><svg/>'.encode("utf-16"), "is an XML file"),
    "xml-named-csv": ("r.csv", b"\n<note/>", "is an XML file"),
    "json": ("r.json", b'{"name": "Jane Doe", "ecg": [1, 2]}', "is a JSON file"),
    "pdf": ("r.pdf", b"%PDF-1.7\n1 0 obj\nJane Doe\n", "is a PDF file"),
    "zip": ("r.zip", b"PK\x03\x04\x14\0\0\0\x08\0" + bytes(40), "is a ZIP file"),
    "png": ("r.png", b"\x89PNG\r\n\x1a\n" + bytes(40), "is an image"),
    "jpeg": ("r.jpg", b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(40), "is an image"),
    "hdf5": ("r.h5", b"\x89HDF\r\n\x1a\n" + bytes(40), "is an HDF5 file"),
    "matlab": ("r.mat", b"MATLAB 5.0 MAT-file, written by Jane Doe".ljust(128) + bytes(40), "is a MATLAB file"),
    "dat-alone": ("r.dat", bytes(range(256)) * 4, "header"),
    "binary": ("r.bin", b"\0\1\2\3", "is of no kind that is known"),
    "empty": ("r.csv", b"", "is empty"),
    "words": ("r.txt", b"Jane Doe came in on Monday.\nShe left on Tuesday.\n", "lines of numbers"),
}
OTHER_FILES = tuple(
    RecordingFile(f"other-{id}", UNKNOWN, writer({name: content}), refused=words) for id, (name, content, words) in KINDS.items()
)
FILES: tuple[RecordingFile, ...] = (
    *(*WFDB_FILES, *CSV_FILES, *EDF_FILES, *DICOM_FILES),
    *(*AECG_FILES, *MUSE_FILES, *SIERRA_FILES, *SCP_FILES, *ISHNE_FILES, *ATC_FILES, *OPENSIGNALS_FILES),
    *OTHER_FILES,
)
