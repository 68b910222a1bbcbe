"""The network: n features, Dense 128 ReLU, Dense 64 ReLU, then 1 sigmoid or a softmax."""

import keras
import numpy as np

DROPOUT = 0.2


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


def without_strategy(network: keras.Model, features: np.ndarray, classes: int) -> keras.Model:
    """A copy, with the same weights, of what `build` made under a strategy of several workers: it answers without the others."""
    copy = build(features, classes)
    copy.set_weights(network.get_weights())
    return copy


def probabilities(network: keras.Model, features: np.ndarray) -> np.ndarray:
    """Probability of each class, float64 (rows, classes), for features float32 (rows, n)."""
    answer = network.predict(features, batch_size=4096, verbose=0).astype(np.float64)
    return np.hstack([1 - answer, answer]) if answer.shape[1] == 1 else answer
