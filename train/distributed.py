"""Training on several workers (MultiWorkerMirroredStrategy): each takes a shard of every batch, all keep the same weights."""

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

from train.cluster_config import Worker
from train.errors import BadCluster, WorkerLost

JOIN_TIMEOUT_S = 600
WORKER_LOST = (
    tf.errors.UnavailableError,
    tf.errors.AbortedError,
    tf.errors.CancelledError,
    tf.errors.DeadlineExceededError,
    tf.errors.FailedPreconditionError,
)


@contextmanager
def strategy_scope(worker: Worker | None) -> Iterator[None]:
    """The scope of the strategy in which networks are built and trained on all workers; without TF_CONFIG, no strategy.

    Raises WorkerLost if the connection to one of them is lost.
    """
    if worker is None:
        yield
        return
    strategy = _strategy(worker)
    try:
        with strategy.scope():
            yield
    except WORKER_LOST as error:
        raise WorkerLost("another worker was lost and nothing was written, start all of them again") from error


def _strategy(worker: Worker) -> tf.distribute.Strategy:
    """Connect to the other workers, before TensorFlow runs any operation; one device a worker, the first GPU if there is one."""
    print(f"{worker.name} of {worker.count}: waits for the others, for at most {JOIN_TIMEOUT_S} s", flush=True)
    tf.config.set_visible_devices(tf.config.list_physical_devices("GPU")[:1], "GPU")
    try:
        with _interruptible():
            return tf.distribute.MultiWorkerMirroredStrategy()
    except tf.errors.OpError as error:
        raise WorkerLost(f"{worker.name} could not join the others ({error.message})") from error


@contextmanager
def _interruptible() -> Iterator[None]:
    """Let SIGINT, SIGTERM and a timeout end the process: TensorFlow connects without running Python's signal handlers."""
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    with open(os.devnull, "w") as discarded:
        faulthandler.dump_traceback_later(JOIN_TIMEOUT_S, exit=True, file=discarded)
        try:
            yield
        finally:
            faulthandler.cancel_dump_traceback_later()
            signal.signal(signal.SIGINT, before)
            signal.signal(signal.SIGTERM, signal.SIG_DFL)


def require_same_on_all(training: tuple[np.ndarray, np.ndarray], epochs: int, seed: int) -> None:
    """Raise BadCluster unless all workers have the same rows in the same order, epochs and seed; compares a digest of them."""
    if not tf.distribute.has_strategy():
        return
    digest = hashlib.sha256(b"".join(part.tobytes() for part in training) + f"{epochs} {seed}".encode())
    own = int.from_bytes(digest.digest()[:7], "big")
    if set(tf.distribute.get_strategy().gather(tf.constant([own], tf.int64), axis=0).numpy()) != {own}:
        raise BadCluster("the workers were started with different data, --seed or --epochs, expected the same on all")


def model_and_data(
    network: keras.Model, batches: tf.data.Dataset, validation: tuple[np.ndarray, np.ndarray]
) -> tuple[keras.Model, dict[str, Any]]:
    """The model and the arguments of its `fit`: as given, or under a strategy with `batches` sharded over the workers.

    Every worker draws the same batches and takes its shard of each; all evaluate the whole validation part. Both data sets
    repeat endlessly and the number of steps is given, so that workers need not agree on where an epoch ends.
    """
    if not tf.distribute.has_strategy():
        return network, {"x": batches, "validation_data": validation}
    distribute = tf.distribute.get_strategy().distribute_datasets_from_function
    return DistributedModel(network.inputs, network.outputs), {
        "x": distribute(lambda context: batches.map(shard(context.input_pipeline_id, context.num_replicas_in_sync)).repeat()),
        "steps_per_epoch": int(batches.cardinality()),
        "validation_data": distribute(lambda context: tf.data.Dataset.from_tensors(validation).repeat()),
        "validation_steps": 1,
    }


def shard(index: int, count: int) -> Any:
    """Rows index, index + count, … of a batch; padded with rows from its start, so that all shards have the same size."""

    def rows_of_shard(rows: tf.Tensor, wanted: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        size = tf.shape(rows)[0]
        own = tf.range(index, index + count * -(-size // count), count) % size
        return tf.gather(rows, own), tf.gather(wanted, own)

    return rows_of_shard


class DistributedModel(keras.Model):  # type: ignore[misc]  # Keras has no types
    """The same layers, with workarounds for two bugs of Keras 3.15 under MultiWorkerMirroredStrategy (its issue 20585)."""

    def compute_metrics(self, *arguments: Any, **options: Any) -> dict[str, Any]:
        """Keras takes the mean of a step's metrics along their first axis: add that axis."""
        return {name: value[None] for name, value in super().compute_metrics(*arguments, **options).items()}

    def _maybe_symbolic_build(self, iterator: Any = None, data_batch: Any = None) -> None:
        """Keras reads the shapes of a first batch in a way that fails for a distributed batch: give it one row of zeros."""
        row = tf.zeros((1, *self.input_shape[1:])), tf.zeros((1, *self.output_shape[1:]))
        super()._maybe_symbolic_build(data_batch=row)
