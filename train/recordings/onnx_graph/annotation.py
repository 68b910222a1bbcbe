"""The whole graph: resampling, detector, peak picking, beat classifier and softmax, as one TensorFlow function."""

from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf

from train.recordings.onnx_graph.beat_windows import beat_times, beat_windows
from train.recordings.onnx_graph.peak_picking import r_peaks
from train.recordings.onnx_graph.resampling import input_samples, resampled


class AnnotationGraph(tf.Module):  # type: ignore[misc]  # TensorFlow has no types.
    """The two networks, with the pre- and post-processing around them.

    detector         signal (PHASES, samples, 1) to the logit that an R peak is at the sample, of the same shape
    beat_classifier  windows (1, beats, window), seconds and present (1, beats, 1) to logits of the classes (1, beats, classes)
    threshold        of the detector's logit, above which a peak is a beat
    logit_bias       (classes,), added to the classifier's logits: the operating point
    """

    def __init__(
        self, detector: keras.Model, beat_classifier: keras.Model, threshold: float, logit_bias: Sequence[float]
    ) -> None:
        super().__init__()
        self.detector, self.beat_classifier = detector, beat_classifier
        self.threshold, self.logit_bias = np.float32(threshold), np.array(logit_bias, np.float32)

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
        r_peak = r_peaks(self.detector(x[..., None], training=False)[..., 0], self.threshold)
        windows = beat_windows(x, signal, sampling_rate[0], r_peak)
        logits = self.beat_classifier([windows, *beat_times(r_peak)], training=False)
        probabilities = tf.nn.softmax(logits[0, :-1] + self.logit_bias)
        return {
            "sample": input_samples(r_peak, signal, sampling_rate[0]),
            "predicted_class": tf.argmax(probabilities, axis=1, output_type=tf.int32),
            "probability": tf.reduce_max(probabilities, axis=1),
            "probabilities": probabilities,
        }
