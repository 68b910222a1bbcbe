"""The two networks, the R-peak detector and the beat classifier: functional Keras models for input of any length."""

import keras
from keras import KerasTensor, layers, ops

from train.recordings.onnx_graph.beat_features import AFTER, BEFORE, moving_mean, rhythm_features, shape_features

SAMPLING_RATE_HZ = 125.0
ENSEMBLE_NAME, MEMBER_NAME = "typers", "typer-{}"  # of the Keras models: part of tensor names in exported files


def detector(channels: int = 24, kernel: int = 7, dilations: tuple[int, ...] = (1, 2, 4, 8, 16, 32, 64)) -> keras.Model:
    """Signal in mV at SAMPLING_RATE_HZ, (batch, samples, 1), to the logit that an R peak is there, of the same shape.

    No stride, so that it is equivariant to shifts: a recording that starts a sample later has its beats a sample earlier.
    """
    signal = keras.Input((None, 1), name="signal")
    x = layers.Conv1D(channels, kernel, padding="same")(normalise_amplitude(remove_baseline(signal)))
    for dilation in dilations:
        y = layers.ReLU()(layers.BatchNormalization()(x))
        x = x + layers.Conv1D(channels, kernel, padding="same", dilation_rate=dilation, use_bias=False)(y)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    return keras.Model(signal, layers.Conv1D(1, 1)(x), name="detector")


def beat_classifier(classes: int, member: int, channels: int = 20, across: int = 48, dropout: float = 0.3) -> keras.Model:
    """The beats of a recording, in order, to the logits of their classes, (batch, beats, classes).

    window   (batch, beats, BEFORE + AFTER), the signal in mV around each R peak, without its baseline
    seconds  (batch, beats, 1), time of the R peak
    present  (batch, beats, 1), 1 for a beat, 0 for padding
    """
    window, seconds, present = inputs = (
        keras.Input((None, BEFORE + AFTER), name="window"),
        keras.Input((None, 1), name="seconds"),
        keras.Input((None, 1), name="present"),
    )
    rhythm, regular, late = rhythm_features(seconds, present)
    shape, channels_of_beat = shape_features(window, regular, late, present)
    x = layers.Concatenate()([present * ops.concatenate([rhythm, shape], -1), encoder(channels_of_beat, channels, dropout)])
    x = layers.Dense(across, activation="relu")(x)
    near = layers.Conv1D(across, 5, padding="same", activation="relu")(layers.Dropout(dropout)(x))
    far = layers.Conv1D(across * 2 // 3, 5, padding="same", dilation_rate=3, activation="relu")(layers.Dropout(dropout)(near))
    x = layers.Dropout(dropout)(layers.Concatenate()([x, near, far]))
    return keras.Model(inputs, layers.Dense(classes)(layers.Dense(32, activation="relu")(x)), name=MEMBER_NAME.format(member))


def ensemble(members: list[keras.Model]) -> keras.Model:
    """The mean of the logits of several beat classifiers, which overfit to different patients."""
    inputs = [keras.Input(value.shape[1:], name=value.name) for value in members[0].inputs]
    return keras.Model(inputs, sum(member(inputs) for member in members) / len(members), name=ENSEMBLE_NAME)


def remove_baseline(signal: KerasTensor) -> KerasTensor:
    """High-pass filter: the signal (batch, samples, 1) minus its moving mean over half a second, taken twice."""
    return signal - moving_mean(moving_mean(signal, 31), 31)


def normalise_amplitude(signal: KerasTensor) -> KerasTensor:
    """The signal divided by its moving root mean square over ten seconds, which is longer than most pauses, clipped to ±8."""
    power = ops.relu(moving_mean(ops.square(signal), 625))  # Rounding may make it negative.
    return ops.clip(signal / (ops.sqrt(power) + 0.02), -8, 8)


def encoder(beats: KerasTensor, channels: int, dropout: float, length: int = 16) -> KerasTensor:
    """A small convolutional network over the samples of each beat alone, (batch, beats, window, 3) to (batch, beats, length)."""
    x = beats
    for more, kernel in ((0, 7), (8, 5), (16, 5), (24, 3)):
        x = layers.Conv2D(channels + more, (1, kernel), strides=(1, 2), padding="same", use_bias=False)(x)
        x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.Conv2D(length, (1, x.shape[2]), activation="relu")(layers.Dropout(dropout)(x))
    return ops.squeeze(x, 2)
