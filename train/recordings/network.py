"""The two networks: one finds beats, the other names them; both are functional Keras models that take any length."""

import keras
from keras import KerasTensor, layers, ops

from train.recordings.beat_features import AFTER, BEFORE, mean, rhythm_of, shape_of

SAMPLING_RATE_HZ = 125.0


def detector(channels: int = 24, kernel: int = 7, dilations: tuple[int, ...] = (1, 2, 4, 8, 16, 32, 64)) -> keras.Model:
    """Signal in mV at SAMPLING_RATE_HZ, (batch, samples, 1), to the logit that an R peak is there, of the same shape.

    Without any stride: a recording that begins a sample later has the same beats a sample earlier.
    """
    signal = keras.Input((None, 1), name="signal")
    x = layers.Conv1D(channels, kernel, padding="same")(scaled(level(signal)))
    for dilation in dilations:
        y = layers.ReLU()(layers.BatchNormalization()(x))
        x = x + layers.Conv1D(channels, kernel, padding="same", dilation_rate=dilation, use_bias=False)(y)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    return keras.Model(signal, layers.Conv1D(1, 1)(x), name="detector")


def typer(classes: int, name: str, channels: int = 20, across: int = 48, dropout: float = 0.3) -> keras.Model:
    """Beats of a recording in their order to the logits of their classes, (batch, beats, classes).

    window   (batch, beats, BEFORE + AFTER), the level signal around each R peak in mV
    seconds  (batch, beats, 1), when it was
    present  (batch, beats, 1), 1 for a beat, 0 for one that only fills the batch
    """
    window, seconds, present = inputs = (
        keras.Input((None, BEFORE + AFTER), name="window"),
        keras.Input((None, 1), name="seconds"),
        keras.Input((None, 1), name="present"),
    )
    rhythm, regular, late = rhythm_of(seconds, present)
    shape, pictures = shape_of(window, regular, late, present)
    x = layers.Concatenate()([present * ops.concatenate([rhythm, shape], -1), encoded(pictures, channels, dropout)])
    x = layers.Dense(across, activation="relu")(x)
    near = layers.Conv1D(across, 5, padding="same", activation="relu")(layers.Dropout(dropout)(x))
    far = layers.Conv1D(across * 2 // 3, 5, padding="same", dilation_rate=3, activation="relu")(layers.Dropout(dropout)(near))
    x = layers.Dropout(dropout)(layers.Concatenate()([x, near, far]))
    return keras.Model(inputs, layers.Dense(classes)(layers.Dense(32, activation="relu")(x)), name=name)


def committee(members: list[keras.Model]) -> keras.Model:
    """Typers that answer together, with the mean of their logits: what one knows of single patients by heart, others do not."""
    inputs = [keras.Input(value.shape[1:], name=value.name) for value in members[0].inputs]
    return keras.Model(inputs, sum(member(inputs) for member in members) / len(members), name="typers")


def level(signal: KerasTensor) -> KerasTensor:
    """The signal (batch, samples, 1) without its baseline, which is its mean over half a second, twice."""
    return signal - mean(mean(signal, 31), 31)


def scaled(signal: KerasTensor) -> KerasTensor:
    """In units of its own root mean square over ten seconds, longer than most pauses, so that leads and gains look alike."""
    power = ops.relu(mean(ops.square(signal), 625))  # A difference of sums may be rounded to less than nothing.
    return ops.clip(signal / (ops.sqrt(power) + 0.02), -8, 8)


def encoded(pictures: KerasTensor, channels: int, dropout: float, length: int = 16) -> KerasTensor:
    """What a small convolutional network sees in each beat alone, (batch, beats, length)."""
    x = pictures
    for more, kernel in ((0, 7), (8, 5), (16, 5), (24, 3)):
        x = layers.Conv2D(channels + more, (1, kernel), strides=(1, 2), padding="same", use_bias=False)(x)
        x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.Conv2D(length, (1, x.shape[2]), activation="relu")(layers.Dropout(dropout)(x))
    return ops.squeeze(x, 2)
