"""What the beat classifier takes of each beat: the signal around its R peak, and when it was."""

import numpy as np
import tensorflow as tf

from train.recordings.network import SAMPLING_RATE_HZ, remove_baseline
from train.recordings.onnx_graph.beat_features import AFTER, BEFORE
from train.recordings.onnx_graph.resampling import MARGIN, interpolated


def beat_windows(x: tf.Tensor, signal: tf.Tensor, sampling_rate: tf.Tensor, r_peak: tf.Tensor) -> tf.Tensor:
    """The signal without its baseline around each R peak, float32 (1, beats + 1, window).

    The last window is padding, so that there is at least one. Each is resampled from its R peak on, so that it does not depend
    on the phase at which the network's rate samples the signal.
    """
    at = tf.concat([r_peak, [float(MARGIN)]], axis=0)[:, None] + np.arange(-BEFORE, AFTER, dtype=float)
    baseline = (x[:1, :, None] - remove_baseline(x[:1, :, None]))[0, :, 0]
    return (interpolated(signal, sampling_rate, at - MARGIN) - tf.gather(baseline, tf.cast(tf.round(at), tf.int32)))[None]


def beat_times(r_peak: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Seconds and presence of each beat, float32 (1, beats + 1, 1); the last is padding."""
    seconds = tf.concat([tf.cast(r_peak / SAMPLING_RATE_HZ, tf.float32), [0.0]], axis=0)
    present = tf.concat([tf.ones_like(r_peak, tf.float32), [0.0]], axis=0)
    return seconds[None, :, None], present[None, :, None]
