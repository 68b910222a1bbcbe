"""R peaks from the detector's logits: local maxima above a threshold, placed between samples by a parabola."""

import tensorflow as tf

from train.recordings.onnx_graph.resampling import MARGIN, SECOND

REFRACTORY = 14  # samples, 140 ms: of two peaks closer than that the higher one is the beat


def local_maxima(logit: tf.Tensor, threshold: float = 0.0) -> tf.Tensor:
    """Where the logit, float32 (samples,), is above the threshold and highest within REFRACTORY, bool; never in the margins."""
    highest = tf.nn.max_pool1d(logit[None, :, None], 2 * REFRACTORY + 1, 1, "SAME")[0, :, 0]
    index = tf.range(tf.shape(logit)[0])
    return (logit == highest) & (logit > threshold) & (index >= MARGIN) & (index < tf.shape(logit)[0] - MARGIN)


def in_seconds(seconds: tf.Tensor) -> tf.Tensor:
    """What is said of seconds, bool (seconds,), said of each of their samples, with margins where it is false."""
    samples = tf.reshape(tf.repeat(tf.cast(seconds, tf.int32), SECOND), (-1,))
    return tf.pad(samples, [[MARGIN, MARGIN]]) > 0


def refined(logit: tf.Tensor, is_peak: tf.Tensor) -> tf.Tensor:
    """Where the R peaks are, float64 (beats,): each peak moved by up to half a sample, to the vertex of a parabola."""
    peak = tf.cast(tf.where(is_peak)[:, 0], tf.int32)
    left, top, right = (tf.gather(logit, peak + by) for by in (-1, 0, 1))
    offset = tf.clip_by_value((right - left) / tf.maximum(4 * top - 2 * left - 2 * right, 1e-3), -0.5, 0.5)
    return tf.cast(peak, tf.float64) + tf.cast(offset, tf.float64)
