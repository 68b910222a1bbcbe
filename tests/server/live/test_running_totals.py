"""The totals of a stream are the summary of the same recording in one piece."""

import numpy as np
import pytest

from server.api.annotations import Summary, _summarise
from server.api.recording import Recording
from server.live import running_totals
from server.live.running_totals import RunningTotals
from server.models import rhythm
from server.models.annotator import Annotation, Beats

CLASSES, RHYTHMS, RATE = ("N", "S", "V", "F"), ("N", "AF", "O", "VF"), 100.0


def drawn(seconds: int, seed: int, samples: int) -> Annotation:
    """Beats about one a second, rhythms that last, some seconds unreadable and without beats."""
    rng = np.random.default_rng(seed)
    sample = np.cumsum(rng.integers(40, 160, seconds * 2)).astype(np.int32)
    readable = np.repeat(rng.random(seconds // 10 + 1) > 0.2, 10)[:seconds].astype(np.float32)
    sample = sample[sample < samples]
    sample = sample[readable[(sample / RATE).astype(int)] > 0]
    kind = np.repeat(rng.integers(0, 4, seconds // 25 + 1), 25)[:seconds]
    probabilities = (0.1 + 0.6 * np.eye(4))[kind] + rng.random((seconds, 4)) / 10
    named = rng.integers(0, 4, len(sample)).astype(np.int32)
    beats = Beats(sample, named, np.ones(len(sample), np.float32), np.ones((len(sample), 4), np.float32))
    return Annotation(beats, readable, probabilities.astype(np.float32))


def of_whole(annotation: Annotation, samples: int) -> Summary:
    """What `/annotate` sums up."""
    recording = Recording.from_samples(np.zeros(samples, np.float32), RATE)
    episodes = rhythm.episodes(annotation, RHYTHMS if annotation.readable is not None else (), samples / RATE)
    return _summarise(annotation, episodes, recording, CLASSES)


def of_parts(annotation: Annotation, samples: int, seed: int) -> Summary:
    """The same of parts of some seconds."""
    rng, totals, second = (
        np.random.default_rng(seed),
        RunningTotals(CLASSES, RHYTHMS if annotation.readable is not None else (), RATE),
        0,
    )
    seconds = -(-samples // int(RATE))
    while second < seconds:
        end = min(seconds, second + int(rng.integers(1, 9)))
        of_part = (annotation.beats.sample >= second * RATE) & (annotation.beats.sample < end * RATE)
        totals.add(second, annotation.part(annotation.beats.sample, of_part, second, end))
        second = end
    return totals.summary(samples / RATE)


@pytest.mark.parametrize("seed", range(4))
def test_the_totals_are_the_summary_of_the_whole(seed) -> None:
    """Counts, heart rate by the median, what is readable and what is AF, to the sample."""
    samples = 60_000 + 37 * seed
    annotation = drawn(-(-samples // 100), seed, samples)

    assert of_parts(annotation, samples, seed) == of_whole(annotation, samples)


def test_what_is_forgotten_stays_counted(monkeypatch) -> None:
    """Where seconds are kept for minutes only, the duration of AF differs by seconds, nothing else at all."""
    monkeypatch.setattr(running_totals, "KEPT_S", 120)
    annotation = drawn(1800, 5, 180_000)

    parts, whole = of_parts(annotation, 180_000, 1), of_whole(annotation, 180_000)

    assert abs(parts.af_s - whole.af_s) <= 0.02 * 1800
    parts.af_s = whole.af_s
    assert parts == whole


def test_a_file_of_schema_1_has_beats_to_sum_up() -> None:
    """And no seconds."""
    annotation = drawn(100, 3, 10_000)._replace(readable=None, rhythm_probabilities=None)

    assert of_parts(annotation, 10_000, 2) == of_whole(annotation, 10_000)
