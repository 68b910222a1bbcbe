"""What annotates recordings is measured: on drawn records, with annotators that are right, silent, or see hearts everywhere."""

import numpy as np
import pytest
import wfdb

from bench.hearts import device, holters, no_heart, regular, stress
from bench.hearts.counts import total
from bench.hearts.records import read
from train.recordings.rhythm import AF, RHYTHMS, VF, N

RATE = 128


@pytest.fixture
def written(tmp_path):
    """A folder named mitdb with a minute of two leads: normal, AF from 20 s, flutter from 40 s; noise in the second lead."""
    folder = tmp_path / "mitdb"
    folder.mkdir()
    beats = np.arange(RATE // 2, 40 * RATE, RATE)
    signal = np.random.default_rng(0).normal(0, 0.01, (60 * RATE, 2))
    signal[beats] += 1.0
    marks = [(1, "+", "(N", 0), (20 * RATE, "+", "(AFIB", 0), (10 * RATE, "~", "", 2), (15 * RATE, "~", "", 0)]
    marks += [(40 * RATE + 1, "[", "", 0), (50 * RATE, "]", "", 0), *((at, "N", "", 0) for at in beats)]
    samples, symbols, notes, kinds = (list(values) for values in zip(*sorted(marks), strict=True))
    wfdb.wrsamp("100", RATE, ["mV", "mV"], ["V5", "MLII"], signal, fmt=["16", "16"], write_dir=str(folder))
    more = {"aux_note": notes, "subtype": np.array(kinds), "fs": RATE, "write_dir": str(folder)}
    wfdb.wrann("100", "atr", np.array(samples), symbols, **more)
    return folder


def said(signal, rate, beats=(), named=0, rhythm=N, readable=1.0):
    """The outputs of a graph that says the same of every second."""
    seconds = int(np.ceil(len(signal) / rate))
    return {
        "sample": np.array(beats, np.int32),
        "predicted_class": np.full(len(beats), named, np.int32),
        "probabilities": np.eye(4, dtype=np.float32)[np.full(len(beats), named)],
        "rhythm_probabilities": np.eye(len(RHYTHMS), dtype=np.float32)[np.full(seconds, rhythm)],
        "readable": np.full(seconds, readable, np.float32),
    }


def test_a_record_is_read_with_its_rhythm_and_its_noise(written) -> None:
    """Each second's rhythm; a noisy second is one of a lead."""
    [record] = read(written)

    assert record.rhythm.tolist() == [N] * 20 + [AF] * 20 + [VF] * 10 + [AF] * 10
    assert record.noisy[:, 0].sum() == 0
    assert np.flatnonzero(record.noisy[:, 1]).tolist() == [10, 11, 12, 13, 14]
    assert len(record.beats) == 40


def test_rhythm_and_what_is_clean_are_counted_by_the_second(written) -> None:
    """Of an annotator that says AF of everything, and of one that reads nothing."""
    af = holters.figures(holters.count(lambda signal, rate: said(signal, rate, rhythm=AF), read(written)))
    blind = holters.figures(holters.count(lambda signal, rate: said(signal, rate, readable=0), read(written)))

    assert af["mitdb/MLII: AF_sensitivity by duration"] == 1
    assert af["mitdb/other: AF_positive_predictivity by duration"] == 0.5
    assert af["mitdb/MLII: readable of what is clean"] == 1
    assert af["mitdb/MLII: AF_positive_predictivity by duration, of episodes"] == 0.5
    assert blind["mitdb/MLII: readable of what is clean"] == 0
    assert blind["mitdb/MLII: AF_sensitivity by duration, of episodes"] == 0
    assert blind["mitdb/MLII: AF_sensitivity by duration"] == 0


def test_beats_are_counted_by_lead_and_folds_are_added(written) -> None:
    """The record belongs to DS2; the lead MLII is found, whatever its number; twice the same counts give the same figures."""
    [record] = read(written)
    counts = holters.count(lambda signal, rate: said(signal, rate, record.beats), [record])

    figures = holters.figures(total([counts, counts]))

    assert counts["beats/DS2/MLII"].sum() == 40
    assert figures["DS2/MLII: detection_sensitivity"] == figures["DS2/other: detection_positive_predictivity"] == 1


def test_recordings_of_a_device_are_counted_by_their_label(tmp_path) -> None:
    """One labelled N with a V beat called AF, one labelled ~ called so."""
    (tmp_path / "REFERENCE-v3.csv").write_text("A1,N\nA2,~\n")
    for name in ("A1", "A2"):
        (tmp_path / f"{name}.hea").write_text(f"{name} 1 300 3000 05:05:15\n{name}.mat 16+24 1000/mV 16 0 0 0 0 ECG\n")
        (tmp_path / f"{name}.mat").write_bytes(bytes(24) + np.full(3000, 500, "<i2").tobytes())
    records = {record.name: record for record in read(tmp_path)}

    counts = [
        device.count(lambda signal, rate: said(signal, rate, [100], named=2, rhythm=AF), [records["A1"]]),
        device.count(lambda signal, rate: said(signal, rate, readable=0), [records["A2"]]),
    ]

    figures = device.figures(total(counts))
    assert next(iter(records["A1"].leads.values()))[0] == 0.5
    assert figures["cinc2017: N with any V"] == figures["cinc2017: N with V or S"] == figures["cinc2017: ~_f1"] == 1
    assert figures["cinc2017: N with any S"] == figures["cinc2017: N_f1"] == 0


def test_what_holds_no_heart_is_of_every_kind_and_strength() -> None:
    """And an annotator that finds a beat a minute in it is found out."""
    figures = no_heart.figures(no_heart.count(lambda signal, rate: said(signal, rate, [5], readable=0), []))

    kinds = {kind for kind, _, signal in no_heart.generated(0) if np.isfinite(signal).all()}
    assert {"white noise", "pink noise", "brown noise", "bursts", "flat line", "steps", "saturation", "sine of 1.2 Hz"} < kinds
    assert figures["no heart, all: beats a minute"] == 1
    assert figures["no heart, all: readable"] == 0


def test_a_regular_rhythm_is_drawn_at_every_rate_and_played_at_those_within_a_factor_of_two(written) -> None:
    """The record's stretch of twenty normal beats in sinus rhythm is too short, its forty are not if no rhythm is annotated."""
    [record] = read(written)
    for rate in regular.RATES:
        assert all(abs(beats - rate) <= 2 for _, _, beats in regular.drawn(rate, 0))

    assert not list(regular.played(record))
    record.rhythm[:] = -1
    assert [rate for rate, *_ in regular.played(record)] == [40, 60, 80, 100, 120]


def test_noise_is_added_at_the_strength_asked_for(written) -> None:
    """An impulse of 1 mV has a power of an eighth: at 0 dB that is the noise's."""
    [record] = read(written)
    long = np.tile(next(iter(record.leads.values())), 8)
    beats = np.concatenate([record.beats + 60 * RATE * i for i in range(8)])
    held = type(record)("r", "x", "r", RATE, {"I": long}, beats, np.zeros(len(beats), int), record.excluded, "")
    noise = np.random.default_rng(1).normal(0, 3, 2000 * RATE).astype(np.float32)
    source = type(record)("ma", "nstdb", "ma", RATE, {"noise1": noise}, beats[:0], beats[:0], record.excluded, "")

    signal, is_noisy = stress.stressed(held, source, decibels=0)

    assert np.flatnonzero(is_noisy).tolist() == [*range(300, 420)]
    assert (signal - long)[: 300 * RATE].std() == 0
    assert (signal - long)[300 * RATE : 420 * RATE].var() == pytest.approx(1 / 8, rel=0.1)
