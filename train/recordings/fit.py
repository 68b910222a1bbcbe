"""How the networks learn: AdamW with a cosine learning rate, on batches of augmented crops drawn anew for every step."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from train.recordings.data.classifier_batches import classifier_batches
from train.recordings.data.detector_batches import detector_batches
from train.recordings.data.prepare import Detected, Prepared, at_network_rate, detect, prepare
from train.recordings.data.synthetic import regular_recordings
from train.recordings.ec57_scoring.confusion import CLASSES
from train.recordings.losses import ANNOTATED_SHARES, LABELLED_SHARES, PEAK_LOGIT, SHARES, classifier_losses, detector_losses
from train.recordings.network import beat_classifier, detector, ensemble, remove_baseline
from train.recordings.onnx_graph.annotation import AnnotationGraph
from train.recordings.reading import Recording
from train.recordings.steps import Steps
from train.tensorflow_setup import make_deterministic

# Added to the logits of an R peak, of a readable second, of N, S, V and F beats, and of N, AF, O and VF: the operating points,
# chosen by cross-validation (docs/training.md).
BIASES = {"r_peak": (-PEAK_LOGIT,), "readable": (1.25,), "classes": (0.0, 0.8, -0.2, 0.0), "rhythm": (0.0, -0.3, 0.0, 1.0)}
LEARNED_FROM = BIASES | {"readable": (1.0,)}  # A second has to be read a little more clearly to be learned from.
MEMBERS = 2  # beat classifiers in the ensemble
REPORTS = 10  # lines of progress for each network

Tensors = dict[str, tf.Tensor]
Loss = Callable[..., Tensors]


def recipe(steps: Steps) -> dict[str, Any]:
    """How the networks are trained, for the artifact's metadata; the keys are those of the files that are in use."""
    return {
        "detector_steps": steps.detector,
        "typer_steps": steps.classifier,
        "typers": MEMBERS,
        "biases": BIASES,
        "optimizer": "AdamW, cosine learning rate",
    }


def train(
    recordings: Sequence[Recording], steps: Steps, seed: int, noise: Sequence[tuple[float, np.ndarray]] = ()
) -> AnnotationGraph:
    """Build and fit all networks; the same recordings, steps and seed give the same weights.

    noise  recordings of noise alone: sampling rate in Hz, and float32 (samples,) in mV
    """
    make_deterministic(seed)
    finder = detector()
    classifiers = [_beat_classifier(number, seed) for number in range(MEMBERS)]
    learning = AnnotationGraph(finder, ensemble(classifiers), LEARNED_FROM)
    prepared = [prepare(recording) for recording in [*recordings, *regular_recordings(seed)]]
    tracks = [at_network_rate(signal, rate) for rate, signal in noise]
    fit_detector(finder, prepared, steps.detector, seed, tracks)
    detected = [lead for one in prepared for lead in detect(one, learning.find)]
    for number, classifier in enumerate(classifiers):
        fit_classifier(classifier, detected, steps.classifier, seed + number, tracks)
    return AnnotationGraph(finder, ensemble(classifiers), BIASES)


def _beat_classifier(number: int, seed: int) -> keras.Model:
    """The one of this number in the ensemble; how many there are changes none of them."""
    keras.utils.set_random_seed(seed + number + 1)
    return beat_classifier(len(CLASSES), number + 1)


def fit_detector(
    network: keras.Model, recordings: Sequence[Prepared], steps: int, seed: int, noise: Sequence[np.ndarray]
) -> None:
    """Fit the detector."""
    batches = detector_batches(recordings, np.random.default_rng(seed), noise)

    def loss(crop: Tensors) -> Tensors:
        found = network(remove_baseline(crop["signal"][..., None]), training=True)
        return {name: SHARES[name] * value for name, value in detector_losses(found, crop).items()}

    _run(network, loss, ((asdict(crop),) for crop in batches), steps, 3e-3, 0.01, "finding beats")


def fit_classifier(
    network: keras.Model, recordings: Sequence[Detected], steps: int, seed: int, noise: Sequence[np.ndarray]
) -> None:
    """Fit a beat classifier."""
    batches = classifier_batches(recordings, np.random.default_rng(seed), noise)

    def loss(*batches: tuple[Tensors, Tensors]) -> Tensors:
        total: Tensors = {}
        for (inputs, known), shares in zip(batches, (ANNOTATED_SHARES, LABELLED_SHARES), strict=False):
            losses = classifier_losses(network(inputs, training=True), known)
            for name, share in shares.items():
                total[name] = total.get(name, 0.0) + share * losses[name]
        return total

    pairs = (tuple((batch.inputs, batch.known) for batch in some) for some in batches)
    _run(network, loss, pairs, steps, 2e-3, 0.02, "naming beats and rhythm")


def _run(network: keras.Model, loss: Loss, batches: Any, steps: int, rate: float, decay: float, what: str) -> None:
    print(f"{what}: {network.count_params()} parameters, {steps} steps", flush=True)
    schedule = keras.optimizers.schedules.CosineDecay(rate, steps)
    optimizer = keras.optimizers.AdamW(schedule, weight_decay=decay, global_clipnorm=5.0)
    optimizer.build(network.trainable_variables)  # Else in the first step, which is then traced twice.

    @tf.function(reduce_retracing=True, autograph=False)
    def learn(*batch: Any) -> tf.Tensor:
        with tf.GradientTape() as tape:
            total = tf.add_n(list(loss(*batch).values()))
        optimizer.apply_gradients(
            zip(tape.gradient(total, network.trainable_variables), network.trainable_variables, strict=True)
        )
        return total

    losses: list[float] = []
    for step in range(1, steps + 1):
        losses.append(float(learn(*next(batches))))
        if step % max(1, steps // REPORTS) == 0:
            print(f"{what}: step {step} of {steps}, loss {np.mean(losses[-steps // REPORTS :]):.4f}", flush=True)
    if not np.isfinite(losses[-1]):
        raise ArithmeticError(f"{what}: the loss is not finite")
