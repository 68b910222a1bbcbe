"""What is counted: numbers in one block of memory, which the processes of a server may share.

prometheus-client's own counters cost a microsecond a call and know nothing of counting thirty requests at once; these cost a
twentieth. What they mean to Prometheus is said in `server.metrics`.
"""

from __future__ import annotations

import mmap
import os
from bisect import bisect_left
from collections.abc import MutableSequence, Sequence
from pathlib import Path
from typing import cast

import numpy as np

from server.errors import RequestError

SECONDS = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
GATHERED_ROWS = (1, 2, 4, 8, 16, 32, 64)
OTHER_PATH = "other"
NO_SUCH_PATH = "no_such_path"
_ERRORS: list[type[RequestError]] = [RequestError, *RequestError.__subclasses__()]
REASONS = (*(error.reason for error in _ERRORS), NO_SUCH_PATH)
RESULTS = ("taken_up", "refused")
STATUSES = range(100, 600)

_RUNS = 0
_GATHERED = _RUNS + 3
_ANNOTATED = _GATHERED + len(GATHERED_ROWS) + 2
_REASONS = _ANNOTATED + 4
_RESULTS = _REASONS + len(REASONS)
_BEATS_RESULTS = _RESULTS + len(RESULTS)
_PATHS = _BEATS_RESULTS + len(RESULTS)
_LATENCY = len(STATUSES)
_PATH = _LATENCY + len(SECONDS) + 2


class Counts:
    """Counters and histograms of one process.

    paths  the paths that are told apart; all others are OTHER_PATH
    """

    def __init__(self, paths: Sequence[str], folder: Path | None = None) -> None:
        """With a folder, the numbers are kept in a file of it, beside those of the other processes."""
        self.paths = (*dict.fromkeys(paths), OTHER_PATH)
        self._folder = folder
        self._starts = {path: _PATHS + number * _PATH for number, path in enumerate(self.paths)}
        self._cells = _cells(_PATHS + len(self.paths) * _PATH, folder)

    def answered(self, path: str, status: int, seconds: float, requests: int = 1) -> None:
        """So many requests of a path were answered; within so many seconds, if it was a good answer."""
        cells, at = self._cells, self._starts[path]
        cells[at + status - 100] += requests
        if status >= 400:
            return
        at += _LATENCY
        cells[at + bisect_left(SECONDS, seconds)] += requests
        cells[at + len(SECONDS) + 1] += seconds * requests

    def ran(self, rows: int, seconds: float) -> None:
        """The network has answered so many rows within so many seconds."""
        cells = self._cells
        cells[_RUNS] += 1
        cells[_RUNS + 1] += rows
        cells[_RUNS + 2] += seconds

    def gathered(self, rows: int) -> None:
        """So many rows that came alone shared a run."""
        self._cells[_GATHERED + bisect_left(GATHERED_ROWS, rows)] += 1
        self._cells[_GATHERED + len(GATHERED_ROWS) + 1] += rows

    def annotated(self, signal_s: float, beats: int, seconds: float) -> None:
        """In so many seconds of a recording that many beats were found, by a run of so many seconds."""
        for place, number in enumerate((1, signal_s, beats, seconds), start=_ANNOTATED):
            self._cells[place] += number

    def refused(self, reason: str, requests: int = 1) -> None:
        """Requests were refused for one of REASONS."""
        self._cells[_REASONS + REASONS.index(reason)] += requests

    def artifact(self, result: str) -> None:
        """An artifact was found, with one of RESULTS."""
        self._cells[_RESULTS + RESULTS.index(result)] += 1

    def beats_artifact(self, result: str) -> None:
        """The same of an artifact that annotates."""
        self._cells[_BEATS_RESULTS + RESULTS.index(result)] += 1

    def totals(self) -> Totals:
        """What all processes have counted up to now, those that are gone among them."""
        if self._folder is None:
            return Totals(self.paths, np.array(self._cells))
        files = [np.fromfile(path) for path in self._folder.iterdir()]
        return Totals(self.paths, np.sum([cells for cells in files if len(cells) == len(self._cells)], axis=0))


class Totals:
    """The numbers of a moment, by what they count."""

    def __init__(self, paths: Sequence[str], cells: np.ndarray) -> None:
        self.runs, self.rows, self.inference_seconds = cells[_RUNS:_GATHERED].tolist()
        self.gathered = cells[_GATHERED:_ANNOTATED].tolist()
        self.annotations, self.signal_s, self.beats, self.annotation_seconds = cells[_ANNOTATED:_REASONS].tolist()
        self.refused = dict(zip(REASONS, cells[_REASONS:_RESULTS].tolist(), strict=True))
        self.artifacts = dict(zip(RESULTS, cells[_RESULTS:_BEATS_RESULTS].tolist(), strict=True))
        self.beats_artifacts = dict(zip(RESULTS, cells[_BEATS_RESULTS:_PATHS].tolist(), strict=True))
        by_path = dict(zip(paths, cells[_PATHS:].reshape(len(paths), _PATH).tolist(), strict=True))
        self.statuses = {path: dict(zip(STATUSES, numbers, strict=False)) for path, numbers in by_path.items()}
        self.latency = {path: numbers[_LATENCY:] for path, numbers in by_path.items()}


def _cells(size: int, folder: Path | None) -> MutableSequence[float]:
    """So many numbers, all 0; in a file they are float64."""
    if folder is None:
        return [0.0] * size
    with (folder / str(os.getpid())).open("w+b") as file:
        file.truncate(8 * size)
        return cast(MutableSequence[float], memoryview(mmap.mmap(file.fileno(), 8 * size)).cast("d"))
