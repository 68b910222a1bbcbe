"""Episodes are as long as the rules want, interrupted where nothing can be read, and steady where probabilities are not."""

from itertools import pairwise

import numpy as np
import pytest

from server.models import rhythm
from server.models.annotator import Annotation, Beats
from server.models.rhythm import Episode

RHYTHMS = ("N", "AF", "O", "VF")
LETTERS = {"N": 0, "A": 1, "O": 2, "V": 3}


def annotation(letters: str, sure: float = 0.91, samples=()) -> Annotation:
    """Each second of the rhythm that its letter says, `~` of none since it is unreadable; beats at these samples."""
    readable = np.array([letter != "~" for letter in letters], np.float32)
    rows = np.full((len(letters), 4), (1 - sure) / 3, np.float32)
    for second, letter in enumerate(letters):
        rows[second, LETTERS.get(letter, 0)] = sure
    none = np.zeros(len(samples), np.int32)
    return Annotation(Beats(np.array(samples, np.int32), none, none, none), readable, rows)


def named(letters: str, duration_s: float | None = None, sure: float = 0.91) -> list[tuple[float, float, str]]:
    """The episodes of such seconds, without their probabilities."""
    found = rhythm.episodes(annotation(letters, sure), RHYTHMS, len(letters) if duration_s is None else duration_s)
    return [episode[:3] for episode in found]


@pytest.mark.parametrize(
    ("letters", "expected"),
    [
        ("N" * 30, [(0, 30, "N")]),
        ("N" * 20 + "A" * 20, [(0, 21, "N"), (21, 40, "AF")]),  # one second late, as hysteresis is
        ("N" * 20 + "A" * 8 + "N" * 20, [(0, 48, "N")]),  # AF of less than ten seconds
        ("N" * 20 + "A" * 12 + "N" * 20, [(0, 21, "N"), (21, 33, "AF"), (33, 52, "N")]),
        ("A" * 20 + "N" + "A" * 20, [(0, 41, "AF")]),
        ("N" * 10 + "~" * 3 + "N" * 10, [(0, 10, "N"), (13, 23, "N")]),
        ("N~N~NN", [(4, 6, "N")]),  # less than two seconds say nothing
        ("A" * 9, []),  # nor less than ten of AF alone
        ("A" * 10, [(0, 10, "AF")]),
        ("A" * 8 + "~" + "A" * 12, [(9, 21, "AF")]),
        ("N" * 10 + "V" * 6 + "N" * 10, [(0, 11, "N"), (11, 17, "VF"), (17, 26, "N")]),
        ("~" * 5, []),
        ("", []),
    ],
)
def test_episodes(letters, expected) -> None:
    """By rhythm, length and what is readable."""
    assert named(letters) == expected


def test_episodes_are_steady_where_probabilities_waver() -> None:
    """Two rhythms that change places each second, one ahead by a hair, are one episode."""
    assert named("AO" * 20, sure=0.3) == [(0, 40, "AF")]
    assert len(named("NNNOO" * 8, sure=0.45)) == 1


def test_every_episode_keeps_the_rules_whatever_the_seconds_say() -> None:
    """Ordered, within the recording and readable seconds, long enough, and no two of one rhythm touch."""
    random = np.random.default_rng(0)
    for _ in range(200):
        letters = "".join(np.repeat(random.choice(list("NNAOV~"), 40), random.integers(1, 9, 40)))
        duration_s = len(letters) - random.random()

        found = rhythm.episodes(annotation(letters), RHYTHMS, duration_s)

        for one in found:
            assert one.end_s - one.start_s >= (10 if one.rhythm == "AF" else 2)
            assert "~" not in letters[int(one.start_s) : int(np.ceil(one.end_s))]
        for one, after in pairwise(found):
            assert one.end_s <= after.start_s
            assert one.end_s < after.start_s or one.rhythm != after.rhythm
        assert not found or found[-1].end_s <= duration_s


def test_the_last_second_may_be_one_begun() -> None:
    """An episode, or an unreadable stretch, ends where the recording does."""
    assert named("N" * 5, 4.3) == [(0, 4.3, "N")]
    assert named("A" * 10, 9.4) == []
    assert rhythm.unreadable(annotation("NN~~").readable, 3.5) == [(2, 3.5)]


def test_the_probability_is_the_mean_over_the_episode() -> None:
    """Of its own rhythm, as the file gives it."""
    [episode] = rhythm.episodes(annotation("N" * 20 + "A" * 5, 0.85), RHYTHMS, 25)

    assert episode == Episode(0, 25, "N", pytest.approx((20 * 0.85 + 5 * 0.05) / 25))


def test_sums() -> None:
    """Seconds that are readable, and seconds of AF."""
    found = annotation("N" * 10 + "~" * 5 + "A" * 20)

    assert rhythm.readable_s(found.readable, 34.5) == 29.5
    assert rhythm.af_s(rhythm.episodes(found, RHYTHMS, 34.5)) == 19.5
    assert rhythm.unreadable(found.readable, 34.5) == [(10, 15)]


def test_the_heart_rate_is_that_of_readable_stretches() -> None:
    """An interval over what cannot be read is none; without any there is no rate."""
    beats = [0, 100, 200, 1000, 1050, 1100, 1150]

    assert rhythm.median_heart_rate(annotation("NN~NNNNNNNNN", samples=beats).beats, 100, None) == 80
    assert rhythm.median_heart_rate(*_rate("NN~NNNNNNN~~", beats)) == 60
    assert rhythm.median_heart_rate(*_rate("N~NN", [0, 250])) is None
    assert rhythm.median_heart_rate(*_rate("NNNN", [0])) is None


def _rate(letters: str, samples: list[int]) -> tuple[Beats, float, np.ndarray | None]:
    found = annotation(letters, samples=samples)
    return found.beats, 100.0, found.readable


def test_a_file_of_schema_1_says_nothing_of_rhythm() -> None:
    """No episode, and nothing unreadable."""
    none = Annotation(annotation("").beats, None, None)

    assert rhythm.episodes(none, (), 30) == []
    assert rhythm.unreadable(None, 30) == []
