"""Recordings are read some blocks at a time: of hours and days only the lead is held."""

import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from recording_files import FILES, RecordingFile

from predict.recordings import files
from predict.recordings.files import ReadingOptions
from predict.recordings.readers import blocks, csv_reader
from predict.recordings.readers.blocks import of_length, with_gaps

IN_BLOCKS = {
    *("wfdb-format-8", "wfdb-format-212", "wfdb-format-310", "wfdb-mat", "wfdb-short", "wfdb-multi-frequency", "wfdb-invalid"),
    *(
        "wfdb-variable-layout",
        "edf-two-signals",
        "edf-bdf",
        "edf-plus-d",
        "edf-cut-off-in-a-record",
        "ishne-faults",
        "ishne-cut-off",
    ),
    *(
        "dicom-12-lead",
        "csv-no-header",
        "csv-gap-in-time",
        "csv-gap-in-iso",
        "csv-clock",
        "csv-missing-empty",
        "csv-in-rounded-ms",
    ),
}
SAMPLES = 400_000


@pytest.mark.parametrize("file", [one for one in FILES if one.id in IN_BLOCKS], ids=lambda one: one.id)
def test_a_signal_is_the_same_in_whatever_blocks_it_is_read(file: RecordingFile, tmp_path: Path, monkeypatch) -> None:
    """To the bit: differences, gaps, records at their times and files that were cut off go on over the ends of blocks."""
    [recording] = files.found(file.write(tmp_path)[:1])
    options = ReadingOptions(file.lead, file.sampling_rate, file.unit)
    whole = files.read(recording.path, options)

    monkeypatch.setattr(blocks, "BLOCK_BYTES", 999)
    monkeypatch.setattr(blocks, "BLOCK_SAMPLES", 77)
    monkeypatch.setattr(csv_reader, "BLOCK_ROWS", 1234)
    in_blocks = files.read(recording.path, options)

    assert in_blocks.sampling_rate_hz == whole.sampling_rate_hz
    assert in_blocks.notes == whole.notes
    assert in_blocks.millivolts.tobytes() == whole.millivolts.tobytes()


@pytest.mark.parametrize(
    ("gaps", "expected"),
    [
        ([], [0, 1, 2, 3, 4]),
        ([(1, 2)], [0, None, None, 1, 2, 3, 4]),
        ([(2, 1), (4, 3)], [0, 1, None, 2, 3, None, None, None, 4]),
        ([(3, 0)], [0, 1, 2, 3, 4]),
    ],
)
def test_gaps_stand_before_their_samples(gaps, expected) -> None:
    """Also where a block begins with one."""
    signal = np.concatenate(list(with_gaps([np.arange(2.0), np.arange(2.0, 5.0)], gaps)))

    np.testing.assert_array_equal(signal, [np.nan if value is None else value for value in expected])


@pytest.mark.parametrize(("samples", "expected"), [(0, []), (3, [0, 1, 2]), (4, [0, 1, 2, 3]), (6, [0, 1, 2, 3, None, None])])
def test_a_signal_is_cut_or_filled_up_to_its_length(samples, expected) -> None:
    """With nan."""
    signal = np.concatenate([np.empty(0), *of_length([np.arange(3.0), np.arange(3.0, 4.0)], samples)])

    np.testing.assert_array_equal(signal, [np.nan if value is None else value for value in expected])


def test_of_a_file_with_many_leads_one_is_held(tmp_path: Path, monkeypatch) -> None:
    """Twelve leads of 16 bits: less than three times the lead asked for as float32, where all of them are six times as much."""
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 1 << 16)
    lines = [f"day.dat 16 200 16 0 0 0 0 {number}" for number in range(12)]
    (tmp_path / "day.hea").write_text("\n".join([f"day 12 250 {SAMPLES}", *lines]) + "\n")
    np.random.default_rng(0).integers(-200, 200, (SAMPLES, 12)).astype("<i2").tofile(tmp_path / "day.dat")
    files.read(tmp_path / "day.hea", ReadingOptions("5"))  # what is imported on the way is not counted

    tracemalloc.start()
    signal = files.read(tmp_path / "day.hea", ReadingOptions("5"))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert len(signal.millivolts) == SAMPLES
    assert most < 3 * signal.millivolts.nbytes
