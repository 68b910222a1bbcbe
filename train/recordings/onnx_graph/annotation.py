"""The whole graph: resampling, detector, peak picking, beat classifier and softmax, as one TensorFlow function."""

from collections.abc import Mapping, Sequence

import keras
import numpy as np
import tensorflow as tf

from train.recordings.network import SAMPLING_RATE_HZ, STEP, remove_baseline
from train.recordings.onnx_graph.beat_features import moving_mean
from train.recordings.onnx_graph.beat_windows import NEAR_S, beat_windows, nearest_beats
from train.recordings.onnx_graph.peak_picking import in_seconds, local_maxima, refined
from train.recordings.onnx_graph.resampling import MARGIN, input_samples, resampled
from train.recordings.rhythm import VF

HALF_BEFORE_READABLE_S = 8  # Twice as many seconds before a second say something of it.
USUAL_LOGIT = 2.0  # to which the seconds before are clipped: a second of noise is not made readable by hours without


class AnnotationGraph(tf.Module):  # type: ignore[misc]  # TensorFlow has no types.
    """The networks, with the pre- and post-processing around them.

    detector         network.detector: what is there, sample by sample and second by second
    beat_classifier  network.beat_classifier, or an ensemble of them: logits of the classes of beats and the rhythm of seconds
    biases           what is added to the logits, the operating points: of `r_peak` and `readable` (1,), `classes`, `rhythm`
    """

    def __init__(self, detector: keras.Model, beat_classifier: keras.Model, biases: Mapping[str, Sequence[float]]) -> None:
        super().__init__()
        self.detector, self.beat_classifier = detector, beat_classifier
        self.biases = {name: np.array(values, np.float32) for name, values in biases.items()}

    @tf.function(
        input_signature=[
            tf.TensorSpec((None,), tf.float32, name="signal"),
            tf.TensorSpec((1,), tf.float32, name="sampling_rate"),
        ]
    )
    def annotate(self, signal: tf.Tensor, sampling_rate: tf.Tensor) -> dict[str, tf.Tensor]:
        """The beats of a recording and the rhythm of its seconds.

        signal         float32 (samples,), mV
        sampling_rate  float32 (1,), Hz
        returns        sample int32, predicted_class int32, probability float32 (beats,), probabilities float32 (beats, classes);
                       readable float32 (seconds,), rhythm_probabilities float32 (seconds, rhythms)
        """
        found = self.run_detector(signal - signal[:1], sampling_rate[0], STEP)  # Far from zero float32 is coarse.
        r_peak = found["r_peak"]
        named = self.beat_classifier(classifier_inputs(found), training=False)
        rhythm = tf.nn.softmax(named["rhythm"][0, :-1] + self.biases["rhythm"])
        kept = ~tf.gather(in_seconds(tf.argmax(rhythm, axis=1) == VF), tf.cast(r_peak, tf.int32))
        probabilities = tf.boolean_mask(tf.nn.softmax(named["classes"][0, :-1] + self.biases["classes"]), kept)
        return {
            "sample": tf.boolean_mask(input_samples(r_peak, signal, sampling_rate[0]), kept),
            "predicted_class": tf.argmax(probabilities, axis=1, output_type=tf.int32),
            "probability": tf.reduce_max(probabilities, axis=1),
            "probabilities": probabilities,
            "readable": tf.sigmoid(found["readable"]),
            "rhythm_probabilities": rhythm,
        }

    @tf.function(input_signature=[tf.TensorSpec((None,), tf.float32)])
    def find(self, signal: tf.Tensor) -> dict[str, tf.Tensor]:
        """What the detector says of a signal at SAMPLING_RATE_HZ, float32 (samples,), from which the beat classifier learns.

        In one phase: R peaks that lie some milliseconds off teach it not to mind.
        """
        return self.run_detector(signal, tf.constant(SAMPLING_RATE_HZ), 1)

    def run_detector(self, signal: tf.Tensor, sampling_rate: tf.Tensor, phases: int) -> dict[str, tf.Tensor]:
        """The signal as the networks see it, and what the detector says of it.

        In STEP phases, each a sample later, the mean logit of an R peak depends little on where the recording starts.

        clean     float32 (samples,), mV at SAMPLING_RATE_HZ without baseline, with margins
        is_peak   bool (samples,), with margins
        r_peak    float64 (beats,), in samples of that, where it is readable
        readable  float32 (seconds,), logit with its bias
        features  float32 (seconds, SECOND_FEATURES)
        """
        clean = remove_baseline(resampled(signal, sampling_rate)[None, :, None])
        later = [tf.roll(clean, -phase, axis=1) for phase in range(phases)]
        found = self.detector(tf.concat(later, axis=0), training=False)
        logits = [tf.roll(found["r_peak"][phase, :, 0], phase, axis=0) for phase in range(phases)]
        logit = tf.add_n(logits) / phases + self.biases["r_peak"]
        readable = in_context(found["readable"][:1, 1:-1])[0, :, 0] + self.biases["readable"]
        is_peak = local_maxima(logit) & in_seconds(readable >= 0)
        return {
            "clean": clean[0, :, 0],
            "is_peak": is_peak,
            "r_peak": refined(logit, is_peak),
            "readable": readable,
            "features": found["features"][0, 1:-1],
        }


def in_context(readable: tf.Tensor) -> tf.Tensor:
    """The logits of `readable`, (batch, seconds, 1), with the mean of the seconds before: noise is likelier in noisy minutes.

    Nothing of the seconds after, so that what is said of a signal that is still coming seldom changes.
    """
    before = [[0, 0], [HALF_BEFORE_READABLE_S, 0], [0, 0]]
    usual, known = tf.clip_by_value(readable, -USUAL_LOGIT, USUAL_LOGIT), tf.ones_like(readable)
    mean = moving_mean(tf.pad(usual, before), HALF_BEFORE_READABLE_S, tf.pad(known, before))
    return readable + mean[:, : tf.shape(readable)[1]]


def classifier_inputs(found: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
    """The inputs of the beat classifier, by name, from what `run_detector` returns; a beat and a second of padding are added."""
    r_peak, features = found["r_peak"], found["features"]
    time = tf.concat([tf.cast((r_peak - MARGIN) / SAMPLING_RATE_HZ, tf.float32), [0.0]], axis=0)
    present = tf.concat([tf.ones_like(r_peak, tf.float32), [0.0]], axis=0)
    known = tf.concat([tf.ones_like(features[:, 0]), [0.0]], axis=0)
    beat = tf.concat([nearest_beats(found["is_peak"], time), [0]], axis=0)
    middle = tf.cast(tf.range(tf.shape(known)[0]), tf.float32) + 0.5
    near = known * tf.gather(present, beat) * tf.cast(tf.abs(tf.gather(time, beat) - middle) < NEAR_S, tf.float32)
    return {
        "window": (beat_windows(found["clean"], r_peak) * present[:, None])[None],
        "seconds": time[None, :, None],
        "present": present[None, :, None],
        "features": tf.pad(features, [[0, 1], [0, 0]])[None],
        "known": known[None, :, None],
        "near": near[None, :, None],
        "beat_of_second": beat[None],
        "second_of_beat": tf.clip_by_value(tf.cast(time, tf.int32), 0, tf.shape(known)[0] - 1)[None],
    }
