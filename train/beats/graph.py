"""From a recording at any sampling rate to its beats, as one TensorFlow function: what export turns into an ONNX file."""

from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf

from train.beats.features import AFTER, BEFORE
from train.beats.network import SAMPLING_RATE_HZ, level

REFRACTORY = 18  # of two peaks within 144 ms the higher one is the beat
MARGIN = 125  # samples, more than a window reaches


class Annotation(tf.Module):  # type: ignore[misc]  # TensorFlow has no types.
    """The two networks, and what stands before, between and after them.

    detector   signal (1, samples, 1) to the logit that an R peak is at the sample, (1, samples, 1)
    typer      beats (1, beats, window), seconds and presence (1, beats, 1) to logits of the classes (1, beats, classes)
    threshold  of the detector's logit, above which a peak is a beat
    favour     (classes,), added to the typer's logits: the operating point
    """

    def __init__(self, detector: keras.Model, typer: keras.Model, threshold: float, favour: Sequence[float]) -> None:
        super().__init__()
        self.detector, self.typer = detector, typer
        self.threshold, self.favour = np.float32(threshold), np.array(favour, np.float32)

    @tf.function(
        input_signature=[
            tf.TensorSpec((None,), tf.float32, name="signal"),
            tf.TensorSpec((1,), tf.float32, name="sampling_rate"),
        ]
    )
    def annotate(self, signal: tf.Tensor, sampling_rate: tf.Tensor) -> dict[str, tf.Tensor]:
        """The beats of a recording.

        signal         float32 (samples,), mV
        sampling_rate  float32 (1,), Hz
        returns        sample int32, predicted_class int32, probability float32 (beats,), probabilities float32 (beats, classes)
        """
        x = resampled(signal, sampling_rate[0])
        logit = self.detector(x[None, :, None], training=False)[0, :, 0]
        peak = peaks(logit, self.threshold)
        place = tf.cast(peak, tf.float32) + beside_the_peak(logit, peak)
        logits = self.typer([windows(x, peak), *times(place)], training=False)
        probabilities = tf.nn.softmax(logits[0, :-1] + self.favour)
        return {
            "sample": in_the_input(place, signal, sampling_rate[0]),
            "predicted_class": tf.argmax(probabilities, axis=1, output_type=tf.int32),
            "probability": tf.reduce_max(probabilities, axis=1),
            "probabilities": probabilities,
        }


def resampled(signal: tf.Tensor, sampling_rate: tf.Tensor) -> tf.Tensor:
    """The signal at SAMPLING_RATE_HZ, float32 (samples,), with MARGIN samples like the first before it and like the last after.

    Each sample is the mean of the given ones within a period of the slower of the two rates, weighted by a raised cosine:
    that interpolates where the rate goes up, and keeps aliases out where it goes down.
    """
    step = tf.cast(sampling_rate, tf.float64) / SAMPLING_RATE_HZ
    given, reach = tf.shape(signal)[0], tf.cast(tf.maximum(step, 1.0), tf.float32)
    count = tf.cast(tf.math.ceil(tf.cast(given, tf.float64) / step), tf.int32)
    at = tf.cast(tf.range(-MARGIN, count + MARGIN), tf.float64) * step
    before = tf.math.floor(at)
    most = tf.cast(tf.math.ceil(reach), tf.int32)
    taps = tf.range(-most, most + 1)
    distance = (tf.cast(taps, tf.float32)[None] - tf.cast(at - before, tf.float32)[:, None]) / reach
    weight = 0.5 + 0.5 * tf.cos(np.float32(np.pi) * tf.clip_by_value(distance, -1.0, 1.0))
    index = tf.clip_by_value(tf.cast(before, tf.int32)[:, None] + taps[None], 0, tf.maximum(given - 1, 0))
    values = tf.gather(tf.concat([signal, [0.0]], axis=0), index)
    return tf.reduce_sum(weight * values, axis=1) / tf.reduce_sum(weight, axis=1)


def peaks(logit: tf.Tensor, threshold: np.float32) -> tf.Tensor:
    """Where the logit, float32 (samples,), is above the threshold and the highest around, int32 (beats,)."""
    highest = tf.nn.max_pool1d(logit[None, :, None], 2 * REFRACTORY + 1, 1, "SAME")[0, :, 0]
    is_peak = (logit == highest) & (logit > threshold)
    place = tf.cast(tf.where(is_peak)[:, 0], tf.int32)
    return tf.boolean_mask(place, (place >= MARGIN) & (place < tf.shape(logit)[0] - MARGIN))


def beside_the_peak(logit: tf.Tensor, peak: tf.Tensor) -> tf.Tensor:
    """How far from the sample the peak is, float32 (beats,), at most half a sample: the top of a parabola through three."""
    left, top, right = (tf.gather(logit, peak + by) for by in (-1, 0, 1))
    return tf.clip_by_value((right - left) / tf.maximum(4 * top - 2 * left - 2 * right, 1e-3), -0.5, 0.5)


def windows(x: tf.Tensor, peak: tf.Tensor) -> tf.Tensor:
    """The level signal around each peak, float32 (1, beats + 1, window); the last is no beat, so that there always is one."""
    x = level(x[None, :, None])[0, :, 0]
    middle = tf.concat([peak, [MARGIN]], axis=0)
    return tf.gather(x, middle[:, None] + tf.range(-BEFORE, AFTER)[None])[None]


def times(place: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Seconds and presence of each beat, float32 (1, beats + 1, 1); the last is no beat."""
    seconds = tf.concat([place / SAMPLING_RATE_HZ, [0.0]], axis=0)
    present = tf.concat([tf.ones_like(place), [0.0]], axis=0)
    return seconds[None, :, None], present[None, :, None]


def in_the_input(place: tf.Tensor, signal: tf.Tensor, sampling_rate: tf.Tensor) -> tf.Tensor:
    """The index into `signal`, int32 (beats,)."""
    index = tf.cast(tf.round((place - MARGIN) * (sampling_rate / SAMPLING_RATE_HZ)), tf.int32)
    return tf.clip_by_value(index, 0, tf.maximum(tf.shape(signal)[0] - 1, 0))
