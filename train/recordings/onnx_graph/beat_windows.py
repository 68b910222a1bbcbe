"""What the beat classifier takes of each beat, the signal around its R peak, and which beat belongs to which second."""

import numpy as np
import tensorflow as tf

from train.recordings.onnx_graph.beat_features import AFTER, BEFORE
from train.recordings.onnx_graph.resampling import MARGIN, SECOND

NEAR_S = 2.0  # a beat further from the middle of a second says nothing of it


def beat_windows(signal: tf.Tensor, r_peak: tf.Tensor) -> tf.Tensor:
    """The signal, float32 (samples,), around each R peak, float32 (beats + 1, window); the last window is padding.

    By Catmull-Rom splines, so that it does not depend on where between two samples the R peak is.
    """
    at = tf.concat([r_peak, [float(MARGIN)]], axis=0)[:, None] + np.arange(-BEFORE, AFTER, dtype=float)
    before = tf.math.floor(at)
    t, index = tf.cast(at - before, tf.float32), tf.cast(before, tf.int32)
    a, b, c, d = (tf.gather(signal, index + by) for by in (-1, 0, 1, 2))
    return b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))


def nearest_beats(is_peak: tf.Tensor, time: tf.Tensor) -> tf.Tensor:
    """The index of the beat nearest to the middle of each second, int32 (seconds,).

    is_peak  bool (samples,), with margins
    time     float32 (beats + 1,), s; the last is padding, whose index is given where there is no beat
    """
    last = tf.shape(time)[0] - 2
    until = tf.cumsum(tf.cast(is_peak, tf.int32))[MARGIN + SECOND // 2 : -MARGIN : SECOND]
    following, preceding = tf.clip_by_value(until, 0, tf.maximum(last, 0)), tf.maximum(until - 1, 0)
    middle = tf.cast(tf.range(tf.shape(until)[0]), tf.float32) + 0.5
    nearer = tf.abs(tf.gather(time, preceding) - middle) <= tf.abs(tf.gather(time, following) - middle)
    return tf.where(nearer, preceding, following)
