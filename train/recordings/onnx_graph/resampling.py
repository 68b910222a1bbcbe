"""A signal of any sampling rate, resampled to that of the networks, and back to indices of the input."""

import numpy as np
import tensorflow as tf

from train.recordings.network import SAMPLING_RATE_HZ

SECOND = int(SAMPLING_RATE_HZ)  # samples
MARGIN = SECOND  # samples of padding at each end, more than a window reaches


def whole_seconds(signal: tf.Tensor, sampling_rate: tf.Tensor) -> tf.Tensor:
    """How many seconds a signal has, the last of which may be a part of one, int32."""
    return tf.cast(tf.math.ceil(tf.cast(tf.shape(signal)[0], tf.float64) / tf.cast(sampling_rate, tf.float64)), tf.int32)


def resampled(signal: tf.Tensor, sampling_rate: tf.Tensor) -> tf.Tensor:
    """The signal at SAMPLING_RATE_HZ, float32 (MARGIN + SECOND * seconds + MARGIN,); its ends repeat the first and last sample.

    By a raised-cosine kernel as wide as a period of the slower of the two rates: it interpolates where the rate goes up, and is
    an anti-aliasing filter where it goes down.
    """
    step = tf.cast(sampling_rate, tf.float64) / SAMPLING_RATE_HZ
    count = SECOND * whole_seconds(signal, sampling_rate)
    at, reach = tf.cast(tf.range(-MARGIN, count + MARGIN), tf.float64) * step, tf.cast(tf.maximum(step, 1.0), tf.float32)
    before = tf.math.floor(at)
    most = tf.cast(tf.math.ceil(reach), tf.int32)
    taps = tf.range(-most, most + 1)
    distance = (tf.cast(taps, tf.float32) - tf.cast(at - before, tf.float32)[..., None]) / reach
    weight = 0.5 + 0.5 * tf.cos(np.float32(np.pi) * tf.clip_by_value(distance, -1.0, 1.0))
    index = tf.clip_by_value(tf.cast(before, tf.int32)[..., None] + taps, 0, tf.maximum(tf.shape(signal)[0] - 1, 0))
    values = tf.gather(tf.concat([signal, [0.0]], axis=0), index)
    return tf.reduce_sum(weight * values, axis=-1) / tf.reduce_sum(weight, axis=-1)


def input_samples(r_peak: tf.Tensor, signal: tf.Tensor, sampling_rate: tf.Tensor) -> tf.Tensor:
    """R peaks, in samples of what `resampled` returns, as indices into `signal`, int32 (beats,)."""
    index = tf.cast(tf.round((r_peak - MARGIN) * tf.cast(sampling_rate, tf.float64) / SAMPLING_RATE_HZ), tf.int32)
    return tf.clip_by_value(index, 0, tf.maximum(tf.shape(signal)[0] - 1, 0))
