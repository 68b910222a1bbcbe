"""How the two networks learn: AdamW with a cosine learning rate, on batches of augmented crops drawn anew for every step."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import keras
import numpy as np

from train.recordings.data.classifier_batches import Beats, classifier_batches
from train.recordings.data.detector_batches import BATCH, Batch, Lead, detector_batches
from train.recordings.data.prepare import aligned_to_detector, beats_of, leads, versions
from train.recordings.ec57_scoring.confusion import CLASSES
from train.recordings.network import beat_classifier, detector, ensemble
from train.recordings.onnx_graph.annotation import AnnotationGraph
from train.recordings.reading import Recording
from train.tensorflow_setup import make_deterministic

THRESHOLD = 0.0  # of the detector's logit
LOGIT_BIAS = (0.0, 0.5, 0.0, 0.0)  # added to the logits of N, S, V and F
MEMBERS = 4  # beat classifiers in the ensemble


class Steps(NamedTuple):
    """How many batches each network learns from."""

    detector: int = 2000
    classifier: int = 1400

    @classmethod
    def of(cls, epochs: int | None) -> "Steps":
        """100 for each of `epochs` for a beat classifier and 200 for the detector; those of the recipe without `epochs`."""
        return cls(200 * epochs, 100 * epochs) if epochs else cls()


def recipe(steps: Steps) -> dict[str, Any]:
    """How the networks are trained, for the artifact's metadata; the keys are those of the files that are in use."""
    return {
        "detector_steps": steps.detector,
        "typer_steps": steps.classifier,
        "typers": MEMBERS,
        "threshold": THRESHOLD,
        "favour": LOGIT_BIAS,
        "optimizer": "AdamW, cosine learning rate",
        "batch": BATCH,
    }


def train(recordings: Sequence[Recording], steps: Steps, seed: int) -> AnnotationGraph:
    """Build and fit all networks; the same recordings, steps and seed give the same weights."""
    make_deterministic(seed)
    finder = detector()
    classifiers = [beat_classifier(len(CLASSES), number + 1) for number in range(MEMBERS)]
    prepared = [leads(recording) for recording in recordings]
    fit_detector(finder, prepared, steps.detector, seed)
    rng = np.random.default_rng(seed)
    beats = [beats_of(aligned_to_detector(of_one, finder)) for of_one in prepared]
    for number, classifier in enumerate(classifiers):
        fit_classifier(classifier, [versions(of_one, rng) for of_one in beats], steps.classifier, seed + number)
    return AnnotationGraph(finder, ensemble(classifiers), THRESHOLD, LOGIT_BIAS)


def fit_detector(network: keras.Model, leads: Sequence[Sequence[Lead]], steps: int, seed: int) -> None:
    """Fit the R-peak detector; `leads` holds those of each recording, the one that is evaluated first."""
    _compile(network, keras.losses.BinaryCrossentropy(from_logits=True), 3e-3, 0.01, steps)
    _run(network, detector_batches(leads, np.random.default_rng(seed)), steps, "finding beats")


def fit_classifier(network: keras.Model, recordings: Sequence[Sequence[Beats]], steps: int, seed: int) -> None:
    """Fit a beat classifier; `recordings` holds the versions of each recording."""
    _compile(network, keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.02), 2e-3, 0.02, steps)
    _run(network, classifier_batches(recordings, np.random.default_rng(seed)), steps, "naming beats")


def _compile(network: keras.Model, loss: keras.losses.Loss, rate: float, decay: float, steps: int) -> None:
    schedule = keras.optimizers.schedules.CosineDecay(rate, steps)
    network.compile(keras.optimizers.AdamW(schedule, weight_decay=decay, global_clipnorm=5.0), loss)


def _run(network: keras.Model, batches: Iterator[Batch], steps: int, what: str) -> None:
    print(f"{what}: {network.count_params()} parameters, {steps} steps", flush=True)
    each = max(1, steps // 10)
    history = network.fit(batches, steps_per_epoch=each, epochs=steps // each, verbose=2, shuffle=False)
    if not np.isfinite(history.history["loss"][-1]):
        raise ArithmeticError(f"{what}: the loss is not finite")
