"""How the network learns: AdamW, a cosine learning rate, label smoothing, on augmented batches."""

import math
import sys
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from train.cluster_config import Worker
from train.distributed import model_and_data, require_same_on_all, strategy_scope
from train.rows.data.augmented_batches import BATCH, NOISE, SCALE, augmented_batches, shift_of
from train.rows.data.records import Records
from train.rows.network import build, without_strategy
from train.rows.split import Split
from train.tensorflow_setup import make_deterministic

LEAST_UPDATES = 1500
LEAST_EPOCHS = 40
LEARNING_RATE = 0.002
WEIGHT_DECAY = 0.05
LABEL_SMOOTHING = 0.02


def default_epochs(rows: int) -> int:
    """Enough passes over `rows` training rows: at least LEAST_EPOCHS of them and LEAST_UPDATES updates."""
    return max(LEAST_EPOCHS, math.ceil(LEAST_UPDATES / math.ceil(rows / BATCH)))


@dataclass(frozen=True)
class Trained:
    """A network, its loss and accuracy by epoch, and how it was trained."""

    network: keras.Model
    history: dict[str, list[float]]
    recipe: dict[str, Any]


def train(records: Records, parts: Split, epochs: int | None, seed: int, worker: Worker | None) -> Trained:
    """Build and fit a network on the training part, on this machine or as one of several workers.

    Raises BadCluster, or WorkerLost.
    """
    classes = len(records.classes)
    training, validation = ((records.features[part], records.labels[part]) for part in (parts.training, parts.validation))
    epochs = epochs or default_epochs(len(parts.training))
    with strategy_scope(worker):
        make_deterministic(seed)
        require_same_on_all(training, epochs, seed)
        network = build(training[0], classes)
        history = fit(network, training, validation, classes, epochs, seed)
    done = recipe(training[0], epochs)
    if worker is None:
        return Trained(network, history, done)
    return Trained(without_strategy(network, training[0], classes), history, {**done, "workers": worker.count})


def fit(
    network: keras.Model,
    training: tuple[np.ndarray, np.ndarray],
    validation: tuple[np.ndarray, np.ndarray],
    classes: int,
    epochs: int,
    seed: int,
) -> dict[str, list[float]]:
    """Train `network`; return loss and accuracy of both parts by epoch.

    Each part is features float32 (rows, n) and labels int (rows,).
    """
    rows = len(training[1])
    batches = augmented_batches(training[0], _targets(training[1], classes), seed)
    network, data = model_and_data(network, batches, (validation[0], _targets(validation[1], classes)))
    network.compile(
        keras.optimizers.AdamW(
            keras.optimizers.schedules.CosineDecay(LEARNING_RATE, epochs * math.ceil(rows / BATCH)), weight_decay=WEIGHT_DECAY
        ),
        keras.losses.BinaryCrossentropy(label_smoothing=LABEL_SMOOTHING)
        if classes == 2
        else keras.losses.CategoricalCrossentropy(label_smoothing=LABEL_SMOOTHING),
        metrics=["accuracy"],
    )
    history = network.fit(**data, epochs=epochs, shuffle=False, **_progress(epochs))
    return dict(history.history)


def _progress(epochs: int) -> dict[str, Any]:
    """Keras's own bar on a terminal, one line an epoch elsewhere."""

    def line(epoch: int, logs: dict[str, float]) -> None:
        numbers = "  ".join(f"{name} {value:.4f}" for name, value in logs.items())
        print(f"epoch {epoch + 1}/{epochs}  {numbers}", flush=True)

    if sys.stdout.isatty():
        return {"verbose": 1}
    return {"verbose": 0, "callbacks": [keras.callbacks.LambdaCallback(on_epoch_end=line)]}


def _targets(labels: np.ndarray, classes: int) -> np.ndarray:
    """Float32 (rows, 1) for two classes, else one column a class."""
    return labels[:, None].astype(np.float32) if classes == 2 else np.eye(classes, dtype=np.float32)[labels]


def recipe(features: np.ndarray, epochs: int) -> dict[str, float | int | str | bool]:
    """What was done to learn from `features`, float32 (rows, n), for the report and the artifact's metadata."""
    return {
        "layers": f"{features.shape[1]}-128-64",
        "optimizer": "AdamW",
        "learning_rate": f"cosine from {LEARNING_RATE}",
        "weight_decay": WEIGHT_DECAY,
        "label_smoothing": LABEL_SMOOTHING,
        "batch": BATCH,
        "epochs": epochs,
        "shift_samples": shift_of(features),
        "scale": SCALE,
        "noise": NOISE,
    }
