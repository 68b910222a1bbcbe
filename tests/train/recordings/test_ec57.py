"""Beats found against beats annotated, by hand-made cases and against the wfdb package."""

import numpy as np
import pytest
from wfdb.processing import compare_annotations

from train.recordings.ec57_scoring.confusion import NONE, PredictedBeats, Q, confusion
from train.recordings.ec57_scoring.matching import match
from train.recordings.ec57_scoring.metrics import figures
from train.recordings.evaluate import evaluate
from train.recordings.reading import Recording


def recording(beats: list[int], classes: list[int], excluded: list[tuple[int, int]] = ()) -> Recording:
    """A recording at 100 Hz, so that 150 ms are 15 samples."""
    stretches = np.array(excluded, np.int64).reshape(-1, 2)
    signal = {"I": np.zeros(10_000, np.float32)}
    return Recording("r", "test", "p", 100.0, signal, np.array(beats), np.array(classes, np.int32), stretches, "")


def predicted(one: Recording, samples: list[int], classes: list[int]) -> PredictedBeats:
    """Beats found in it, each with probability 1 of its class."""
    return PredictedBeats(one, np.array(samples, int), np.eye(4, dtype=np.float32)[classes].reshape(-1, 4))


@pytest.mark.parametrize(
    ("reference", "found", "pairs"),
    [
        ([], [], []),
        ([100], [], []),
        ([], [100], []),
        ([100], [115], [(0, 0)]),
        ([100], [116], []),
        ([100, 200], [205, 300], [(1, 0)]),
        ([100], [95, 103], [(0, 1)]),
        ([100, 112], [106], [(0, 0)]),
        ([100, 112], [98, 110], [(0, 0), (1, 1)]),
    ],
)
def test_beats_are_matched_one_to_one_within_the_window(reference, found, pairs) -> None:
    """The nearer of two that compete has it; a beat 150 ms away is that beat, one further away is not."""
    ours, theirs = match(np.array(reference, int), np.array(found, int), 15.0)

    assert list(zip(ours.tolist(), theirs.tolist(), strict=True)) == pairs


def test_matching_is_that_of_the_wfdb_package() -> None:
    """As many true and false positives and misses, on beats that were shaken, lost and made up."""
    rng = np.random.default_rng(0)
    for _ in range(20):
        reference = np.cumsum(rng.integers(60, 140, 300))
        found = reference[rng.random(300) > 0.05]
        found = np.unique(np.concatenate([found + rng.integers(-12, 13, len(found)), rng.integers(0, reference[-1], 10)]))
        theirs = compare_annotations(reference, found, 15)

        ours, _ = match(reference, found, 15.0)

        assert abs(len(ours) - theirs.tp) <= 1


def test_what_is_missed_and_what_is_false_counts() -> None:
    """An S beat called N, a V beat missed, a V beat where none is; a Q beat counts only as found."""
    one = recording([100, 200, 300, 400], [0, 1, 2, Q])

    table = confusion(predicted(one, [101, 202, 405, 600], [0, 0, 2, 2]))

    assert table[0, 0] == table[1, 0] == table[2, NONE] == table[Q, 2] == table[NONE, 2] == 1
    assert table.sum() == 5
    values = figures(table)
    assert values["detection_sensitivity"] == 3 / 4
    assert values["detection_positive_predictivity"] == 3 / 4
    assert values["accuracy"] == 1 / 3
    assert values["accuracy_of_found"] == 1 / 2
    assert values["N_positive_predictivity"] == 1 / 2
    assert values["S_sensitivity"] == values["V_sensitivity"] == values["V_positive_predictivity"] == 0


def test_fusion_beats_named_v_are_neither_right_nor_wrong() -> None:
    """As bxb counts: V's positive predictivity leaves them out, S's does not; F1 and the strict figure count them."""
    one = recording([100, 200, 300, 400, 500], [2, 3, 3, 0, 1])

    values = figures(confusion(predicted(one, [100, 200, 300, 400, 500], [2, 2, 1, 2, 1])))

    assert values["V_positive_predictivity"] == 1 / 2
    assert values["V_positive_predictivity_strict"] == 1 / 3
    assert values["S_positive_predictivity"] == 1 / 2
    assert values["V_f1"] == pytest.approx(2 / (1 + 3))


def test_nothing_is_false_in_ventricular_flutter() -> None:
    """No beats are annotated there."""
    one = recording([100], [0], [(300, 500)])

    table = confusion(predicted(one, [100, 300, 400, 501], [0, 2, 2, 2]))

    assert table[NONE].sum() == 1


def test_gross_counts_beats_and_average_counts_recordings() -> None:
    """Ten S beats found in one recording, none of one in another: gross 10/11, average a half."""
    good = confusion(predicted(recording(list(range(100, 1100, 100)), [1] * 10), list(range(100, 1100, 100)), [1] * 10))
    bad = confusion(predicted(recording([100], [1]), [100], [0]))
    none = confusion(predicted(recording([100], [0]), [100], [0]))

    evaluation = evaluate(["good", "bad", "none"], np.stack([good, bad, none]))

    assert evaluation.gross["S_sensitivity"] == pytest.approx(10 / 11)
    assert evaluation.average["S_sensitivity"] == pytest.approx(1 / 2)
    low, high = evaluation.interval["S_sensitivity"]
    assert low == 0
    assert high == 1
