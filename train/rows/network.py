"""The network: n features, Dense 128 ReLU, Dense 64 ReLU, then 1 sigmoid or a softmax."""

import keras
import numpy as np
from scipy.optimize import minimize_scalar

DROPOUT = 0.2
LOG_TEMPERATURE_BOUNDS = (-1.4, 1.4)
# The spread of log T believed in before any row is seen: a handful of validation rows cannot pull T far from 1.
TEMPERATURE_PRIOR = 0.2


def build(features: np.ndarray, classes: int) -> keras.Model:
    """An untrained network for rows like `features`, float32 (rows, n), of the training part only.

    The first layer standardises each feature; a feature that never varies is only centred. The answer is the probability
    of the second class, float32 (rows, 1), for two classes, else of every class, float32 (rows, classes).
    """
    variance = features.var(axis=0, dtype=np.float64)
    variance[variance < 1e-12 * (1 + features.max(axis=0).astype(np.float64) ** 2)] = 1.0
    inputs = keras.Input((features.shape[1],), name="features")
    x = keras.layers.Normalization(mean=features.mean(axis=0, dtype=np.float64), variance=variance, name="scaling")(inputs)
    for units in (128, 64):
        x = keras.layers.Dense(units, activation="relu", name=f"dense_{units}")(x)
        x = keras.layers.Dropout(DROPOUT, name=f"dropout_{units}")(x)
    answer = (
        keras.layers.Dense(1, "sigmoid", name="answer") if classes == 2 else keras.layers.Dense(classes, "softmax", name="answer")
    )
    return keras.Model(inputs, answer(x), name="ecg")


def copied(network: keras.Model, features: np.ndarray, classes: int) -> keras.Model:
    """What `build` made on several workers, with the same weights, on this one alone: it answers without the others."""
    alone = build(features, classes)
    alone.set_weights(network.get_weights())
    return alone


def probabilities(network: keras.Model, features: np.ndarray) -> np.ndarray:
    """Probability of each class, float64 (rows, classes), for features float32 (rows, n)."""
    answer = network.predict(features, batch_size=4096, verbose=0).astype(np.float64)
    return np.hstack([1 - answer, answer]) if answer.shape[1] == 1 else answer


def calibrate(network: keras.Model, features: np.ndarray, labels: np.ndarray) -> float:
    """Fit one temperature on the validation part, put it into the last layer, return it.

    Dividing kernel and bias of the last layer by T is temperature scaling itself (Guo et al., "On calibration of modern
    neural networks", ICML 2017): no class changes, and nothing is left for others to apply.

    features  float32, shape (rows, n)
    labels    int, shape (rows,)
    """
    log_p = np.log(np.clip(probabilities(network, features), 1e-12, 1))

    def loss(log_t: float) -> float:
        scaled = log_p / np.exp(log_t)
        own = scaled[np.arange(len(labels)), labels] - np.logaddexp.reduce(scaled, axis=1)
        return float(-own.sum() + 0.5 * (log_t / TEMPERATURE_PRIOR) ** 2)

    temperature = float(np.exp(minimize_scalar(loss, bounds=LOG_TEMPERATURE_BOUNDS, method="bounded").x))
    answer = network.get_layer("answer")
    answer.set_weights([weights / temperature for weights in answer.get_weights()])
    return temperature
