"""WFDB records: a header .hea and the signals it names."""

from pathlib import Path

import wfdb

from predict.recordings.signal import MILLIVOLTS, BadRecording, Signal, chosen, millivolts


def leads(path: Path) -> list[str]:
    """The names of the leads in a unit of voltage."""
    header = _header(path)
    return [name for name, unit in zip(header.sig_name or [], header.units or [], strict=True) if unit in MILLIVOLTS]


def read(path: Path, wanted: str | None) -> Signal:
    """One lead of the record with the header `path`; raises BadRecording."""
    header = _header(path)
    lead = chosen(path, leads(path), wanted)
    channel = header.sig_name.index(lead)
    try:
        record = wfdb.rdrecord(str(path.with_suffix("")), channels=[channel])
    except FileNotFoundError as error:
        raise BadRecording(f"{path}: expected the file of its signals, {Path(error.filename or '').name}, beside it") from error
    except Exception as error:  # wfdb lets through whatever its parsing meets.
        raise BadRecording(f"{path}: expected a WFDB record, its signals cannot be read") from error
    return Signal(path.stem, lead, millivolts(record.p_signal[:, 0], record.units[0], path), float(record.fs))


def _header(path: Path) -> wfdb.Record:
    try:
        header = wfdb.rdheader(str(path.with_suffix("")))
    except Exception as error:
        raise BadRecording(f"{path}: expected the header of a WFDB record") from error
    if not isinstance(header, wfdb.Record):
        raise BadRecording(f"{path}: expected a WFDB record of one segment")
    return header
