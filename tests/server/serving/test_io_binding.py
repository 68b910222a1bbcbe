"""IOBinding: rows classified in buffers that were bound once."""

import numpy as np
import pytest

from server.models.classifier import Classifier
from server.serving.io_binding import IoBoundClassifier


def test_bound_buffers_give_the_answers_of_the_model_for_every_number_of_rows(artifact) -> None:
    """To the bit, also after a run of more rows, whose values are still in the buffer."""
    model, rng = Classifier.load(artifact), np.random.default_rng(0)
    bound = IoBoundClassifier(model, 64)

    for count in [*range(1, 65), *range(63, 0, -1)]:
        features = rng.normal(size=(count, 140)).astype(np.float32)
        answer, expected = bound.run([row.tobytes() for row in features]), model.predict(features)
        np.testing.assert_array_equal(answer.predicted_class, expected.predicted_class)
        np.testing.assert_array_equal(answer.probability, expected.probability)


def test_runs_are_reported_and_too_many_rows_are_refused(artifact) -> None:
    """Each run is reported by its rows and seconds."""
    model, runs = Classifier.load(artifact), []
    model.on_run = lambda features, answer, seconds: runs.append((len(features), seconds))
    bound, row = IoBoundClassifier(model, 2), bytes(4 * 140)

    bound.run([row, row])
    with pytest.raises(IndexError):
        bound.run([row, row, row])

    assert [rows for rows, _ in runs] == [2]
    assert runs[0][1] > 0
