"""Cross-validation: every recording annotated by networks that learned without its fold, each fold in a process of its own."""

import contextlib
import io
import multiprocessing
import os
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from dataclasses import replace
from typing import TextIO

from train.recordings.data.sources import Source
from train.recordings.ec57_scoring.confusion import PredictedBeats
from train.recordings.reading import Recording
from train.recordings.split import FOLDS, folds
from train.recordings.steps import Steps
from train.tensorflow_setup import import_quietly


class CrossValidation:
    """Folds that are learned in other processes, two or more at a time, while this process does something else."""

    def __init__(self, source: Source, steps: Steps, seed: int) -> None:
        self.processors = os.cpu_count() or 1
        spawn = multiprocessing.get_context("spawn")
        self.pool = ProcessPoolExecutor(min(FOLDS, self.processors), spawn, end_with_parent, max_tasks_per_child=1)
        self.folds = [self.pool.submit(_of_fold, number, source, steps, seed) for number in range(FOLDS)]

    def __enter__(self) -> "CrossValidation":
        return self

    def __exit__(self, *_: object) -> None:
        self.pool.shutdown(cancel_futures=True)

    def wait_for_processor(self) -> None:
        """Return when fewer folds are left than there are processors: a training beside more of them would slow all down."""
        while len(left := [fold for fold in self.folds if not fold.done()]) >= self.processors:
            wait(left, return_when=FIRST_COMPLETED)

    def predictions(self, recordings: Sequence[Recording]) -> list[PredictedBeats]:
        """What was found in every lead of every recording, in their order; waits for it."""
        found: dict[tuple[str, str], list[PredictedBeats]] = {}
        for fold in self.folds:
            found |= fold.result()
        return [replace(one, recording=recording) for recording in recordings for one in found[recording.origin, recording.name]]


def end_with_parent() -> None:
    """Have this process end when the one that started it does, also where that is killed."""
    threading.Thread(target=_end_after_parent, daemon=True).start()


def _end_after_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent:
        parent.join()
        os._exit(1)


def _of_fold(number: int, source: Source, steps: Steps, seed: int) -> dict[tuple[str, str], list[PredictedBeats]]:
    """In a process of its own: learn without one fold, and annotate it; the recordings come back without their signals."""
    import_quietly()
    from train.recordings.evaluate import predict_leads
    from train.recordings.fit import train

    training, test = folds(source.recordings(), seed)[number]
    with contextlib.redirect_stdout(_Prefixed(sys.stdout, f"fold {number + 1} of {FOLDS}: ")):
        graph = train(training, steps, seed, source.noise())
        found = {(one.origin, one.name): predict_leads(graph, one) for one in test}
        print(f"{len(found)} recordings annotated by networks that never saw them", flush=True)
    return {name: [replace(one, recording=_without_signals(one.recording)) for one in leads] for name, leads in found.items()}


class _Prefixed(io.TextIOBase):
    """Where print() writes, with each line after the name of the process that prints it."""

    def __init__(self, out: TextIO, prefix: str) -> None:
        self.out, self.prefix = out, prefix

    def write(self, text: str) -> int:
        return self.out.write(text if text == "\n" else self.prefix + text)

    def flush(self) -> None:
        self.out.flush()


def _without_signals(recording: Recording) -> Recording:
    return replace(recording, leads={name: signal[:0] for name, signal in recording.leads.items()})
