"""The report on a model of recordings: figures by database, intervals by patient, pictures; of drawn recordings."""

import json
from dataclasses import replace

import numpy as np
import pytest

from train.recordings.data.synthetic import labelled_recordings, synthetic_recordings
from train.recordings.ec57_scoring.bootstrap import estimate
from train.recordings.ec57_scoring.confusion import CLASSES, PredictedBeats
from train.recordings.evaluate import all_metrics, results
from train.recordings.model_card import facts, report
from train.recordings.plots import draw
from train.recordings.rhythm import AF, UNKNOWN, VF, N
from train.recordings.split import Parts


def said(recording, lead: str, unreadable: float = 0.0, missed_af: int = 0) -> PredictedBeats:
    """What a model says that knows everything, but for noise, seconds that it cannot read at the end, and seconds of AF."""
    rhythm = np.where(recording.rhythm == UNKNOWN, N, recording.rhythm)
    rhythm[np.flatnonzero(rhythm == AF)[:missed_af]] = N
    readable = (recording.rhythm != UNKNOWN).astype(np.float32)
    readable[len(readable) - int(unreadable * len(readable)) :] = 0
    named = np.eye(5, dtype=np.float32)[recording.classes][:, : len(CLASSES)]
    return PredictedBeats(recording, recording.beats, named, lead, np.eye(4, dtype=np.float32)[rhythm], readable)


@pytest.fixture(scope="module")
def predictions() -> list[PredictedBeats]:
    """Six recordings of two leads, ten seconds of AF missed in one; four with a label alone, the normal one with a V beat."""
    drawn = synthetic_recordings(0, recordings=6, seconds=60)
    annotated = [said(one, lead, missed_af=10 * (one is drawn[3])) for one in drawn for lead in one.leads]
    labelled = [replace(one, origin="device") for one in labelled_recordings(0, recordings=4, seconds=20)]
    beat = {"sample": np.array([500]), "probabilities": np.eye(4, dtype=np.float32)[[CLASSES.index("V")]]}
    return [*annotated, *(replace(said(one, "I"), **(beat if one.label == "N" else {})) for one in labelled)]


def test_rhythm_is_reported_by_database_and_lead(predictions) -> None:
    """AF missed counts by the second; beats and labels are right; a V beat in a normal recording is seen."""
    found = all_metrics(results(predictions))

    first = found["rhythm"]["built-in synthetic recordings, first lead"]
    assert first["gross"]["AF_sensitivity"] == pytest.approx(70 / 80, abs=1e-6)
    assert first["gross"]["AF_positive_predictivity"] == first["gross"]["VF_sensitivity"] == 1
    assert first["patients"] == 6
    assert np.sum(first["counts"]) == 360
    assert set(found["databases"]) == {f"built-in synthetic recordings, {lead}" for lead in ("first lead", "other leads")}
    assert found["all recordings"]["gross"]["macro_f1"] == 1
    assert list(found["labels"]) == list(found["ectopic"]) == ["device"]
    assert found["labels"]["device"]["gross"]["mean_f1"] == 1
    assert found["ectopic"]["device"]["gross"]["N with any V"] == found["ectopic"]["device"]["gross"]["N with V or S"] == 1
    assert found["ectopic"]["device"]["gross"]["N with any S"] == 0
    assert found["readable"]["device, labelled ~"]["gross"]["readable"] == 0
    assert found["readable"]["device, labelled N"]["gross"]["readable"] == 1


def test_intervals_are_by_patient() -> None:
    """Recordings of one patient are drawn together: where each patient is all right or all wrong, the interval is all of it."""
    counts = np.array([[10, 10], [10, 10], [0, 10], [0, 10]])

    by_patient = estimate(counts, ["a", "a", "b", "b"], lambda table: {"share": table[..., 0] / table[..., 1]})
    of_one = estimate(counts, ["a"] * 4, lambda table: {"share": table[..., 0] / table[..., 1]})

    assert by_patient.gross == of_one.gross == {"share": 0.5}
    assert by_patient.interval["share"] == (0, 1)
    assert of_one.interval["share"] == (0.5, 0.5)
    assert by_patient.patients == 2


def test_the_report_says_what_was_cross_validated_and_shows_it(predictions, tmp_path) -> None:
    """Every table has its section, every picture that it names is drawn; many recordings are counted, not named."""
    recordings = list({one.recording.name: one.recording for one in predictions}.values())
    many = [replace(recordings[-1], name=f"d{i}") for i in range(250)]
    known = facts(recordings, Parts(recordings + many, recordings + many, "cross-validation", None), predictions, {}, 0)

    text = report(known, results(predictions))
    draw(predictions, tmp_path)

    assert "cross-validated by patient" in text and "device (254)" in text and "d17" not in text
    for section in (
        "Beats by database and lead",
        "Rhythm by duration",
        "Whole recordings: device",
        "What is readable",
        "Where it fails",
    ):
        assert f"## {section}\n" in text
    assert "| built-in synthetic recordings, first lead | AF | 1.3 | 0.0 | 87.5 (" in text
    drawn = {path.stem for path in tmp_path.glob("*.png")}
    assert drawn == {*NAMED_PLOTS, "right", "wrong", "af-found", "af-missed", "set-aside"}
    assert all(f"({name}.png)" in text for name in NAMED_PLOTS)
    assert known["rhythms"] == ["N", "AF", "O", "VF"]
    assert known["metrics"]["device_mean_f1"] == 1
    json.dumps(all_metrics(results(predictions)), allow_nan=False)


NAMED_PLOTS = ("confusion", "operating", "recordings", "rhythm", "timelines", "labels")


def test_a_model_that_does_not_know_rhythm_is_reported_without(predictions, tmp_path) -> None:
    """As before: beats alone, no empty section, no empty picture."""
    beats = [replace(one, rhythm_probabilities=None, readable=None) for one in predictions if one.recording.has_beats]
    recordings = [one.recording for one in beats]

    text = report(facts(recordings, Parts(recordings, recordings[:2], "patient", None), beats, {}, 0), results(beats))
    draw(beats, tmp_path)

    assert "Rhythm by duration" not in text and "readable, %" not in text
    assert {path.stem for path in tmp_path.glob("*.png")} == {"confusion", "operating", "recordings", "right", "wrong"}


def test_vf_named_elsewhere_is_told_in_minutes(predictions) -> None:
    """Twenty seconds of a normal recording called VF."""
    wrong = predictions[0]
    rhythm = wrong.rhythm_probabilities.copy()
    rhythm[:20] = np.eye(4)[VF]
    recordings = [one.recording for one in predictions]

    found = results([replace(wrong, rhythm_probabilities=rhythm), *predictions[1:]])
    text = report(facts(recordings, Parts(recordings, recordings, "cross-validation", None), predictions, {}, 0), found)

    assert "built-in synthetic recordings, first lead 0.3 min in 0.1 h" in text
