"""`python -m train --task annotation`: recordings in, the annotating network and its report out."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from train.recordings import fit, network
from train.recordings.detector_batches import BATCH
from train.recordings.ec57_scoring import CLASSES, Answered
from train.recordings.model_card import facts
from train.recordings.onnx_graph import Annotation
from train.recordings.prepare import beats, leads, snapped, with_thinned
from train.recordings.reading import Recording
from train.recordings.save import save
from train.recordings.split import Parts
from train.rows.fit import make_deterministic

THRESHOLD = 0.0  # of the detector's logit
FAVOUR = (0.0, 0.5, 0.0, 0.0)  # added to the logits of N, S, V and F
MEMBERS = 4  # typers that answer together
RECIPE = {
    "typers": MEMBERS,
    "threshold": THRESHOLD,
    "favour": FAVOUR,
    "optimizer": "AdamW, cosine learning rate",
    "batch": BATCH,
}


class Steps(NamedTuple):
    """How many batches each network learns from."""

    detector: int = 2000
    typer: int = 1400

    @classmethod
    def of(cls, epochs: int | None) -> "Steps":
        """Those of the recipe, or of the typer a hundred for each of `epochs`, of the detector two hundred."""
        return cls(200 * epochs, 100 * epochs) if epochs else cls()


def annotate(recordings: list[Recording], parts: Parts, steps: Steps, seed: int, to: Path) -> None:
    """Train on one part, evaluate on the other, write everything into the folder `to`, and say what came out."""
    seconds = sum(recording.seconds for recording in parts.training)
    print(
        f"{len(parts.training)} recordings ({seconds / 3600:.1f} h) to train on, {len(parts.test)} to test on, by {parts.by}",
        flush=True,
    )
    print(*([parts.caveat] if parts.caveat else []), sep="\n", flush=True)
    annotation = trained(parts.training, steps, seed)
    answered = [answer(annotation, recording) for recording in parts.test]
    known = facts(recordings, parts, answered, {"detector_steps": steps.detector, "typer_steps": steps.typer, **RECIPE}, seed)
    save(annotation, known, answered, to)
    print("  ".join(f"{name} {value:.4f}" for name, value in known["metrics"].items() if value is not None))
    print(known["intended_use"])
    print(f"Written to {to}: beats.tf, beats.json, beats-report/. Next: python -m export --task annotation --out {to}")


def trained(recordings: list[Recording], steps: Steps, seed: int) -> Annotation:
    """All networks; the same recordings, steps and seed give the same ones."""
    make_deterministic(seed)
    detector, typers = network.detector(), [network.typer(len(CLASSES), f"typer-{i + 1}") for i in range(MEMBERS)]
    seen = [leads(recording) for recording in recordings]
    fit.fit_detector(detector, seen, steps.detector, seed)
    rng = np.random.default_rng(seed)
    shown = [beats(snapped(of_one, detector)) for of_one in seen]
    for number, typer in enumerate(typers):
        fit.fit_typer(typer, [with_thinned(as_it_is, rng) for as_it_is in shown], steps.typer, seed + number)
    return Annotation(detector, network.committee(typers), THRESHOLD, FAVOUR)


def answer(annotation: Annotation, recording: Recording) -> Answered:
    """What is found in the first lead of a recording."""
    signal = next(iter(recording.leads.values()))
    found = annotation.annotate(tf.constant(signal), tf.constant([recording.sampling_rate_hz], tf.float32))
    return Answered(recording, found["sample"].numpy(), found["probabilities"].numpy())
