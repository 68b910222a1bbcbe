"""The layers of the networks."""

import numpy as np
import pytest

from train.recordings.network import Convolution


@pytest.mark.parametrize(("kernel", "dilation", "steps"), [(7, 1, 50), (5, 3, 50), (5, 64, 300), (5, 64, 9), (3, 8, 1)])
def test_a_convolution_answers_the_same_with_and_without_learning(kernel, dilation, steps) -> None:
    """Dilated in one operation, or by moving the steps into the batch and back."""
    layer = Convolution(4, (1, kernel), padding="same", dilation_rate=(1, dilation))
    x = np.random.default_rng(0).normal(size=(2, 1, steps, 3)).astype(np.float32)

    exported, learning = layer(x, training=False), layer(x, training=True)

    np.testing.assert_allclose(exported, learning, atol=1e-5)
