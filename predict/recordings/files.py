"""Which files are recordings, and how each kind is read."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from predict.recordings import csv_reader as csvfile
from predict.recordings import dicom_reader as dicomfile
from predict.recordings import edf_reader as edffile
from predict.recordings import wfdb_reader as wfdbfile
from predict.recordings.signal import KINDS, BadRecording, Signal, is_recording

SIGNAL_CSV = (".csv", ".csv.gz")


class How(NamedTuple):
    """What a file may leave open; None where nothing was told."""

    lead: str | None = None
    rate_hz: float | None = None
    unit: str | None = None


def found(paths: Sequence[Path]) -> Iterator[Path]:
    """The recordings among files and in folders, CSV among them; raises BadRecording for what is none."""
    for path in paths:
        if path.is_dir():
            inside = sorted(p for p in path.iterdir() if is_recording(p) or p.name.lower().endswith(SIGNAL_CSV))
            if not inside:
                raise BadRecording(f"{path}: expected recordings in it ({', '.join((*KINDS, *SIGNAL_CSV))}), found none")
            yield from inside
        elif not path.exists():
            raise BadRecording(f"{path}: there is no such file")
        elif path.suffix.lower() == ".dat" and path.with_suffix(".hea").exists():
            yield path.with_suffix(".hea")
        elif is_recording(path) or path.name.lower().endswith(SIGNAL_CSV):
            yield path
        else:
            raise BadRecording(f"{path}: expected a recording: {', '.join((*KINDS, *SIGNAL_CSV))}")


def leads(path: Path) -> list[str]:
    """The names of a recording's leads; raises BadRecording."""
    kinds = {".hea": wfdbfile, ".edf": edffile, ".bdf": edffile, ".dcm": dicomfile}
    return kinds.get(path.suffix.lower(), csvfile).leads(path)


def read(path: Path, how: How) -> Signal:
    """One lead of a recording; raises BadRecording."""
    kind = path.suffix.lower()
    if kind == ".hea":
        return wfdbfile.read(path, how.lead)
    if kind in (".edf", ".bdf"):
        return edffile.read(path, how.lead)
    if kind == ".dcm":
        return dicomfile.read(path, how.lead)
    return csvfile.read(path, how.lead, how.rate_hz, how.unit)
