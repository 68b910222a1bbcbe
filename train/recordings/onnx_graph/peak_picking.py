"""R peaks from the detector's logits: local maxima above a threshold, placed between samples by a parabola."""

import numpy as np
import tensorflow as tf

from train.recordings.onnx_graph.resampling import MARGIN, PHASES

REFRACTORY = 18  # samples, 144 ms: of two peaks closer than that the higher one is the beat


def r_peaks(logits: tf.Tensor, threshold: np.float32) -> tf.Tensor:
    """Where the R peaks are, float64 (beats,), from the detector's logits of both phases, float32 (PHASES, samples).

    The phases are interleaved and smoothed (1, 2, 1) / 4, so that the result depends little on where the recording starts.
    """
    interleaved = tf.reshape(tf.transpose(logits), (-1,))
    smoothed = (interleaved[:-2] + 2 * interleaved[1:-1] + interleaved[2:]) / 4
    logit = tf.concat([interleaved[:1], smoothed, interleaved[-1:]], axis=0)
    peak = local_maxima(logit, threshold)
    return (tf.cast(peak, tf.float64) + tf.cast(subsample_offset(logit, peak), tf.float64)) / PHASES


def local_maxima(logit: tf.Tensor, threshold: np.float32) -> tf.Tensor:
    """Indices at which the logit, float32 (PHASES * samples,), is above the threshold and highest within REFRACTORY, int32."""
    highest = tf.nn.max_pool1d(logit[None, :, None], 2 * PHASES * REFRACTORY + 1, 1, "SAME")[0, :, 0]
    peak = tf.cast(tf.where((logit == highest) & (logit > threshold))[:, 0], tf.int32)
    return tf.boolean_mask(peak, (peak >= PHASES * MARGIN) & (peak < tf.shape(logit)[0] - PHASES * MARGIN))


def subsample_offset(logit: tf.Tensor, peak: tf.Tensor) -> tf.Tensor:
    """Offset of each peak from its sample, float32 (beats,), from -0.5 to 0.5: the vertex of a parabola through three points."""
    left, top, right = (tf.gather(logit, peak + by) for by in (-1, 0, 1))
    return tf.clip_by_value((right - left) / tf.maximum(4 * top - 2 * left - 2 * right, 1e-3), -0.5, 0.5)
