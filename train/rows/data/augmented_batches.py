"""Batches of training rows: shuffled anew each epoch, each row shifted, scaled and with noise added."""

import numpy as np
import tensorflow as tf

BATCH = 32
SHIFT_SHARE = 1 / 28  # of the samples of a row, either way
SCALE = 0.2
NOISE = 0.15  # of a feature's standard deviation
LEAST_SAMPLES = 28  # of a row that may be a waveform


def is_waveform(features: np.ndarray) -> bool:
    """Whether the columns of `features` (rows, n) are samples of a signal, which may be shifted: neighbours correlate."""
    centred = features - features.mean(axis=0)
    left, right = centred[:, :-1], centred[:, 1:]
    spread = np.sqrt((left**2).sum(axis=0)) * np.sqrt((right**2).sum(axis=0))
    varies = spread > 0
    correlation = (left * right).sum(axis=0)[varies] / spread[varies]
    return features.shape[1] >= LEAST_SAMPLES and varies.any() and float(np.median(correlation)) > 0.7


def shift_of(features: np.ndarray) -> int:
    """By how many samples at most a row is shifted: 0 where the features are no waveform."""
    return round(features.shape[1] * SHIFT_SHARE) if is_waveform(features) else 0


def augmented_batches(features: np.ndarray, targets: np.ndarray, seed: int) -> tf.data.Dataset:
    """Data set of (features, targets), float32 (BATCH, n) and (BATCH, 1 or classes)."""
    n, shift = features.shape[1], shift_of(features)
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
