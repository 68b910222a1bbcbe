"""The networks: one that finds R peaks and says what can be read, one that names beats and rhythm; functional Keras models."""

import keras
import tensorflow as tf
from keras import KerasTensor, layers, ops

from train.recordings.onnx_graph.beat_features import AFTER, BEFORE, moving_mean, rhythm_features, shape_features
from train.recordings.rhythm import RHYTHMS

SAMPLING_RATE_HZ = 100.0
STEP = 2  # samples a step of the detector
STEPS_A_SECOND = 50
AROUND_S = (4, 15, 45)  # to each side of a second, over which the beat classifier averages
SECOND_CHANNELS = 32  # of the detector's last layer over seconds
SECOND_FEATURES = SECOND_CHANNELS + len(RHYTHMS) + 1
ENSEMBLE_NAME, MEMBER_NAME = "typers", "typer-{}"  # of the Keras models: part of tensor names in exported files


def detector(channels: int = 32, kernel: int = 5, dilations: tuple[int, ...] = (1, 2, 4, 8, 16, 32, 64)) -> keras.Model:
    """A signal without its baseline, mV at SAMPLING_RATE_HZ, (batch, samples, 1), to what is there.

    samples must be a multiple of 100.

    r_peak    (batch, samples, 1), logit that an R peak is at the sample
    readable  (batch, seconds, 1), logit that beats can be found
    rhythm    (batch, seconds, rhythms), logits of the rhythm as far as some seconds show it
    features  (batch, seconds, SECOND_FEATURES), which the beat classifier sees
    """
    signal = keras.Input((None, 1), name="signal")
    x = layers.Reshape((1, -1, STEP))(normalise_amplitude(signal))
    x = _convolution(x, channels, 7)
    for dilation in dilations:
        x = x + _convolution(x, channels, kernel, dilation)
    r_peak = layers.Reshape((-1, 1))(layers.Conv2D(STEP, 1, name="r_peak")(x))
    s = layers.Concatenate()([layers.AveragePooling2D((1, STEPS_A_SECOND))(x), layers.MaxPooling2D((1, STEPS_A_SECOND))(x)])
    s = _convolution(s, 48, 1)
    s = _convolution(layers.Dropout(0.1)(s), SECOND_CHANNELS, 3)[:, 0]
    readable, rhythm = layers.Dense(1, name="readable")(s), layers.Dense(len(RHYTHMS), name="rhythm")(s)
    features = layers.Concatenate()([s, ops.clip(rhythm, -8, 8), ops.clip(readable, -8, 8)])
    outputs = {"r_peak": r_peak, "readable": readable, "rhythm": rhythm, "features": features}
    return keras.Model(signal, outputs, name="detector")


def _convolution(x: KerasTensor, channels: int, kernel: int, dilation: int = 1) -> KerasTensor:
    """Along the steps of (batch, 1, steps, channels), normalised (which export folds into the convolution) and rectified."""
    x = Convolution(channels, (1, kernel), padding="same", dilation_rate=(1, dilation), use_bias=False)(x)
    return layers.ReLU()(layers.BatchNormalization()(x))


def remove_baseline(signal: KerasTensor) -> KerasTensor:
    """High-pass filter: the signal (batch, samples, 1) minus its moving mean over half a second, taken twice."""
    return signal - moving_mean(moving_mean(signal, 25), 25)


def normalise_amplitude(signal: KerasTensor) -> KerasTensor:
    """The signal divided by its moving root mean square over ten seconds, which is longer than most pauses, clipped to ±8."""
    power = ops.relu(moving_mean(ops.square(signal), 500))  # Rounding may make it negative.
    return ops.clip(signal / (ops.sqrt(power) + 0.02), -8, 8)


def beat_classifier(classes: int, member: int, channels: int = 20, across: int = 48, dropout: float = 0.3) -> keras.Model:
    """The beats of a recording, in order, and its seconds to two outputs of logits.

    window          (batch, beats, BEFORE + AFTER), the signal in mV around each R peak, without its baseline
    seconds         (batch, beats, 1), time of the R peak
    present         (batch, beats, 1), 1 for a beat, 0 for padding
    features        (batch, seconds, SECOND_FEATURES), from the detector
    known           (batch, seconds, 1), 1 for a second of the recording, 0 for padding
    near            (batch, seconds, 1), 1 where the nearest beat is near enough to say something of the second
    beat_of_second  (batch, seconds), index of that beat
    second_of_beat  (batch, beats), index of the second in which each beat is

    classes  (batch, beats, classes)
    rhythm   (batch, seconds, rhythms)
    """
    inputs = _classifier_inputs()
    beats, rate = _beats(inputs, channels, across, dropout)
    seconds = _seconds(inputs, beats, across, dropout)
    rate = RowsAt()(layers.Dense(8, activation="relu")(rate), inputs["beat_of_second"]) * inputs["near"]
    rhythm = layers.Dense(len(RHYTHMS), name="rhythm")(layers.Concatenate()([layers.Dropout(dropout)(seconds), rate]))
    around = RowsAt()(layers.Dense(16, activation="relu")(seconds), inputs["second_of_beat"])
    x = layers.Dropout(dropout)(layers.Concatenate()([beats, around]))
    logits = layers.Dense(classes, name="classes")(layers.Dense(32, activation="relu")(x))
    return keras.Model(inputs, {"classes": logits, "rhythm": rhythm}, name=MEMBER_NAME.format(member))


