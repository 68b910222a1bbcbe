"""`--lead all`: the answers to every lead of a recording, and to all together."""

import numpy as np
import pandas as pd
import wfdb
from drawing import ecg


def test_every_lead_is_answered_and_so_are_all_together(annotated, wfdb_of, tmp_path) -> None:
    """NAME.LEAD.csv of each, NAME.csv of all: of two leads alike what each alone gives. What is done is not done again."""
    record = wfdb_of(tmp_path / "100")

    done, again = annotated(record, "--lead", "all"), annotated(record, "--lead", "all")
    together, first, second = (pd.read_csv(tmp_path / "out" / f"{name}.csv") for name in ("100", "100.I", "100.II"))

    assert done.returncode == again.returncode == 0, done.stderr
    assert "lead consensus of 2" in done.stdout
    assert "already done" in again.stdout
    assert len(second) == 12
    assert first.equals(second)
    assert together.equals(second.assign(probability=together["probability"], **together.filter(like="probability_")))
    assert np.allclose(together["probability"], second["probability"], atol=1e-4)
    assert {path.name for path in (tmp_path / "out").iterdir()} >= {"100.png", "100.I.png", "100.II.png", "100.II.rhythm.csv"}


def test_a_lead_without_numbers_is_left_out(annotated, tmp_path) -> None:
    """With a warning; where no lead has any, the recording is refused."""
    signals = np.stack([ecg(seconds=10), np.full(1000, np.nan)], axis=1)
    options = {"fmt": ["16"] * 2, "adc_gain": [1000.0] * 2, "baseline": [0] * 2, "write_dir": str(tmp_path)}
    wfdb.wrsamp("half", 100, ["mV"] * 2, ["I", "II"], signals, **options)

    done = annotated(tmp_path / "half.hea", "--lead", "all")

    assert done.returncode == 0, done.stderr
    assert "warning" in done.stderr and "lead II is left out: expected numbers in the lead II, found none" in done.stderr
    assert "lead consensus of 1" in done.stdout
    assert not (tmp_path / "out/half.II.csv").exists()
