"""Every kind of file is read as docs/recordings.md says, by one set of drawn files that the page is tested with too."""

import re
from pathlib import Path

import numpy as np
import pytest
from recording_files import FILES, RecordingFile, ids

from predict.recordings import files
from predict.recordings.files import ReadingOptions
from predict.recordings.signal import BadRecording, Signal
from server.models import gaps
from server.models.annotator import Annotator

PATIENT = ("Jane", "Doe", "1950")  # who stands in the drawn files


@pytest.fixture(scope="module")
def annotator(beats: Path) -> Annotator:
    """The annotator as it is committed."""
    return Annotator.load(beats)


def read(file: RecordingFile, folder: Path) -> Signal:
    """The lead that is asked for, of the file that is handed in."""
    [recording] = files.found(file.write(folder)[:1])
    return files.read(recording.path, ReadingOptions(file.lead, file.sampling_rate, file.unit))


@pytest.mark.parametrize("file", [file for file in FILES if not file.refused], ids=lambda file: file.id)
def test_a_file_as_people_hand_it_in_is_read(file: RecordingFile, tmp_path: Path, annotator: Annotator) -> None:
    """The lead, its rate, what is unusual, and as many beats as were drawn."""
    signal = read(file, tmp_path)

    parts, _ = gaps.split_at_gaps(signal.millivolts, signal.sampling_rate_hz)
    found = [len(annotator.annotate(part.millivolts, signal.sampling_rate_hz).beats.sample) for part in parts]
    assert (signal.lead, signal.sampling_rate_hz, sum(found)) == (file.lead_read, file.sampling_rate_hz, file.beats)
    assert len(signal.notes) == len(file.notes)
    assert all(words in note for words, note in zip(file.notes, signal.notes, strict=True))


@pytest.mark.parametrize("file", [file for file in FILES if file.refused], ids=lambda file: file.id)
def test_a_file_that_cannot_be_read_is_refused_with_one_sentence(file: RecordingFile, tmp_path: Path) -> None:
    """It names the file and what was expected, and nothing of the patient."""
    with pytest.raises(BadRecording) as refused:
        read(file, tmp_path)

    sentence = str(refused.value)
    assert file.refused in sentence
    assert sentence.startswith(str(tmp_path))
    assert "\n" not in sentence
    assert not any(word in sentence for word in PATIENT)


def test_the_table_of_what_is_read_is_proved_by_the_drawn_files(root: Path) -> None:
    """Every row of the table in docs/recordings.md has a file, and every file stands in a row."""
    text = (root / "docs/recordings.md").read_text()
    section = text.partition("### What is read\n")[2].partition("\n### ")[0]
    rows = {row.strip() for row in re.findall(r"^\| ([^|]+) \|", section, re.MULTILINE)} - {"file"}

    assert rows == {file.row for file in FILES}


def test_files_have_names_that_differ() -> None:
    """Each file of the set is a test of its own."""
    assert len(set(ids(FILES))) == len(FILES)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Recordings in folders in folders, with what lies about there."""
    drawn = {file.id: file for file in FILES}
    for folder, id in (("a", "wfdb-multi-segment"), ("a/b/c", "edf-no-ending"), ("b", "csv-plain"), ("text", "csv-txt")):
        (tmp_path / folder).mkdir(parents=True)
        drawn[id].write(tmp_path / folder)
    drawn["dicom-12-lead"].write(tmp_path / "a/b")
    (tmp_path / "a/RECORDS").write_text("100\n101\n102\n")
    (tmp_path / "README.txt").write_text("Records of Jane Doe\n")
    (tmp_path / "a/100.atr").write_bytes(b"\0\1\2\3")
    (tmp_path / "b/.r.csv").write_text("hidden")
    (tmp_path / "b/answers").mkdir()
    (tmp_path / "b/answers/r.csv").write_text("sample,time_s\n")
    return tmp_path


def test_recordings_are_found_in_folders_in_folders(tree: Path) -> None:
    """At any depth, by first bytes where the ending says nothing; without segments, texts that are no table, and the answers."""
    found = list(files.found([tree], tree / "b/answers"))

    assert [(item.folder / item.path.name).as_posix() for item in found] == ["a/r.hea", "a/b/r.dcm", "a/b/c/r", "b/r.csv"]
    assert all(item.path == tree / item.folder / item.path.name for item in found)


def test_a_folder_without_recordings_is_refused(tmp_path: Path) -> None:
    """With what was expected in it."""
    with pytest.raises(BadRecording, match="expected recordings in it"):
        list(files.found([tmp_path]))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (ReadingOptions(sampling_rate_hz=250), "has 100 Hz, expected no --sampling-rate"),
        (ReadingOptions(unit="V"), "is in mV, expected no --unit"),
        (ReadingOptions(lead="V1"), "one of II; there is no V1"),
        (ReadingOptions(lead="2"), "there is no 2"),
    ],
)
def test_what_contradicts_the_file_is_refused(options: ReadingOptions, words: str, tmp_path: Path) -> None:
    """A rate, a unit or a lead that is not the file's."""
    [path] = next(file for file in FILES if file.id == "csv-plain").write(tmp_path)

    with pytest.raises(BadRecording, match=words):
        files.read(path, options)


def test_a_damaged_file_ends_no_run(tmp_path: Path) -> None:
    """Whatever is cut off or changed in a file of any kind, it is read or refused with a sentence."""
    random = np.random.default_rng(0)
    for file in FILES[:: len(FILES) // 40]:
        [path, *_] = file.write(tmp_path)
        content = bytearray(path.read_bytes())
        for place in random.integers(0, max(1, len(content)), 20):
            content[place : place + 1] = bytes([random.integers(0, 256)])
        path.write_bytes(content[: random.integers(0, len(content) + 1)])
        try:
            signal = files.read(path, ReadingOptions(lead=file.lead, sampling_rate_hz=file.sampling_rate, unit=file.unit))
        except BadRecording as error:
            assert "\n" not in str(error)
        else:
            assert signal.millivolts.dtype == np.float32
        path.unlink()


def test_a_record_packed_with_flac_is_read(tmp_path: Path) -> None:
    """By the package wfdb, as before."""
    import wfdb

    values = np.rint(np.sin(np.arange(1000) / 9) * 500).astype(np.int64)[:, None]
    told = {"fmt": ["516"], "adc_gain": [1000.0], "baseline": [0], "write_dir": str(tmp_path)}
    wfdb.wrsamp("f", 100, ["mV"], ["II"], d_signal=values, **told)

    signal = files.read(tmp_path / "f.hea", ReadingOptions())

    np.testing.assert_allclose(signal.millivolts, values[:, 0] / 1000, atol=1e-6)
