"""The consensus of leads: which beats, which class, which seconds; checked on beats that are written down."""

import numpy as np
import pytest

from predict.recordings.consensus import consensus
from server.models.annotator import Annotation, Beats

RATE_HZ = 100.0
SURE_N, SURE_V, RATHER_N = (0.97, 0.01, 0.01, 0.01), (0.01, 0.01, 0.97, 0.01), (0.5, 0.1, 0.3, 0.1)


def said(beats: dict[int, tuple[float, ...]], readable: list[float], rhythm: float = 0.5) -> Annotation:
    """What is said of a lead: probabilities by R peak, how readable each second is, and the first rhythm's probability."""
    each = np.array(list(beats.values()), np.float32).reshape(-1, 4)
    beats_of_lead = Beats(np.array(list(beats), np.int32), each.argmax(axis=1), each.max(axis=1, initial=0), each)
    rhythms = np.tile(np.array([[rhythm, 1 - rhythm]], np.float32), (len(readable), 1))
    return Annotation(beats_of_lead, np.array(readable, np.float32), rhythms)


@pytest.mark.parametrize(
    ("leads", "expected"),
    [
        ([({50: SURE_N}, [1.0]), ({53: SURE_N}, [1.0]), ({60: SURE_N}, [1.0])], [53]),
        ([({50: SURE_N}, [1.0]), ({53: SURE_N}, [1.0]), ({}, [1.0])], [50]),
        ([({50: SURE_N}, [1.0]), ({}, [1.0]), ({}, [1.0])], []),
        ([({50: SURE_N}, [0.9]), ({}, [0.6])], [50]),
        ([({50: SURE_N}, [0.6]), ({}, [0.9])], []),
        ([({50: SURE_N}, [0.6]), ({}, [0.4]), ({}, [0.1])], [50]),
        ([({20: SURE_N, 50: SURE_N}, [1.0]), ({21: SURE_N, 50: SURE_N}, [1.0])], [20, 50]),
        ([({20: SURE_N}, [1.0]), ({40: SURE_N}, [1.0])], []),
        ([({}, [1.0]), ({}, [0.0])], []),
    ],
)
def test_a_beat_is_what_most_readable_leads_found(leads, expected) -> None:
    """Within 150 ms of each other, at the middle one; an unreadable lead has no vote, of two leads the more readable wins."""
    found = consensus([said(*lead) for lead in leads], 100, RATE_HZ)

    assert found.beats.sample.tolist() == expected


def test_a_beat_is_named_by_the_mean_of_logits() -> None:
    """One lead that is sure outweighs two that are not; probabilities add up to 1."""
    leads = [said({50: each}, [1.0]) for each in (SURE_V, RATHER_N, RATHER_N)]

    beats = consensus(leads, 100, RATE_HZ).beats

    expected = np.exp(np.mean(np.log([SURE_V, RATHER_N, RATHER_N]), axis=0))
    assert np.allclose(beats.probabilities, expected / expected.sum(), atol=1e-6)
    assert beats.predicted_class.tolist() == [2]
    assert np.allclose(beats.probability, (expected / expected.sum()).max(), atol=1e-6)


def test_a_second_is_readable_where_a_lead_is_and_its_rhythm_is_that_of_readable_leads() -> None:
    """Of all leads where none is."""
    leads = [said({}, [1.0, 0.2, 0.1], rhythm=0.9), said({}, [0.8, 0.9, 0.3], rhythm=0.1)]

    found = consensus(leads, 300, RATE_HZ)

    assert found.readable is not None and np.allclose(found.readable, [1.0, 0.9, 0.3])
    assert found.rhythm_probabilities is not None and np.allclose(found.rhythm_probabilities[:, 0], [0.5, 0.1, 0.5])


def test_of_a_file_of_schema_1_every_second_is_readable() -> None:
    """And nothing is said of rhythm."""
    lead = said({50: SURE_N}, [1.0])._replace(readable=None, rhythm_probabilities=None)

    found = consensus([lead, lead], 100, RATE_HZ)

    assert found.beats.sample.tolist() == [50]
    assert found.readable is None and found.rhythm_probabilities is None
