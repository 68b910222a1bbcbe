"""Temperature scaling: makes the probabilities of a trained network as large as the share of answers that are right."""

import keras
import numpy as np
from scipy.optimize import minimize_scalar

from train.rows.network import probabilities

LOG_TEMPERATURE_BOUNDS = (-1.4, 1.4)
# Standard deviation of a normal prior on log T: a handful of validation rows cannot pull T far from 1.
TEMPERATURE_PRIOR = 0.2


def calibrate(network: keras.Model, features: np.ndarray, labels: np.ndarray) -> float:
    """Fit one temperature on the validation part, put it into the last layer, return it.

    Dividing kernel and bias of the last layer by T is temperature scaling itself (Guo et al., "On calibration of modern
    neural networks", ICML 2017): no class changes, and nothing is left for others to apply.

    features  float32, shape (rows, n)
    labels    int, shape (rows,)
    """
    log_p = np.log(np.clip(probabilities(network, features), 1e-12, 1))

    def loss(log_t: float) -> float:
        tempered = log_p / np.exp(log_t)
        own = tempered[np.arange(len(labels)), labels] - np.logaddexp.reduce(tempered, axis=1)
        return float(-own.sum() + 0.5 * (log_t / TEMPERATURE_PRIOR) ** 2)

    temperature = float(np.exp(minimize_scalar(loss, bounds=LOG_TEMPERATURE_BOUNDS, method="bounded").x))
    answer = network.get_layer("answer")
    answer.set_weights([weights / temperature for weights in answer.get_weights()])
    return temperature
