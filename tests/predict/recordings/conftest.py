"""Recordings of people and devices of which several have one name, and the command that annotates them."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import wfdb
from drawing import ecg

from predict.recordings import local_processes
from predict.recordings.outputs import strip_plot


@pytest.fixture
def few_squares(monkeypatch) -> None:
    """Pictures on paper of fewer squares, which take most of a run to draw; where the picture itself is tested it has all."""
    monkeypatch.setattr(strip_plot, "SQUARES_S", (1.0, 5.0))


@pytest.fixture
def one_process(monkeypatch) -> None:
    """A machine of one processor: no process is started for several files."""
    monkeypatch.setattr(local_processes, "processors", lambda: 1)


@pytest.fixture
def annotated(predict_inside, beats, tmp_path, few_squares, one_process):
    """Run the command on files into the folder `out`; what it printed."""
    return lambda *arguments: predict_inside(*arguments, tmp_path / "out", "--artifact", beats)


@pytest.fixture
def csv_of() -> Callable[..., Path]:
    """Write an ECG of 75 beats a minute at 100 Hz, of so many seconds, as CSV; twelve beats in ten seconds."""

    def write(path: Path, seconds: float = 10, header: str = "time_s,II_mV", scale: float = 1.0) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = [f"{number / 100:.2f},{value:.4f}" for number, value in enumerate(ecg(seconds=seconds) * scale)]
        path.write_text("\n".join([header, *lines]) + "\n")
        return path

    return write


@pytest.fixture
def wfdb_of() -> Callable[..., Path]:
    """Write an ECG as a WFDB record, 100 Hz, leads I and II."""

    def write(path: Path, seconds: float = 10) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        signals = np.stack([ecg(seconds=seconds)] * 2, axis=1)
        options = {"fmt": ["16"] * 2, "adc_gain": [1000.0] * 2, "baseline": [0] * 2, "write_dir": str(path.parent)}
        wfdb.wrsamp(path.name, 100, ["mV"] * 2, ["I", "II"], signals, **options)
        return path.with_name(f"{path.name}.hea")

    return write
