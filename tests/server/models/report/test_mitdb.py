"""What the report makes of the annotated beats and rhythms of the MIT-BIH Arrhythmia Database is what is said of them there.

Moody and Mark 2001. The notes of its directory stand in the comments of its headers, its rhythms among its annotations.
"""

import json
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import wfdb

from bench.report import records, reference_report, table
from server.models.report.structure import Report
from train.recordings.reading import SYMBOLS

LAST_SAMPLE = 650000
NO_BEAT = "|"  # a stretch of ventricular flutter, which parts beats
# Of ventricular tachycardia and idioventricular rhythm as annotated, and of the report's runs, beside those that are both.
OTHER_RUNS = {
    "200": -1,  # two V beats and a fusion beat
    "213": -1,  # the same
    "210": 1,  # three V beats, 65 a minute
}
PATTERNS = {
    "119": (37, "bigeminy", "(B"),
    "228": (20, "bigeminy", "(B"),
    "201": (12, "trigeminy", "(T"),
    "214": (10, "trigeminy", "(T"),
}


@pytest.fixture(scope="module")
def reports(real) -> dict[str, Report]:
    """By record, without those of paced patients."""
    return {path.name: reference_report(path) for path in records(real / "mitdb")}


@pytest.fixture(scope="module")
def annotations(real) -> dict[str, wfdb.Annotation]:
    """By record, as they are read."""
    return {path.name: wfdb.rdann(str(path), "atr") for path in records(real / "mitdb")}


@pytest.fixture(scope="module")
def rhythms(annotations) -> dict[str, tuple[Counter[str], Counter[str]]]:
    """How many episodes of each rhythm are annotated in each record, and how many seconds they last."""
    found = {}
    for name, said in annotations.items():
        changes = [(at, code.strip("\0")) for at, code in zip(said.sample, said.aux_note, strict=True) if code.startswith("(")]
        episodes, seconds = Counter(code for _, code in changes), Counter()
        for (at, code), until in zip(changes, [*(at for at, _ in changes[1:]), LAST_SAMPLE], strict=True):
            seconds[code] += (until - at) / 360
        found[name] = episodes, seconds
    return found


def test_beats_couplets_runs_and_patterns_are_those_of_another_count(reports, annotations) -> None:
    """Of regular expressions over the letters of the beats."""
    for name, numbers in reports.items():
        letters = "".join(NO_BEAT if one == "[" else SYMBOLS.get(one, "") for one in annotations[name].symbol)
        for letter, found in (("S", numbers.supraventricular), ("V", numbers.ventricular)):
            lengths = [len(run) for run in re.findall(f"{letter}+", letters)]
            other = f"[^{letter}{re.escape(NO_BEAT)}]"
            twos, threes = (re.findall(f"(?:{other * n}{letter}){{3,}}", letters) for n in (1, 2))

            assert found.beats == sum(lengths), name
            assert (found.isolated, found.couplets) == (lengths.count(1), lengths.count(2)), name
            assert (found.runs, found.run_beats) == (sum(n > 2 for n in lengths), sum(n for n in lengths if n > 2)), name
            assert (found.bigeminy.episodes, found.bigeminy.beats) == (len(twos), len("".join(twos))), name
            assert (found.trigeminy.episodes, found.trigeminy.beats) == (len(threes), len("".join(threes))), name


def test_runs_are_the_annotated_ventricular_rhythms(reports, rhythms) -> None:
    """As many as there are episodes of ventricular tachycardia and idioventricular rhythm, but for three."""
    annotated = {name: episodes["(VT"] + episodes["(IVR"] for name, (episodes, _) in rhythms.items()}
    differing = {name: numbers.ventricular.runs - annotated[name] for name, numbers in reports.items()}

    assert sum(annotated.values()) == 64
    assert {name: more for name, more in differing.items() if more} == OTHER_RUNS


@pytest.mark.parametrize(("name", "expected"), PATTERNS.items())
def test_patterns_are_the_annotated_ones(reports, rhythms, name, expected) -> None:
    """Where cardiologists, too, begin with the third cycle."""
    episodes, pattern, code = expected

    assert rhythms[name][0][code] == getattr(reports[name].ventricular, pattern).episodes == episodes


def test_atrial_fibrillation_lasts_as_long_as_annotated(reports, rhythms) -> None:
    """Fibrillation and flutter together, within half a minute in half an hour; but in 222 most episodes are under ten seconds."""
    for name, (_, seconds) in rhythms.items():
        annotated_s, found_s = seconds["(AFIB"] + seconds["(AFL"], reports[name].af.duration_s

        assert found_s == pytest.approx(annotated_s, abs=30) or (name, round(annotated_s)) == ("222", 527), name


def test_what_the_notes_of_the_directory_say(reports, real) -> None:
    """In the comments of the headers, and of 100 in the directory itself: 33 isolated supraventricular beats, a PVC, 70 to 89."""
    said = {
        name: " ".join(wfdb.rdheader(str(real / "mitdb" / name)).comments) for name in ("201", "208", "219", "223", "231", "232")
    }
    v_100, s_100 = reports["100"].ventricular, reports["100"].supraventricular

    assert (s_100.beats, s_100.isolated, v_100.beats) == (33, 33, 1)
    assert 69 <= reports["100"].heart_rate.lowest_bpm <= reports["100"].heart_rate.highest_bpm <= 90
    assert "episodes of ventricular trigeminy" in said["201"]
    assert reports["201"].ventricular.trigeminy.episodes > 1
    assert "triplets each consist of two PVCs and a fusion PVC" in said["208"]
    assert (reports["208"].ventricular.runs, reports["208"].ventricular.couplets > 100) == (0, True)
    assert "pauses up to 3 seconds" in said["219"]
    assert round(reports["219"].pauses.longest[0].rr_s) == 3
    assert "two longest episodes of ventricular tachycardia are slow (100 to 105 bpm)" in said["223"]
    assert reports["223"].ventricular.longest_run.rate_bpm == pytest.approx(105, abs=2)
    assert "The couplet is probably ventricular" in said["231"]
    assert (reports["231"].ventricular.couplets, reports["231"].supraventricular.couplets) == (1, 0)
    assert "long pauses up to 6 seconds" in said["232"]
    assert round(reports["232"].pauses.longest[0].rr_s) == 6
    assert np.median([pause.rr_s for pause in reports["232"].pauses.longest]) > 3


def test_the_document_gives_the_comparison_that_was_made() -> None:
    """With the model, to the digit."""
    root = Path(__file__).parents[4]

    assert table(json.loads((root / "bench/report.json").read_text())) in (root / "docs/recordings.md").read_text()
