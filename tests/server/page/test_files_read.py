"""The page reads what `predict` reads: one set of drawn files, handed to one page one after the other."""

import base64

import numpy as np
import pytest
from recording_files import FILES, RecordingFile, ids

# What the command refuses for want of an option, and the page asks for or offers; and what only an option can be at fault in.
UNIT, RATE = "Unit of the numbers", "Sampling rate, Hz"
ASKED = {"csv-rate-unknown": RATE, "csv-unit-unknown": UNIT, "wfdb-unit-nu-alone": UNIT}
OFFERED = {"wfdb-two-of-one-name-asked": ["ECG (1)", "ECG (2)"], "csv-name-first-of-two": ["1", "2"]}
OPTIONS_ONLY = {"wfdb-lead-II-is-not-MLII", "wfdb-unit-contradicted"}
READ = [file for file in FILES if not (file.refused or file.refused_on_page)]
REFUSED = [file for file in FILES if (file.refused or file.refused_on_page) and file.id not in {*ASKED, *OFFERED, *OPTIONS_ONLY}]


@pytest.fixture(scope="module")
def saw(drive, site, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict]:
    """What the page shows of each file, by its id."""
    folder = tmp_path_factory.mktemp("files")
    given = []
    for file in FILES:
        (folder / file.id).mkdir()
        options = {"lead": file.lead, "unit": {"uV": "µV"}.get(file.unit or "", file.unit), "rate": file.sampling_rate}
        given.append({"id": file.id, "files": file.write(folder / file.id), **options})
    return drive("readAll", site, given=given)["saw"]


@pytest.mark.parametrize("file", READ, ids=ids(READ))
def test_a_file_is_read_as_the_command_reads_it(saw: dict[str, dict], file: RecordingFile) -> None:
    """As many beats, the same lead, the same sampling rate, the same notes, and every sample as it was drawn."""
    shown = saw[file.id]

    assert shown["error"] == ""
    assert shown["beats"] == file.beats
    assert shown["rate"] == pytest.approx(file.sampling_rate_hz, rel=1e-9)
    assert shown["lead"] == file.lead_read
    assert all(words in " ".join(shown["notes"]) for words in file.notes)
    if file.millivolts:
        np.testing.assert_allclose(np.frombuffer(base64.b64decode(shown["signal"]), "<f4"), file.millivolts(), rtol=1e-6)


@pytest.mark.parametrize("file", REFUSED, ids=ids(REFUSED))
def test_a_file_that_is_not_read_is_refused_in_one_sentence(saw: dict[str, dict], file: RecordingFile) -> None:
    """Which says why, and nothing of a patient."""
    error = saw[file.id]["error"]

    assert (file.refused_on_page or file.refused).lower() in error.lower()
    assert "Doe" not in error and "Jane" not in error


@pytest.mark.parametrize("id", ASKED)
def test_what_a_file_does_not_say_is_asked_for(saw: dict[str, dict], id: str) -> None:
    """Where the command wants an option."""
    assert saw[id]["wanted"] == [ASKED[id]]


@pytest.mark.parametrize("id", OFFERED)
def test_leads_are_offered_and_told_apart_by_their_number(saw: dict[str, dict], id: str) -> None:
    """Where two have one name, or none, which is never taken from a line that may say who somebody is."""
    assert saw[id]["offered"] == OFFERED[id]
