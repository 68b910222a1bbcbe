"""How the two networks learn: from crops of recordings, drawn anew for every step."""

from collections.abc import Iterator, Sequence

import keras
import numpy as np

from train.recordings.classifier_batches import Beats, beat_crops
from train.recordings.detector_batches import Batch, Lead, signal_crops


def fit_detector(network: keras.Model, leads: Sequence[Sequence[Lead]], steps: int, seed: int) -> None:
    """Teach it where beats are; `leads` holds those of each recording, the one to be read in the end first."""
    _compile(network, keras.losses.BinaryCrossentropy(from_logits=True), 3e-3, 0.01, steps)
    _run(network, signal_crops(leads, np.random.default_rng(seed)), steps, "finding beats")


def fit_typer(network: keras.Model, recordings: Sequence[Sequence[Beats]], steps: int, seed: int) -> None:
    """Teach it what beats are; `recordings` holds of each what it is and what it might have been."""
    _compile(network, keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.02), 2e-3, 0.02, steps)
    _run(network, beat_crops(recordings, np.random.default_rng(seed)), steps, "naming beats")


def _compile(network: keras.Model, loss: keras.losses.Loss, rate: float, decay: float, steps: int) -> None:
    schedule = keras.optimizers.schedules.CosineDecay(rate, steps)
    network.compile(keras.optimizers.AdamW(schedule, weight_decay=decay, global_clipnorm=5.0), loss)


def _run(network: keras.Model, crops: Iterator[Batch], steps: int, what: str) -> None:
    print(f"{what}: {network.count_params()} parameters, {steps} steps", flush=True)
    each = max(1, steps // 10)
    history = network.fit(crops, steps_per_epoch=each, epochs=steps // each, verbose=2, shuffle=False)
    if not np.isfinite(history.history["loss"][-1]):
        raise ArithmeticError(f"{what} came to no number")
