"""What the drawn recordings have in common: an ECG made of Gaussian waves, and what is right about a file of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

BEATS_PER_MINUTE, SECONDS, FIRST_R_S = 75, 10.0, 0.4
WAVES = ((-0.16, 0.12, 0.025), (-0.03, -0.1, 0.01), (0.0, 1.0, 0.012), (0.03, -0.2, 0.012), (0.25, 0.3, 0.05))  # s, mV, s
BEATS = 12
HOLE_S = (4.1, 4.7)  # where a gap is drawn, the beat at 4.4 s is lost
BEATS_WITH_HOLE = 11
DAMAGED = "damaged or cut off"  # what the page says of any file that is not whole

Write = Callable[[Path], list[Path]]


@dataclass(frozen=True)
class RecordingFile:
    """A file as people hand it in, how it is handed in, and what is right.

    id                what the test is called
    row               the row of the table in docs/recordings.md that it proves
    write             writes it into a folder; returns all files to hand in, first the one that `predict` is given
    lead, unit, sampling_rate   the options --lead, --unit, --sampling-rate, where they are needed
    beats, sampling_rate_hz, lead_read   what is found in it; `predict` counts beats only where there is no `millivolts`
    notes             words of each note that is said of it
    refused           words of the sentence with which it is refused; empty where it is read
    refused_on_page   the same on the page, where that says it in other words
    millivolts        draws the lead sample by sample, float64 (samples,), where the file is compared with it
    """

    id: str
    row: str
    write: Write
    lead: str | None = None
    unit: str | None = None
    sampling_rate: float | None = None
    beats: int = BEATS
    sampling_rate_hz: float = 100.0
    lead_read: str = "II"
    notes: tuple[str, ...] = ()
    refused: str = ""
    refused_on_page: str = ""
    millivolts: Callable[[], np.ndarray] | None = None


def ecg(rate_hz: float = 100.0, seconds: float = SECONDS, first_r_s: float = FIRST_R_S) -> np.ndarray:
    """An ECG in mV, float64 (samples,), with the first R peak at `first_r_s` and the same noise each time."""
    times = np.arange(round(seconds * rate_hz)) / rate_hz
    peaks = np.arange(first_r_s, seconds, 60 / BEATS_PER_MINUTE)
    waves = (height * np.exp(-((times[:, None] - peaks - at) ** 2) / (2 * width**2)) for at, height, width in WAVES)
    return sum(wave.sum(axis=1) for wave in waves) + np.random.default_rng(0).normal(0, 0.005, len(times))


def counts(rate_hz: float, unit_mv: float, share: float = 1.0) -> np.ndarray:
    """The ECG times `share` as a device has it: whole numbers of `unit_mv` mV each, int64 (samples,)."""
    return np.rint(ecg(rate_hz) * share / unit_mv).astype(np.int64)


def with_hole(millivolts: np.ndarray, rate_hz: float = 100.0) -> np.ndarray:
    """The same with NaN from 4.1 s to 4.7 s."""
    times = np.arange(len(millivolts)) / rate_hz
    return np.where((times >= HOLE_S[0]) & (times < HOLE_S[1]), np.nan, millivolts)


def put(folder: Path, files: dict[str, bytes | str]) -> list[Path]:
    """Write the files of these names and contents; text as UTF-8."""
    for name, content in files.items():
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return [folder / name for name in files]


def writer(files: dict[str, bytes | str] | Callable[[], dict[str, bytes | str]]) -> Write:
    """What writes these files, given or drawn when they are wanted."""
    return lambda folder: put(folder, files() if callable(files) else files)


def ids(files: Sequence[RecordingFile]) -> list[str]:
    """Their names, for `pytest.mark.parametrize`."""
    return [file.id for file in files]
