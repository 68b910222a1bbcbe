"""What an ECG hardly ever is, is said; what it often is, is not."""

import numpy as np
import pytest

from server.models.annotator import Annotation, Beats
from server.models.plausibility import warnings

RATE_HZ = 100.0
WAVE = np.sin(np.arange(2000) / 5).astype(np.float32)
N, S, V = 0, 1, 2


def beats(classes, intervals=(80,)) -> Beats:
    """Beats of these classes, the intervals between them in samples taken in turn."""
    count = len(classes)
    sample = np.cumsum(np.resize(intervals, count)).astype(np.int32)
    return Beats(sample, np.asarray(classes, np.int32), np.ones(count, np.float32), np.zeros((count, 3), np.float32))


@pytest.mark.parametrize(
    ("millivolts", "count", "words"),
    [
        (WAVE, 25, []),
        (WAVE * 1e-2, 25, ["20 µV"]),
        (WAVE * 1e3, 25, ["2e+03 mV"]),
        (WAVE, 0, ["no beat was found in 20 s"]),
        (WAVE[:900], 0, []),
        (np.where(np.arange(2000) < 5, 50, WAVE), 25, []),
        (np.full(2000, np.nan, np.float32), 0, []),
    ],
)
def test_what_is_unusual_is_said(millivolts, count, words) -> None:
    """An amplitude that hints at a wrong gain, and ten seconds without a beat; an artefact of some samples is no amplitude."""
    said = warnings(millivolts, RATE_HZ, Annotation(beats([N] * count), None, None), "NSV")

    assert len(said) == len(words)
    assert all(word in sentence for word, sentence in zip(words, said, strict=True))


@pytest.mark.parametrize(
    ("found", "rate"),
    [
        (beats([S] * 13, [33, 34]), "179"),
        (beats([N] * 20 + [S] * 12), "75"),
        (beats([S] * 9), None),
        (beats([N] * 12, [33]), None),
        (beats([N, S] * 12, [80, 50]), None),
        (beats([S] * 12, [33, 40, 28]), None),
        (beats([V] * 12, [33]), None),
    ],
)
def test_a_regular_rhythm_is_not_premature(found, rate) -> None:
    """Ten beats of an even rhythm that are all called S are told of with their rate; early, uneven or other beats are not."""
    said = warnings(WAVE, RATE_HZ, Annotation(found, None, None), "NSV")

    assert [f"a regular rhythm of {rate} a minute" in sentence for sentence in said] == [True] * (rate is not None)


@pytest.mark.parametrize(
    ("unreadable", "gap_s", "said"),
    [(3, 0, []), (4, 0, ["4 of 20 s cannot be read"]), (9, 9, []), (12, 8, ["4 of 12 s cannot be read"])],
)
def test_much_that_is_unreadable_is_said(unreadable, gap_s, said) -> None:
    """From a fifth of what was recorded on; a gap is no part of that."""
    readable = np.r_[np.zeros(unreadable), np.ones(20 - unreadable)].astype(np.float32)
    millivolts = np.where(np.arange(2000) < gap_s * RATE_HZ, np.nan, WAVE)

    found = warnings(millivolts, RATE_HZ, Annotation(beats([N] * 25), readable, np.ones((20, 4), np.float32)), "NSV")

    assert len(found) == len(said)
    assert all(sentence.startswith(words) for words, sentence in zip(said, found, strict=True))
