"""Rhythm by duration and the label of a whole recording, by hand-made cases."""

import numpy as np
import pytest

from train.recordings.ec57_scoring.confusion import PredictedBeats, Q, confusion
from train.recordings.ec57_scoring.durations import UNREADABLE, duration_figures, named_rhythm, seconds_confusion
from train.recordings.ec57_scoring.labels import LABELS, label_figures, recording_label
from train.recordings.reading import Recording
from train.recordings.rhythm import AF, OTHER, UNKNOWN, VF, N


def certain(*rhythms: int) -> np.ndarray:
    """Probability 1 of one rhythm each second, float32 (seconds, rhythms)."""
    return np.eye(4, dtype=np.float32)[list(rhythms)]


def test_a_second_is_named_by_its_most_probable_rhythm_where_it_is_readable() -> None:
    """From one half on it is."""
    named = named_rhythm(certain(N, AF, VF), np.array([0.5, 1.0, 0.49], np.float32))

    assert named.tolist() == [N, AF, UNREADABLE]


def test_unreadable_af_is_missed_and_af_where_none_is_is_false() -> None:
    """Two of four seconds of AF are found, one is called normal, one is unreadable; one more is found where none is."""
    table = seconds_confusion(np.array([AF, AF, AF, AF, N, OTHER]), np.array([AF, AF, N, UNREADABLE, AF, OTHER]))

    figures = duration_figures(table)

    assert figures["AF_sensitivity"] == 2 / 4
    assert figures["AF_positive_predictivity"] == 2 / 3
    assert np.isnan(figures["VF_sensitivity"])


def test_vf_where_no_rhythm_is_annotated_is_false() -> None:
    """In cudb only ventricular fibrillation is annotated."""
    table = seconds_confusion(np.array([VF, VF, UNKNOWN, UNKNOWN]), np.array([VF, VF, VF, N]))

    figures = duration_figures(table)

    assert figures["VF_sensitivity"] == 1
    assert figures["VF_positive_predictivity"] == 2 / 3


@pytest.mark.parametrize(
    ("rhythms", "readable", "label"),
    [
        ((N, N, AF), (1, 1, 1), "N"),
        ((N, N, AF), (0.4, 0.4, 1), "AF"),
        ((N, N, AF), (0.1, 0.1, 1), "~"),
        ((VF, VF, N), (1, 1, 1), "O"),
        ((OTHER, OTHER, N), (0.5, 0.5, 0.5), "O"),
    ],
)
def test_the_label_is_the_rhythm_of_what_is_readable(rhythms, readable, label) -> None:
    """Noise where on average less than a half is; ventricular fibrillation is other to the challenge."""
    assert LABELS[recording_label(certain(*rhythms), np.array(readable, np.float32))] == label


def test_labels_are_ranked_without_noise() -> None:
    """F1 is twice what is right over annotated and named together; the mean is of N, AF and O."""
    table = np.diag([8, 4, 2, 0])
    table[0, 1] = table[2, 3] = 2

    figures = label_figures(table)

    assert figures["N_f1"] == pytest.approx(16 / 18)
    assert figures["AF_f1"] == pytest.approx(8 / 10)
    assert figures["O_f1"] == pytest.approx(4 / 6)
    assert figures["~_f1"] == 0
    assert figures["mean_f1"] == pytest.approx((16 / 18 + 8 / 10 + 4 / 6) / 3)


def test_beats_annotated_without_a_class_count_for_the_detection_only() -> None:
    """As those of class Q do."""
    signal = {"I": np.zeros(1000, np.float32)}
    one = Recording("r", "test", "p", 100.0, signal, np.array([100, 300]), np.array([-1, -1]), np.zeros((0, 2), int), "")

    table = confusion(PredictedBeats(one, np.array([100]), np.eye(4)[[2]]))

    assert table[Q, 2] == table[Q, -1] == 1
    assert table.sum() == 2
