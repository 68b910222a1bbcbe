"""What the networks minimise, where much is only known to be one of several, or only of a recording as a whole.

Every loss is a cross-entropy with the set of answers that are possible: the negative logarithm of the sum of their probabilities.
A label of a whole recording is compared with the mean over its seconds, as in multiple-instance learning (Dietterich, Lathrop
and Lozano-Pérez, Artificial Intelligence 89 (1997), 31-71).
"""

import tensorflow as tf

from train.recordings.data.detector_batches import JUDGED, UNKNOWN
from train.recordings.onnx_graph.resampling import SECOND

TARGET_WEIGHT = 4  # how much more a sample at an R peak counts than one elsewhere
SHARES = {"r_peak": 3.0, "readable": 0.5, "rhythm": 0.5, "label": 0.5}  # of the detector's losses in their sum
NEAR_SAMPLES, FALSE_SAMPLES = 15, 31  # widths in which a beat is found, and outside of which a peak is false
PEAK_LOGIT, FALSE_LOGIT = -1.0, -1.5  # from which a peak is found, and from which a false one counts
MISTAKEN, LABELLED = 1.5, 0.5  # weight of seconds that are not readable, and of crops of which a label speaks
LABEL_SHARES = 0.15, 0.98  # of their seconds that are readable in a recording that is called noisy, and in one that is not
SMOOTHING = 0.02
ANNOTATED_SHARES = {"classes": 1.0, "rhythm": 0.3}  # of the beat classifier's losses where beats and seconds are annotated,
LABELLED_SHARES = {"classes": 0.6, "label": 1.5}  # and where recordings are labelled

Tensors = dict[str, tf.Tensor]


def detector_losses(found: Tensors, known: Tensors) -> Tensors:
    """The loss of each answer of the detector; `known` are the fields of a detector_batches.Crop by name."""
    logit = found["r_peak"][..., 0]
    wrong = tf.nn.sigmoid_cross_entropy_with_logits(known["target"], logit)
    weight = known["weight"] * (1 + TARGET_WEIGHT * known["target"])
    some = 1 - tf.reduce_min(known["possible"], axis=-1)
    annotated = -_possible(found["rhythm"], known["possible"])
    return {
        "r_peak": tf.reduce_sum(weight * wrong) / tf.reduce_sum(known["weight"]),
        "readable": _readable_loss(found["readable"][..., 0], known, tf.stop_gradient(logit)),
        "rhythm": _mean(annotated, some * (1 - known["labelled"])[:, None]),
        "label": _label_loss(found["rhythm"], known["possible"], some, known["labelled"]),
    }


def _readable_loss(logit: tf.Tensor, known: Tensors, r_peak_logit: tf.Tensor) -> tf.Tensor:
    """Where nobody says whether a second is readable, it is if the detector makes no error there.

    A label of a recording holds on the whole: what is called noisy has readable seconds, too.
    """
    label, labelled = known["readable"], known["labelled"][:, None]
    said = tf.cast(label != UNKNOWN, tf.float32)
    target = tf.where(label == JUDGED, 1 - errors(r_peak_logit, known), tf.clip_by_value(label, 0.0, 1.0))
    wrong = tf.nn.sigmoid_cross_entropy_with_logits(target, logit)
    share, seconds = (tf.reduce_sum(said * x, axis=1) for x in (tf.sigmoid(logit), tf.ones_like(logit)))
    share = tf.clip_by_value(share / tf.maximum(seconds, 1.0), 1e-3, 1 - 1e-3)
    expected = tf.clip_by_value(tf.reduce_sum(said * target, axis=1) / tf.maximum(seconds, 1.0), *LABEL_SHARES)
    of_label = -expected * tf.math.log(share) - (1 - expected) * tf.math.log(1 - share)
    weight = said * tf.where(target < 0.5, MISTAKEN, 1.0)
    return _mean(tf.where(labelled > 0, LABELLED * of_label[:, None], wrong), weight)


def errors(r_peak_logit: tf.Tensor, known: Tensors) -> tf.Tensor:
    """Seconds within half a second of which a beat is missed or a peak is false, float32 (batch, seconds), 0 or 1."""
    missed = known["beat"] * tf.cast(_highest(r_peak_logit, NEAR_SAMPLES) < PEAK_LOGIT, tf.float32)
    false = tf.cast(r_peak_logit > FALSE_LOGIT, tf.float32) * (1 - _highest(known["beat"], FALSE_SAMPLES))
    wrong = _highest(known["weight"] * tf.maximum(missed, false), SECOND + 1)
    return tf.reduce_max(tf.reshape(wrong, (tf.shape(wrong)[0], -1, SECOND)), axis=-1)


def _highest(x: tf.Tensor, width: int) -> tf.Tensor:
    """The highest value within `width` samples around each of (batch, samples)."""
    return tf.nn.max_pool1d(x[..., None], width, 1, "SAME")[..., 0]


def classifier_losses(logits: Tensors, known: Tensors) -> Tensors:
    """The losses of the beat classifier; `known` as of a classifier_batches.Batch."""
    some = (1 - tf.reduce_min(known["possible_rhythms"], axis=-1)) * known["counts"]
    rhythm = -_possible(logits["rhythm"], known["possible_rhythms"])
    return {
        "classes": _mean(-_possible(logits["classes"], known["possible_classes"]), known["weight"]),
        "rhythm": _mean(rhythm, some * (1 - known["labelled"])[:, None]),
        "label": _label_loss(logits["rhythm"], known["possible_rhythms"], known["counts"], known["labelled"]),
    }


def _label_loss(logits: tf.Tensor, possible: tf.Tensor, counts: tf.Tensor, labelled: tf.Tensor) -> tf.Tensor:
    """Of the mean of the probabilities over the seconds that count, of recordings with a label and more than three of those."""
    seconds = tf.reduce_sum(counts, axis=1)
    mean = tf.reduce_sum(tf.nn.softmax(logits) * counts[..., None], axis=1) / tf.maximum(seconds, 1.0)[:, None]
    label = tf.reduce_max(possible * counts[..., None], axis=1)
    probability = tf.reduce_sum(mean * ((1 - 1.5 * SMOOTHING) * label + SMOOTHING / 2), axis=-1)
    return _mean(-tf.math.log(probability + 1e-4), labelled * tf.cast(seconds > 3, tf.float32))


def _possible(logits: tf.Tensor, possible: tf.Tensor) -> tf.Tensor:
    """The logarithm of the probability that the answer is a possible one."""
    share = (1 - SMOOTHING) * possible + SMOOTHING / 4
    return tf.reduce_logsumexp(tf.nn.log_softmax(logits) + tf.math.log(share), axis=-1)


def _mean(values: tf.Tensor, weight: tf.Tensor) -> tf.Tensor:
    """The mean of values that have a weight."""
    return tf.reduce_sum(weight * values) / (tf.reduce_sum(weight) + 1.0)
