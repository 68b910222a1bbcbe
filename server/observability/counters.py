"""Counters and histograms: floats in one array, which the worker processes of a server may share.

prometheus-client's own counters take a microsecond a call and cannot count a batch of thirty requests at once; these take a
twentieth. `server.observability.prometheus` exposes them under their names.
"""

from __future__ import annotations

import mmap
import os
from bisect import bisect_left
from collections.abc import MutableSequence, Sequence
from pathlib import Path
from typing import cast

import numpy as np

from server.errors import NO_SUCH_PATH, RequestError
from server.serving.hot_reload import RELOAD_RESULTS

LATENCY_BUCKETS_S = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
DELAY_BUCKETS_S = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0, 5.0)
BATCH_BUCKETS = (1, 2, 4, 8, 16, 32, 64)
PROBABILITY_BUCKETS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999)
MAX_CLASSES = 32  # Classes from the last of so many on are counted as one.
OTHER_PATH = "other"
_ERRORS: list[type[RequestError]] = [RequestError, *RequestError.__subclasses__()]
REASONS = (*(error.reason for error in _ERRORS), NO_SUCH_PATH)
STATUSES = range(100, 600)

_RUNS = 0
_BATCHES = _RUNS + 3
_ANNOTATED = _BATCHES + len(BATCH_BUCKETS) + 2
_STREAMS = _ANNOTATED + 4
_DELAYS = _STREAMS + 1
_REASONS = _DELAYS + len(DELAY_BUCKETS_S) + 2
_PROBABILITY = len(PROBABILITY_BUCKETS) + 2
_PREDICTIONS = _REASONS + len(REASONS)
_FEATURES = _PREDICTIONS + MAX_CLASSES * _PROBABILITY
_RHYTHM = _FEATURES + 2
_CLASS_BEATS = _RHYTHM + 2
_RESULTS = _CLASS_BEATS + MAX_CLASSES
_BEATS_RESULTS = _RESULTS + len(RELOAD_RESULTS)
_PATHS = _BEATS_RESULTS + len(RELOAD_RESULTS)
_LATENCY = len(STATUSES)
_PATH = _LATENCY + len(LATENCY_BUCKETS_S) + 2


