"""From a recording at any sampling rate to its beats, as one TensorFlow function: what export turns into an ONNX file."""

from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf

from train.recordings.beat_features import AFTER, BEFORE
from train.recordings.network import SAMPLING_RATE_HZ, level

REFRACTORY = 18  # of two peaks within 144 ms the higher one is the beat
MARGIN = 125  # samples, more than a window reaches
PHASES = 2  # in which the detector sees a recording: as sampled, and half a sample later


class Annotation(tf.Module):  # type: ignore[misc]  # TensorFlow has no types.
    """The two networks, and what stands before, between and after them.

    detector   signal (PHASES, samples, 1) to the logit that an R peak is at the sample, of the same shape
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
        place = found(self.detector(x[..., None], training=False)[..., 0], self.threshold)
        logits = self.typer([windows(x, signal, sampling_rate[0], place), *times(place)], training=False)
        probabilities = tf.nn.softmax(logits[0, :-1] + self.favour)
        return {
            "sample": in_the_input(place, signal, sampling_rate[0]),
            "predicted_class": tf.argmax(probabilities, axis=1, output_type=tf.int32),
            "probability": tf.reduce_max(probabilities, axis=1),
            "probabilities": probabilities,
        }


def resampled(signal: tf.Tensor, sampling_rate: tf.Tensor) -> tf.Tensor:
    """The signal at SAMPLING_RATE_HZ twice, the second time half a sample later, float32 (PHASES, samples).

    It has MARGIN samples like the first before it and like the last after.
    """
    count = tf.math.ceil(tf.cast(tf.shape(signal)[0], tf.float64) * SAMPLING_RATE_HZ / tf.cast(sampling_rate, tf.float64))
    at = tf.range(-MARGIN, tf.cast(count, tf.int32) + MARGIN)
    return sampled(signal, sampling_rate, tf.cast(at, tf.float64) + np.arange(PHASES)[:, None] / PHASES)


def sampled(signal: tf.Tensor, sampling_rate: tf.Tensor, at: tf.Tensor) -> tf.Tensor:
    """The signal between its samples; `at`, float64 of any shape, is when, in periods of SAMPLING_RATE_HZ; float32 of that shape.

    It is the mean of the given samples within a period of the slower of the two rates, weighted by a raised cosine:
    that interpolates where the rate goes up, and keeps aliases out where it goes down.
    """
    step = tf.cast(sampling_rate, tf.float64) / SAMPLING_RATE_HZ
    at, reach = at * step, tf.cast(tf.maximum(step, 1.0), tf.float32)
    before = tf.math.floor(at)
    most = tf.cast(tf.math.ceil(reach), tf.int32)
    taps = tf.range(-most, most + 1)
    distance = (tf.cast(taps, tf.float32) - tf.cast(at - before, tf.float32)[..., None]) / reach
    weight = 0.5 + 0.5 * tf.cos(np.float32(np.pi) * tf.clip_by_value(distance, -1.0, 1.0))
    index = tf.clip_by_value(tf.cast(before, tf.int32)[..., None] + taps, 0, tf.maximum(tf.shape(signal)[0] - 1, 0))
    values = tf.gather(tf.concat([signal, [0.0]], axis=0), index)
    return tf.reduce_sum(weight * values, axis=-1) / tf.reduce_sum(weight, axis=-1)


def found(logits: tf.Tensor, threshold: np.float32) -> tf.Tensor:
    """Where the R peaks are, float64 (beats,), by the detector's logits of both phases, float32 (PHASES, samples).

    Each moment's logit is the mean of both: neither where the recording begins nor where it is sampled decides alone.
    """
    in_turn = tf.reshape(tf.transpose(logits), (-1,))
    even = (in_turn[:-2] + 2 * in_turn[1:-1] + in_turn[2:]) / 4
    logit = tf.concat([in_turn[:1], even, in_turn[-1:]], axis=0)
    peak = peaks(logit, threshold)
    return (tf.cast(peak, tf.float64) + tf.cast(beside_the_peak(logit, peak), tf.float64)) / PHASES


def peaks(logit: tf.Tensor, threshold: np.float32) -> tf.Tensor:
    """Where the logit, float32 (PHASES * samples,), is above the threshold and the highest around, int32 (beats,)."""
    highest = tf.nn.max_pool1d(logit[None, :, None], 2 * PHASES * REFRACTORY + 1, 1, "SAME")[0, :, 0]
    place = tf.cast(tf.where((logit == highest) & (logit > threshold))[:, 0], tf.int32)
    return tf.boolean_mask(place, (place >= PHASES * MARGIN) & (place < tf.shape(logit)[0] - PHASES * MARGIN))


def beside_the_peak(logit: tf.Tensor, peak: tf.Tensor) -> tf.Tensor:
    """How far from its moment the peak is, float32 (beats,), at most half way to the next: a parabola through three."""
    left, top, right = (tf.gather(logit, peak + by) for by in (-1, 0, 1))
    return tf.clip_by_value((right - left) / tf.maximum(4 * top - 2 * left - 2 * right, 1e-3), -0.5, 0.5)


def windows(x: tf.Tensor, signal: tf.Tensor, sampling_rate: tf.Tensor, place: tf.Tensor) -> tf.Tensor:
    """The level signal around each place, float32 (1, beats + 1, window); the last is no beat, so that there always is one.

    The signal is sampled anew from the R peak on, so that a window does not depend on where samples of the network's rate lie.
    """
    at = tf.concat([place, [float(MARGIN)]], axis=0)[:, None] + np.arange(-BEFORE, AFTER, dtype=float)
    baseline = (x[:1, :, None] - level(x[:1, :, None]))[0, :, 0]
    return (sampled(signal, sampling_rate, at - MARGIN) - tf.gather(baseline, tf.cast(tf.round(at), tf.int32)))[None]


def times(place: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Seconds and presence of each beat, float32 (1, beats + 1, 1); the last is no beat."""
    seconds = tf.concat([tf.cast(place / SAMPLING_RATE_HZ, tf.float32), [0.0]], axis=0)
    present = tf.concat([tf.ones_like(place, tf.float32), [0.0]], axis=0)
    return seconds[None, :, None], present[None, :, None]


def in_the_input(place: tf.Tensor, signal: tf.Tensor, sampling_rate: tf.Tensor) -> tf.Tensor:
    """The index into `signal`, int32 (beats,)."""
    index = tf.cast(tf.round((place - MARGIN) * tf.cast(sampling_rate, tf.float64) / SAMPLING_RATE_HZ), tf.int32)
    return tf.clip_by_value(index, 0, tf.maximum(tf.shape(signal)[0] - 1, 0))
