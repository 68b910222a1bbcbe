"""Which files are recordings, and how each kind is read."""

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

from predict.recordings import lead_names
from predict.recordings.file_kind import KINDS_READ, Kind, kind_of
from predict.recordings.readers import csv_reader, dicom_reader, edf_reader, wfdb_reader
from predict.recordings.readers.devices import atc_reader, ishne_reader, opensignals_reader, scp_reader
from predict.recordings.readers.xml import aecg_reader, muse_reader, sierra_reader
from predict.recordings.signal import BadRecording, OpenRecording, Signal, resolve_sampling_rate, resolve_unit, to_millivolts

CSV_ENDINGS = (".csv", ".csv.gz", ".tsv")
TEXT_ENDINGS = (".txt", ".txt.gz")  # in a folder a recording only where there is a table in it
RECORDING_ENDINGS = (".hea", ".edf", ".bdf", ".dcm", ".scp", ".atc")
SIGNAL_ENDINGS = (".dat", ".mat")  # of WFDB, read by the header beside them
T = TypeVar("T")
_OPENERS: dict[Kind, Callable[[Path], OpenRecording]] = {
    Kind.WFDB: wfdb_reader.open_recording,
    Kind.EDF: edf_reader.open_recording,
    Kind.BDF: edf_reader.open_recording,
    Kind.DICOM: dicom_reader.open_recording,
    Kind.AECG: aecg_reader.open_recording,
    Kind.MUSE: muse_reader.open_recording,
    Kind.SIERRA: sierra_reader.open_recording,
    Kind.SCP: scp_reader.open_recording,
    Kind.ISHNE: ishne_reader.open_recording,
    Kind.ATC: atc_reader.open_recording,
    Kind.OPENSIGNALS: opensignals_reader.open_recording,
    Kind.CSV: csv_reader.open_recording,
}


ALL_LEADS = "all"  # as --lead takes it


class ReadingOptions(NamedTuple):
    """What a file may leave open; None where nothing was told."""

    lead: str | None = None
    sampling_rate_hz: float | None = None
    unit: str | None = None


class Found(NamedTuple):
    """A recording, and the folder in which it lies within the folder that was given: `.` for a file that was named itself."""

    path: Path
    folder: Path


def found(paths: Sequence[Path], answers: Path | None = None) -> Iterator[Found]:
    """The recordings among files, and in folders at any depth; raises BadRecording where there is none.

    answers  a folder that is left out: that of the answers, where it lies in one of the others
    """
    for path in paths:
        if not path.exists():
            raise BadRecording(f"{path}: there is no such file")
        if not path.is_dir():
            yield Found(_with_header(path), Path())
            continue
        inside = list(_search(path, answers))
        if not inside:
            raise BadRecording(f"{path}: expected recordings in it, found none; read are {KINDS_READ}")
        yield from inside


def leads(path: Path) -> list[str]:
    """The names of a recording's leads; raises BadRecording."""
    channels = _open(path).channels
    return [lead_names.display_names(channels)[i] for i in lead_names.possible_leads(channels)]


def lead_choices(path: Path) -> list[str]:
    """What --lead takes for each of a recording's leads: its name, or its number where others have that name; BadRecording."""
    channels = _open(path).channels
    names = lead_names.display_names(channels)
    return [names[i] if names.count(names[i]) == 1 else str(i + 1) for i in lead_names.possible_leads(channels)]


def read(path: Path, options: ReadingOptions) -> Signal:
    """One lead of a recording; raises BadRecording, whatever is wrong with the file."""
    file = _open(path)
    index = lead_names.choose_lead(path, file.channels, options.lead)
    lead = lead_names.display_names(file.channels)[index]
    unit = resolve_unit(path, lead, file.channels[index].unit, options.unit)

    def in_millivolts() -> Signal:
        blocks, own_hz, notes = file.read(index)
        millivolts = to_millivolts(path, blocks, unit)
        rate = resolve_sampling_rate(path, own_hz, options.sampling_rate_hz)
        return Signal(path.name.partition(".")[0], lead, millivolts, rate, notes)

    return _translate_errors(path, in_millivolts)


def _open(path: Path) -> OpenRecording:
    kind = kind_of(path)
    return _translate_errors(path, lambda: _OPENERS[kind](path))


def _translate_errors(path: Path, reading: Callable[[], T]) -> T:
    """What a reader returns; whatever else it raises is a BadRecording, for one bad file must not end a run."""
    try:
        return reading()
    except (BadRecording, OSError, MemoryError):
        raise
    except Exception as error:
        raise BadRecording(f"{path}: expected {kind_of(path).value}, this one is damaged ({type(error).__name__})") from error


def _with_header(path: Path) -> Path:
    """The header of a WFDB record for its signal file; else the file itself."""
    header = path.with_suffix(".hea")
    return header if path.suffix.lower() in SIGNAL_ENDINGS and header.exists() else path


def _search(folder: Path, answers: Path | None) -> Iterator[Found]:
    """The recordings in a folder at any depth, in order; segments of a WFDB record are parts of it."""
    left_out = answers.resolve() if answers else None
    for directory, names in sorted((Path(directory), names) for directory, _, names in os.walk(folder)):
        files = [directory / name for name in sorted(names) if not name.startswith(".")]
        if left_out and left_out in (directory.resolve(), *directory.resolve().parents) and left_out != folder.resolve():
            continue
        parts = {directory / f"{part}.hea" for path in files if path.suffix == ".hea" for part in wfdb_reader.segments_of(path)}
        yield from (Found(path, directory.relative_to(folder)) for path in files if path not in parts and _is_recording(path))


def _is_recording(path: Path) -> bool:
    """Whether a file in a folder is one: by its ending, else by its first bytes; a text that is no table is none."""
    name = path.name.lower()
    if name.endswith((*RECORDING_ENDINGS, *CSV_ENDINGS)):
        return True
    try:
        kind = kind_of(path)
    except BadRecording:
        return False
    return kind is not Kind.CSV or (name.endswith(TEXT_ENDINGS) and csv_reader.holds_table(path))
