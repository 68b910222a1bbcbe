"""How the network learns: AdamW, a cosine learning rate, light augmentation, label smoothing."""

import math
import sys
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from train.distributed import prepared

BATCH = 32
LEAST_UPDATES = 1500
LEAST_EPOCHS = 40
LEARNING_RATE = 0.002
WEIGHT_DECAY = 0.05
LABEL_SMOOTHING = 0.02
SHIFT_SHARE = 1 / 28
SCALE = 0.2
NOISE = 0.15


def make_deterministic(seed: int) -> None:
    """Same seed, same weights: seed every generator and forbid operations whose order of summing varies."""
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()


def default_epochs(rows: int) -> int:
    """Enough passes over `rows` training rows: at least LEAST_EPOCHS of them and LEAST_UPDATES updates."""
    return max(LEAST_EPOCHS, math.ceil(LEAST_UPDATES / math.ceil(rows / BATCH)))


def is_waveform(features: np.ndarray) -> bool:
    """Whether columns are samples of a signal: neighbours correlate. Features (rows, n) of another kind must not be shifted."""
    centred = features - features.mean(axis=0)
    left, right = centred[:, :-1], centred[:, 1:]
    spread = np.sqrt((left**2).sum(axis=0) * (right**2).sum(axis=0))
    varies = spread > 0
    correlation = (left * right).sum(axis=0)[varies] / spread[varies]
    return features.shape[1] >= 28 and varies.any() and float(np.median(correlation)) > 0.7


def fit(
    network: keras.Model,
    training: tuple[np.ndarray, np.ndarray],
    validation: tuple[np.ndarray, np.ndarray],
    classes: int,
    epochs: int,
    seed: int,
) -> dict[str, list[float]]:
    """Train `network`; return loss and accuracy of both parts by epoch.

    Each part is features float32 (rows, n) and labels int (rows,).
    """
    rows = len(training[1])
    batches = _batches(training[0], _targets(training[1], classes), seed)
    network, data = prepared(network, batches, (validation[0], _targets(validation[1], classes)))
    network.compile(
        keras.optimizers.AdamW(
            keras.optimizers.schedules.CosineDecay(LEARNING_RATE, epochs * math.ceil(rows / BATCH)), weight_decay=WEIGHT_DECAY
        ),
        keras.losses.BinaryCrossentropy(label_smoothing=LABEL_SMOOTHING)
        if classes == 2
        else keras.losses.CategoricalCrossentropy(label_smoothing=LABEL_SMOOTHING),
        metrics=["accuracy"],
    )
    history = network.fit(**data, epochs=epochs, shuffle=False, **_progress(epochs))
    return dict(history.history)


def _progress(epochs: int) -> dict[str, Any]:
    """Keras's own bar on a terminal, one line an epoch elsewhere."""

    def line(epoch: int, logs: dict[str, float]) -> None:
        numbers = "  ".join(f"{name} {value:.4f}" for name, value in logs.items())
        print(f"epoch {epoch + 1}/{epochs}  {numbers}", flush=True)

    if sys.stdout.isatty():
        return {"verbose": 1}
    return {"verbose": 0, "callbacks": [keras.callbacks.LambdaCallback(on_epoch_end=line)]}


def _targets(labels: np.ndarray, classes: int) -> np.ndarray:
    """Float32 (rows, 1) for two classes, else one column a class."""
    return labels[:, None].astype(np.float32) if classes == 2 else np.eye(classes, dtype=np.float32)[labels]


def _batches(features: np.ndarray, targets: np.ndarray, seed: int) -> tf.data.Dataset:
    """Batches in an order drawn anew each epoch, each row shifted, scaled and made noisier than it was."""
    n = features.shape[1]
    shift = round(n * SHIFT_SHARE) if is_waveform(features) else 0
    spread = features.std(axis=0).astype(np.float32)

    def augment(rows: tf.Tensor, wanted: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        count = tf.shape(rows)[0]
        if shift:
            moved = tf.range(n)[None, :] + tf.random.uniform([count, 1], -shift, shift + 1, dtype=tf.int32)
            rows = tf.gather(rows, tf.clip_by_value(moved, 0, n - 1), batch_dims=1)
        rows *= tf.random.uniform([count, 1], 1 - SCALE, 1 + SCALE)
        return rows + tf.random.normal(tf.shape(rows), stddev=NOISE) * spread, wanted

    rows = tf.data.Dataset.from_tensor_slices((features, targets))
    return rows.shuffle(len(features), seed=seed).batch(BATCH).map(augment).prefetch(2)


def recipe(features: np.ndarray, epochs: int) -> dict[str, float | int | str | bool]:
    """What was done to learn from `features`, float32 (rows, n), for the report and the artifact's metadata."""
    return {
        "layers": f"{features.shape[1]}-128-64",
        "optimizer": "AdamW",
        "learning_rate": f"cosine from {LEARNING_RATE}",
        "weight_decay": WEIGHT_DECAY,
        "label_smoothing": LABEL_SMOOTHING,
        "batch": BATCH,
        "epochs": epochs,
        "shift_samples": round(features.shape[1] * SHIFT_SHARE) if is_waveform(features) else 0,
        "scale": SCALE,
        "noise": NOISE,
    }