def _classifier_inputs() -> dict[str, KerasTensor]:
    widths = {"window": BEFORE + AFTER, "seconds": 1, "present": 1, "features": SECOND_FEATURES, "known": 1, "near": 1}
    inputs = {name: keras.Input((None, width), name=name) for name, width in widths.items()}
    return inputs | {name: keras.Input((None,), name=name, dtype="int32") for name in ("beat_of_second", "second_of_beat")}


def _beats(inputs: dict[str, KerasTensor], channels: int, across: int, dropout: float) -> tuple[KerasTensor, KerasTensor]:
    """What is known of each beat from its shape, its RR intervals and the beats around it, (batch, beats, …); the heart rate."""
    rhythm, rate, regular, late = rhythm_features(inputs["seconds"], inputs["present"])
    shape, channels_of_beat = shape_features(inputs["window"], regular, late, inputs["present"])
    numbers = inputs["present"] * ops.concatenate([rhythm, shape], -1)
    x = layers.Concatenate()([numbers, encoder(channels_of_beat, channels, dropout)])
    x = layers.Dense(across, activation="relu")(x)
    near = layers.Conv1D(across, 5, padding="same", activation="relu")(layers.Dropout(dropout)(x))
    wide = Convolution(across * 2 // 3, (1, 5), padding="same", dilation_rate=(1, 3), activation="relu")
    far = wide(layers.Dropout(dropout)(near)[:, None])[:, 0]
    return layers.Concatenate()([x, near, far]), rate


def _seconds(inputs: dict[str, KerasTensor], beats: KerasTensor, across: int, dropout: float) -> KerasTensor:
    """What is known of each second from the beat nearest to it, from the detector, and from the seconds around it."""
    of_beat = RowsAt()(layers.Dense(32, activation="relu")(beats), inputs["beat_of_second"]) * inputs["near"]
    x = layers.Concatenate()([of_beat, inputs["near"], layers.Dropout(0.2)(inputs["features"])])
    x = layers.Dense(across, activation="relu")(x) * inputs["known"]
    near = layers.Conv1D(across, 5, padding="same", activation="relu")(layers.Dropout(dropout)(x)) * inputs["known"]
    x = layers.Concatenate()([x, near])
    means = [moving_mean(x, reach, inputs["known"]) for reach in AROUND_S]
    return layers.Dense(64, activation="relu")(layers.Dropout(dropout)(layers.Concatenate()([x, *means])))


class Convolution(layers.Conv2D):  # type: ignore[misc]  # Keras has no types: to strict mypy this is a subclass of Any.
    """Along the steps of (batch, 1, steps, channels), with an odd kernel (1, steps); one operation where nothing is learned.

    Keras moves the steps of a dilated one into the batch and back, since TensorFlow has no gradient of the other on processors:
    fifty nodes of an exported graph, and a third of its time.
    """

    def call(self, inputs: KerasTensor, training: bool = False) -> KerasTensor:
        """What Keras's own layer answers."""
        if training:
            return super().call(inputs)
        margin = self.dilation_rate[1] * (self.kernel_size[1] // 2)
        around = [[0, 0], [0, 0], [margin, margin], [0, 0]]
        x = tf.nn.conv2d(inputs, self.kernel, 1, around, dilations=self.dilation_rate)
        return self.activation(x + self.bias if self.use_bias else x)


@keras.saving.register_keras_serializable("ecg")
class RowsAt(layers.Layer):  # type: ignore[misc]  # Keras has no types: to strict mypy this is a subclass of Any.
    """Rows of (batch, rows, channels) at indices (batch, n): (batch, n, channels), by one gather over all of the batch."""

    def call(self, x: KerasTensor, index: KerasTensor) -> KerasTensor:
        """The rows, in the order of the indices."""
        first = ops.arange(ops.shape(x)[0], dtype="int32")[:, None] * ops.shape(x)[1]
        return ops.take(ops.reshape(x, (-1, x.shape[-1])), index + first, axis=0)

    def compute_output_shape(self, x_shape: tuple[int, ...], index_shape: tuple[int, ...]) -> tuple[int, ...]:
        """(batch, n, channels)."""
        return x_shape[0], index_shape[1], x_shape[2]


def ensemble(members: list[keras.Model]) -> keras.Model:
    """The mean of the logits of several beat classifiers, which overfit to different patients."""
    inputs = {value.name: keras.Input(value.shape[1:], name=value.name, dtype=value.dtype) for value in members[0].inputs}
    answers = [member(inputs) for member in members]
    means = {name: sum(answer[name] for answer in answers) / len(members) for name in answers[0]}
    return keras.Model(inputs, means, name=ENSEMBLE_NAME)


def encoder(beats: KerasTensor, channels: int, dropout: float, length: int = 16) -> KerasTensor:
    """A small convolutional network over the samples of each beat alone, (batch, beats, window, 3) to (batch, beats, length)."""
    x = beats
    for more, kernel in ((0, 7), (8, 5), (16, 5), (24, 3)):
        x = layers.Conv2D(channels + more, (1, kernel), strides=(1, 2), padding="same", use_bias=False)(x)
        x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.Conv2D(length, (1, x.shape[2]), activation="relu")(layers.Dropout(dropout)(x))
    return ops.squeeze(x, 2)
