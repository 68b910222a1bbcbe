"""The same recipe on several workers: each answers for its share of every batch, and all keep the same weights."""

import faulthandler
import hashlib
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from train.cluster_config import BadCluster, Worker, WorkerLost

WAIT_S = 600
LOST = (
    tf.errors.UnavailableError,
    tf.errors.AbortedError,
    tf.errors.CancelledError,
    tf.errors.DeadlineExceededError,
    tf.errors.FailedPreconditionError,
)


@contextmanager
def together(worker: Worker | None) -> Iterator[None]:
    """What is built and trained inside is so on all workers; without TF_CONFIG, here alone and as if this were not there.

    Raises WorkerLost if one of them is lost: the weights of the others are of no use without it.
    """
    if worker is None:
        yield
        return
    strategy = _strategy(worker)
    try:
        with strategy.scope():
            yield
    except LOST as error:
        raise WorkerLost("another worker was lost and nothing was written, start all of them again") from error


def _strategy(worker: Worker) -> tf.distribute.Strategy:
    """Meet the other workers. Must come before anything else TensorFlow does; one device a worker, the first GPU if any."""
    print(f"{worker.name} of {worker.count}: waits for the others, for at most {WAIT_S} s", flush=True)
    tf.config.set_visible_devices(tf.config.list_physical_devices("GPU")[:1], "GPU")
    try:
        with _interruptible():
            return tf.distribute.MultiWorkerMirroredStrategy()
    except tf.errors.OpError as error:
        raise WorkerLost(f"{worker.name} could not join the others ({error.message})") from error


@contextmanager
def _interruptible() -> Iterator[None]:
    """TensorFlow waits without letting Python run, and takes SIGTERM for itself: a watchdog and the system must end it."""
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    with open(os.devnull, "w") as nowhere:
        faulthandler.dump_traceback_later(WAIT_S, exit=True, file=nowhere)
        try:
            yield
        finally:
            faulthandler.cancel_dump_traceback_later()
            signal.signal(signal.SIGINT, before)
            signal.signal(signal.SIGTERM, signal.SIG_DFL)


def agree(training: tuple[np.ndarray, np.ndarray], epochs: int, seed: int) -> None:
    """Raise BadCluster unless all workers train on the same rows, in the same order, as often."""
    if not tf.distribute.has_strategy():
        return
    digest = hashlib.sha256(b"".join(part.tobytes() for part in training) + f"{epochs} {seed}".encode())
    own = int.from_bytes(digest.digest()[:7], "big")
    if set(tf.distribute.get_strategy().gather(tf.constant([own], tf.int64), axis=0).numpy()) != {own}:
        raise BadCluster("the workers were started with different data, --seed or --epochs, expected the same on all")


def prepared(
    network: keras.Model, batches: tf.data.Dataset, validation: tuple[np.ndarray, np.ndarray]
) -> tuple[keras.Model, dict[str, Any]]:
    """The network and the data as `fit` takes them: as they are, or on several workers with `batches` shared out.

    Every worker draws the same batches and takes its rows of each; the validation part is answered by all. Both are
    repeated without end, so that no worker has to ask the others whether there is another batch.
    """
    if not tf.distribute.has_strategy():
        return network, {"x": batches, "validation_data": validation}
    distribute = tf.distribute.get_strategy().distribute_datasets_from_function
    return Together(network.inputs, network.outputs), {
        "x": distribute(lambda place: batches.map(share_of(place.input_pipeline_id, place.num_replicas_in_sync)).repeat()),
        "steps_per_epoch": int(batches.cardinality()),
        "validation_data": distribute(lambda place: tf.data.Dataset.from_tensors(validation).repeat()),
        "validation_steps": 1,
    }


def share_of(index: int, count: int) -> Any:
    """Take rows index, index + count, … of a batch; where they run out first, rows from its start, so all shares are equal."""

    def share(rows: tf.Tensor, wanted: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        size = tf.shape(rows)[0]
        mine = tf.range(index, index + count * -(-size // count), count) % size
        return tf.gather(rows, mine), tf.gather(wanted, mine)

    return share


class Together(keras.Model):  # type: ignore[misc]
    """The same layers, with two things mended that keep Keras 3.15 from fitting on several workers (its issue 20585)."""

    def compute_metrics(self, *arguments: Any, **options: Any) -> dict[str, Any]:
        """Keras takes the mean of a step's numbers along their first axis: give them one."""
        return {name: value[None] for name, value in super().compute_metrics(*arguments, **options).items()}

    def _maybe_symbolic_build(self, iterator: Any = None, data_batch: Any = None) -> None:
        """Keras looks at the shapes of a first batch in a way that fails for a batch of several workers: give it one row."""
        row = tf.zeros((1, *self.input_shape[1:])), tf.zeros((1, *self.output_shape[1:]))
        super()._maybe_symbolic_build(data_batch=row)
