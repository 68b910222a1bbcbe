"""Cross-validation: every recording annotated by networks that learned without its fold, each fold in a process of its own."""

import contextlib
import io
import multiprocessing
import os
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import replace

from train.recordings.data.sources import Source
from train.recordings.ec57_scoring.confusion import PredictedBeats
from train.recordings.reading import Recording
from train.recordings.split import FOLDS, folds
from train.recordings.steps import Steps
from train.tensorflow_setup import import_quietly


class CrossValidation:
    """Folds that are learned in other processes, two or more at a time, while this process does something else."""

    def __init__(self, source: Source, steps: Steps, seed: int) -> None:
        workers = min(FOLDS, os.cpu_count() or 1)
        spawn = multiprocessing.get_context("spawn")
        self.pool = ProcessPoolExecutor(workers, spawn, end_with_parent, max_tasks_per_child=1)
        self.folds = [self.pool.submit(_of_fold, number, source, steps, seed) for number in range(FOLDS)]

    def __enter__(self) -> "CrossValidation":
        return self

    def __exit__(self, *_: object) -> None:
        self.pool.shutdown(cancel_futures=True)

    def predictions(self, recordings: Sequence[Recording]) -> list[PredictedBeats]:
        """What was found in every lead of every recording, in their order; waits for it."""
        found: dict[tuple[str, str], list[PredictedBeats]] = {}
        for number, fold in enumerate(self.folds):
            found |= _told(number, fold)
        return [replace(one, recording=recording) for recording in recordings for one in found[recording.origin, recording.name]]


def end_with_parent() -> None:
    """Have this process end when the one that started it does, also where that is killed."""
    threading.Thread(target=_end_after_parent, daemon=True).start()


def _end_after_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent:
        parent.join()
        os._exit(1)


def _told(number: int, fold: Future[dict[tuple[str, str], list[PredictedBeats]]]) -> dict[tuple[str, str], list[PredictedBeats]]:
    found = fold.result()
    print(f"fold {number + 1} of {FOLDS}: {len(found)} recordings annotated by networks that never saw them", flush=True)
    return found


def _of_fold(number: int, source: Source, steps: Steps, seed: int) -> dict[tuple[str, str], list[PredictedBeats]]:
    """In a process of its own: learn without one fold, and annotate it; the recordings come back without their signals."""
    import_quietly()
    from train.recordings.evaluate import predict_leads
    from train.recordings.fit import train

    training, test = folds(source.recordings(), seed)[number]
    with contextlib.redirect_stdout(io.StringIO()):
        graph = train(training, steps, seed, source.noise())
    return {
        (one.origin, one.name): [replace(found, recording=_without_signals(one)) for found in predict_leads(graph, one)]
        for one in test
    }


def _without_signals(recording: Recording) -> Recording:
    return replace(recording, leads={name: signal[:0] for name, signal in recording.leads.items()})
