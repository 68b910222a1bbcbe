"""Rows that the network reads where they lie."""

import numpy as np
import pytest

from server.models.classifier import Model
from server.serving.io_binding import IoBoundClassifier


def test_the_block_answers_as_the_model_does_for_every_number_of_rows(artifact) -> None:
    """To the bit, also after a run of more rows, whose rest still lies behind."""
    model, rng = Model.load(artifact), np.random.default_rng(0)
    block = IoBoundClassifier(model, 64)

    for count in [*range(1, 65), *range(63, 0, -1)]:
        features = rng.normal(size=(count, 140)).astype(np.float32)
        answer, expected = block.run([row.tobytes() for row in features]), model.predict(features)
        np.testing.assert_array_equal(answer.predicted_class, expected.predicted_class)
        np.testing.assert_array_equal(answer.probability, expected.probability)


def test_a_block_tells_of_its_runs_and_has_no_room_for_more(artifact) -> None:
    """What is told: rows and seconds."""
    model, told = Model.load(artifact), []
    model.on_run = lambda rows, seconds: told.append((rows, seconds))
    block, row = IoBoundClassifier(model, 2), bytes(4 * 140)

    block.run([row, row])
    with pytest.raises(IndexError):
        block.run([row, row, row])

    assert [rows for rows, _ in told] == [2]
    assert told[0][1] > 0