class Counters:
    """The counters of one process.

    paths  counted separately; all other paths are counted as OTHER_PATH
    """

    def __init__(self, paths: Sequence[str], folder: Path | None = None) -> None:
        """With a folder, the counters are a memory-mapped file in it, beside those of the other processes."""
        self.paths = (*dict.fromkeys(paths), OTHER_PATH)
        self._folder = folder
        self._classes, self._probabilities = bytearray(), bytearray()  # Of predictions that are to be counted.
        self.keep_classes, self.keep_probabilities = self._classes.extend, self._probabilities.extend  # int32 and float32 (rows,)
        self._starts = {path: _PATHS + number * _PATH for number, path in enumerate(self.paths)}
        self._cells = _cells(_PATHS + len(self.paths) * _PATH, folder)

    def record_responses(self, path: str, status: int, seconds: float, requests: int = 1) -> None:
        """Count responses of a path by status, and their latency if the status is below 400."""
        cells, at = self._cells, self._starts[path]
        cells[at + status - 100] += requests
        if status >= 400:
            return
        at += _LATENCY
        cells[at + bisect_left(LATENCY_BUCKETS_S, seconds)] += requests
        cells[at + len(LATENCY_BUCKETS_S) + 1] += seconds * requests

    def record_run(self, rows: int, seconds: float) -> None:
        """Count one run of the classifier over so many rows, and its seconds."""
        cells = self._cells
        cells[_RUNS] += 1
        cells[_RUNS + 1] += rows
        cells[_RUNS + 2] += seconds

    def count_predictions(self) -> None:
        """Count those kept by class and probability; those that are not finite are left out."""
        classes, probabilities = np.array(self._classes).view(np.int32), np.array(self._probabilities).view(np.float32)
        self._classes.clear()
        self._probabilities.clear()
        finite = probabilities <= 1
        starts, probabilities = np.minimum(classes[finite], MAX_CLASSES - 1) * _PROBABILITY, probabilities[finite].astype(float)
        self._add(_PREDICTIONS, np.bincount(starts + np.searchsorted(PROBABILITY_BUCKETS, probabilities)))
        self._add(_PREDICTIONS, np.bincount(starts + _PROBABILITY - 1, probabilities))

    def record_features(self, compared: int, far: int) -> None:
        """Count features compared with those trained on, and those of them that lie far off."""
        self._cells[_FEATURES] += compared
        self._cells[_FEATURES + 1] += far

    def record_recording(self, unreadable_s: float, beats: np.ndarray) -> None:
        """Count one recording: its unreadable seconds, and its beats by their class (beats,)."""
        self._cells[_RHYTHM] += unreadable_s
        self._add(_CLASS_BEATS, np.bincount(np.minimum(beats, MAX_CLASSES - 1)))

    def record_af(self, seconds: float) -> None:
        """Count seconds of atrial fibrillation or flutter."""
        self._cells[_RHYTHM + 1] += seconds

    def _add(self, start: int, numbers: np.ndarray) -> None:
        """Add to the cells from `start` on those of the numbers that are not zero."""
        for at in np.flatnonzero(numbers).tolist():
            self._cells[start + at] += float(numbers[at])

    def record_batch(self, rows: int) -> None:
        """Count one micro-batch of so many rows."""
        self._cells[_BATCHES + bisect_left(BATCH_BUCKETS, rows)] += 1
        self._cells[_BATCHES + len(BATCH_BUCKETS) + 1] += rows

    def record_annotation(self, signal_s: float, beats: int, seconds: float) -> None:
        """Count one run of the annotator: the length of its piece, the beats found, and its seconds."""
        for cell, number in enumerate((1, signal_s, beats, seconds), start=_ANNOTATED):
            self._cells[cell] += number

    def record_stream(self, opened: int) -> None:
        """Count one stream that is open more, or one less."""
        self._cells[_STREAMS] += opened

    def record_delays(self, seconds: Sequence[float]) -> None:
        """Count beats of streams by the seconds from the arrival of the R peak to the message that first says it."""
        for delay_s in seconds:
            self._cells[_DELAYS + bisect_left(DELAY_BUCKETS_S, delay_s)] += 1
            self._cells[_DELAYS + len(DELAY_BUCKETS_S) + 1] += delay_s

    def record_refusals(self, reason: str, requests: int = 1) -> None:
        """Count refused requests by one of REASONS."""
        self._cells[_REASONS + REASONS.index(reason)] += requests

    def record_artifact(self, result: str) -> None:
        """Count one reload of the classifier by one of RELOAD_RESULTS."""
        self._cells[_RESULTS + RELOAD_RESULTS.index(result)] += 1

    def record_beats_artifact(self, result: str) -> None:
        """Count one reload of the annotator by one of RELOAD_RESULTS."""
        self._cells[_BEATS_RESULTS + RELOAD_RESULTS.index(result)] += 1

    def totals(self) -> Totals:
        """The sums over all processes, those that have ended included; of other processes, without the predictions they keep."""
        self.count_predictions()
        if self._folder is None:
            return Totals(self.paths, np.array(self._cells))
        files = [np.fromfile(path) for path in self._folder.iterdir()]
        return Totals(self.paths, np.sum([cells for cells in files if len(cells) == len(self._cells)], axis=0))


class Totals:
    """A snapshot of the counters, by name."""

    def __init__(self, paths: Sequence[str], cells: np.ndarray) -> None:
        self.runs, self.rows, self.inference_seconds = cells[_RUNS:_BATCHES].tolist()
        self.batches = cells[_BATCHES:_ANNOTATED].tolist()
        self.annotations, self.signal_s, self.beats, self.annotation_seconds = cells[_ANNOTATED:_STREAMS].tolist()
        self.open_streams, self.delays = float(cells[_STREAMS]), cells[_DELAYS:_REASONS].tolist()
        self.refused = dict(zip(REASONS, cells[_REASONS:_PREDICTIONS].tolist(), strict=True))
        self.predictions = cells[_PREDICTIONS:_FEATURES].reshape(MAX_CLASSES, _PROBABILITY).tolist()
        self.compared_features, self.far_features = cells[_FEATURES:_RHYTHM].tolist()
        self.unreadable_s, self.af_s = cells[_RHYTHM:_CLASS_BEATS].tolist()
        self.class_beats = cells[_CLASS_BEATS:_RESULTS].tolist()
        self.artifacts = dict(zip(RELOAD_RESULTS, cells[_RESULTS:_BEATS_RESULTS].tolist(), strict=True))
        self.beats_artifacts = dict(zip(RELOAD_RESULTS, cells[_BEATS_RESULTS:_PATHS].tolist(), strict=True))
        by_path = dict(zip(paths, cells[_PATHS:].reshape(len(paths), _PATH).tolist(), strict=True))
        self.statuses = {path: dict(zip(STATUSES, numbers, strict=False)) for path, numbers in by_path.items()}
        self.latency = {path: numbers[_LATENCY:] for path, numbers in by_path.items()}


def _cells(size: int, folder: Path | None) -> MutableSequence[float]:
    """So many zeros: a list, or float64 in a memory-mapped file named after the process."""
    if folder is None:
        return [0.0] * size
    with (folder / str(os.getpid())).open("w+b") as file:
        file.truncate(8 * size)
        return cast(MutableSequence[float], memoryview(mmap.mmap(file.fileno(), 8 * size)).cast("d"))
