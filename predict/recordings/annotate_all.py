"""Recordings annotated on this machine, as many at a time as it has processors."""

import os
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import NamedTuple

import numpy as np
from tqdm import tqdm

from predict.recordings import files
from predict.recordings import output_files as answers
from predict.recordings.files import ReadingOptions
from predict.recordings.signal import BadRecording, Signal
from server.models import gaps
from server.models.annotator import Annotator, BadSignal, Beats, concatenate


class Task(NamedTuple):
    """A recording, how to read it, what annotates it and where the answers go."""

    path: Path
    how: ReadingOptions
    annotator: Annotator
    folder: Path


def annotate_all(paths: Sequence[Path], how: ReadingOptions, annotator: Annotator, folder: Path) -> bool:
    """Annotate the recordings that are not yet; say a line for each; whether all of them could be."""
    folder.mkdir(parents=True, exist_ok=True)
    waiting = [path for path in paths if not answers.is_done(path, how.lead, annotator.contract.version, folder)]
    for path in (path for path in paths if path not in waiting):
        print(f"{path}: already done")
    pool = ThreadPoolExecutor(min(len(waiting), os.cpu_count() or 1) or 1)
    good = True
    try:
        with tqdm(total=0, unit="s of signal", unit_scale=True, disable=None) as bar:
            tasks = [pool.submit(_annotate, Task(path, how, annotator, folder), bar) for path in waiting]
            for done in as_completed(tasks):
                try:
                    bar.write(done.result())
                except BadRecording as error:
                    good = False
                    bar.write(f"predict: {error}", file=sys.stderr)
    finally:
        pool.shutdown(cancel_futures=True)
    return good


def _annotate(task: Task, bar: "tqdm[None]") -> str:
    """Read, annotate, write; what is to be said of it."""
    signal = files.read(task.path, task.how)
    bar.total += len(signal.millivolts) / signal.sampling_rate_hz
    parts, bridged = gaps.split_at_gaps(signal.millivolts, signal.sampling_rate_hz)
    if not parts:
        raise BadRecording(f"{task.path}: expected numbers in the lead {signal.lead}, found none")
    beats = _beats(task, signal, parts, lambda samples: bar.update(samples / signal.sampling_rate_hz))
    answers.write(signal, beats, task.annotator.contract, task.path, task.folder)
    return _line(task, signal, parts, bridged, beats)


def _beats(task: Task, signal: Signal, parts: Sequence[gaps.Segment], tell: Callable[[int], None]) -> Beats:
    found, annotator, rate = [], task.annotator, signal.sampling_rate_hz
    for part in parts:
        try:
            annotator.require(part.millivolts, rate)
        except BadSignal as error:
            raise BadRecording(f"{task.path}: {error}") from error
        for piece in annotator.pieces(len(part.millivolts), rate):
            beats = annotator.run(part.millivolts, rate, piece)
            found.append(beats._replace(sample=beats.sample + np.int32(part.start)))
            tell(piece.end - piece.start)
    return concatenate(found)


def _line(task: Task, signal: Signal, parts: Sequence[gaps.Segment], bridged: int, beats: Beats) -> str:
    counts = np.bincount(beats.predicted_class, minlength=len(task.annotator.contract.classes))
    named = ", ".join(f"{count} {name}" for name, count in zip(task.annotator.contract.classes, counts, strict=True))
    holes = [f"{bridged} missing samples bridged"] if bridged else []
    holes += [f"{len(parts)} stretches between longer gaps"] if len(parts) > 1 else []
    notes = f" ({', '.join(holes)})" if holes else ""
    minutes = len(signal.millivolts) / signal.sampling_rate_hz / 60
    return f"{task.path}: {minutes:.1f} min of lead {signal.lead}, {len(beats.sample)} beats: {named}{notes}"
