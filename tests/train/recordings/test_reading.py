"""Recordings: read, split, and generated."""

from dataclasses import replace

import numpy as np
import pytest
import wfdb

from train.aami import AAMI
from train.errors import BadRecords
from train.recordings.data.synthetic import labelled_recordings, regular_recordings, synthetic_recordings
from train.recordings.reading import read, read_noise
from train.recordings.rhythm import AF, OTHER, UNKNOWN, VF, N
from train.recordings.split import DS1, DS2, folds, split


@pytest.fixture
def written(tmp_path):
    """Write a WFDB record of two leads with these beats; returns its folder."""

    def write(name: str, samples: list[int], symbols: list[str], leads: tuple[str, str] = ("V5", "MLII"), gap: bool = False):
        time = np.arange(2000)[:, None] / 360
        signal = np.sin(2 * np.pi * time * np.array([1.0, 2.0]))
        if gap:
            signal[500:520, 1] = np.nan
        path = {"write_dir": str(tmp_path)}
        wfdb.wrsamp(name, 360, ["mV", "mV"], list(leads), signal, fmt=["16", "16"], **path)
        wfdb.wrann(name, "atr", np.array(samples), symbols, fs=360, **path)
        return tmp_path

    return write


def test_beats_are_read_with_their_aami_classes(written) -> None:
    """Marks that are no beats are left out, the lead to evaluate comes first, what is missing is bridged."""
    folder = written("r1", [10, 100, 200, 300, 400, 500, 600], list("+NAVF~Q"), gap=True)

    [recording] = read([folder])

    assert list(recording.leads) == ["MLII", "V5"]
    assert [AAMI[i] for i in recording.classes] == ["N", "S", "V", "F", "Q"]
    assert recording.beats.tolist() == [100, 200, 300, 400, 600]
    assert recording.sampling_rate_hz == 360
    assert all(np.isfinite(signal).all() for signal in recording.leads.values())
    assert list(read([folder], "V5")[0].leads) == ["V5", "MLII"]


def test_ventricular_flutter_is_excluded(written) -> None:
    """From its beginning to its end."""
    folder = written("r1", [100, 300, 700, 900], ["N", "[", "]", "N"])

    [recording] = read([folder])

    assert recording.excluded.tolist() == [[300, 700]]


def test_paced_recordings_are_left_out_and_bad_ones_refused(written, tmp_path) -> None:
    """As AAMI EC57 does; a header without its signals is named."""
    folder = written("paced", [100, 200], ["N", "/"])
    with pytest.raises(BadRecords, match="found none"):
        read([folder])

    (tmp_path / "paced.dat").unlink()
    with pytest.raises(BadRecords, match="paced: expected a WFDB record"):
        read([folder])
    with pytest.raises(BadRecords, match="found none"):
        read([tmp_path / "nothing"])


def test_recordings_of_one_label_are_read_without_beats(written, tmp_path) -> None:
    """As the CinC Challenge 2017 labels them; an unknown label is refused."""
    for name in ("A1", "A2"):
        folder = written(name, [10], ["N"])
    (tmp_path / "REFERENCE-v3.csv").write_text("A1,A\nA2,~\n")

    some = read([folder])

    assert [(one.label, one.has_beats, len(one.beats)) for one in some] == [("AF", False, 0), ("~", False, 0)]
    assert [set(one.rhythm.tolist()) for one in some] == [{AF}, {UNKNOWN}]
    (tmp_path / "REFERENCE-v3.csv").write_text("A1,N\nA2,X\n")
    with pytest.raises(BadRecords, match="labels N, A, O, ~, found X"):
        read([folder])


def test_the_published_split(real) -> None:
    """22 recordings each, with the counts of beats that are known; other databases are trained on; its flaw is told."""
    recordings = read([real / "mitdb"])

    parts = split(recordings, "de-chazal", 0)

    assert [recording.name for recording in parts.training] == list(DS1)
    assert [recording.name for recording in parts.test] == list(DS2)
    assert "201" in parts.caveat
    for part, counts in ((parts.training, [45866, 944, 3788, 415, 8]), (parts.test, [44259, 1837, 3221, 388, 7])):
        assert np.bincount(np.concatenate([recording.classes for recording in part]), minlength=5).tolist() == counts
    with pytest.raises(BadRecords, match="missing: 100"):
        split(recordings[1:], "de-chazal", 0)


def test_no_patient_is_on_both_sides() -> None:
    """Neither of the split nor of a fold, and each patient is tried once."""
    recordings = synthetic_recordings(0, recordings=7, seconds=20)

    parts = split(recordings, "patient", 0)
    tried = [recording.name for _, some in folds(recordings, 0) for recording in some]

    assert not {recording.patient for recording in parts.training} & {recording.patient for recording in parts.test}
    assert len(parts.training) + len(parts.test) == 7
    assert sorted(tried) == sorted(recording.name for recording in recordings)
    with pytest.raises(BadRecords, match="at least 2 patients"):
        split(recordings[:1], "patient", 0)


def test_folds_leave_out_a_database_or_half_of_mitdb() -> None:
    """And a third of what has labels or beats without classes; with fewer patients than folds there are none."""
    one, two, three, *_ = synthetic_recordings(0, recordings=6, seconds=20)
    mitdb = [replace(one, name=name, patient=name) for name in (*DS1, *DS2)]
    other = [replace(two, classes=np.full_like(two.classes, -1), name=f"cu{i}", patient=f"cu{i}") for i in range(30)]
    labelled = [replace(some, name=f"A{i}", patient=f"A{i}") for i, some in enumerate(labelled_recordings(0, recordings=30))]

    tried = [test for _, test in folds([*mitdb, three, *other, *labelled], 0)]

    assert [{*DS1} <= {one.name for one in test} for test in tried] == [True, False, False]
    assert [{*DS2} <= {one.name for one in test} for test in tried] == [False, True, False]
    assert [three.name in {one.name for one in test} for test in tried] == [False, False, True]
    assert all(sum(one.name.startswith("cu") for one in test) > 3 for test in tried)
    assert all(sum(one.name.startswith("A") for one in test) > 3 for test in tried)
    assert len(split([*other, *labelled], "patient", 0).test) > 5
    with pytest.raises(BadRecords, match="at least 3 patients, found 2"):
        split([one, two], "cross-validation", 0)


def test_noise_alone_is_read_without_its_second_half(tmp_path) -> None:
    """From channels that say they are noise; what has beats annotated, or another name, is none."""
    channels = np.random.default_rng(0).normal(0, 1, (3600, 2))
    wfdb.wrsamp("bw", 360, ["mV"] * 2, ["noise1", "noise2"], channels, fmt=["16"] * 2, write_dir=str(tmp_path))
    wfdb.wrsamp("heart", 360, ["mV"] * 2, ["MLII", "noise"], channels, fmt=["16"] * 2, write_dir=str(tmp_path))

    noise = read_noise([tmp_path])

    assert [(rate, len(signal)) for rate, signal in noise] == [(360.0, 1800)] * 2
    assert np.abs(noise[0][1] - channels[:1800, 0]).max() < 0.01


def test_built_in_recordings_have_rhythm() -> None:
    """The same seed gives the same ones; R peaks are where they are said to be; S and V beats come early."""
    recordings = synthetic_recordings(3, recordings=6, seconds=60)

    again = synthetic_recordings(3, recordings=6, seconds=60)

    assert [recording.digest for recording in recordings] == [recording.digest for recording in again]
    assert len({recording.digest for recording in recordings}) == 6
    early, usual = [], []
    for recording in recordings[:5]:
        rr = np.diff(recording.beats)
        early += list(rr[recording.classes[1:] == 2] / np.median(rr))
        usual += list(rr[(recording.classes[1:] == 0) & (recording.classes[:-1] == 0)] / np.median(rr))
        signal = recording.leads["I"]
        normal = [beat for beat, kind in zip(recording.beats, recording.classes, strict=True) if kind == 0]
        peaks = [np.argmax(signal[beat - 10 : beat + 11]) - 10 for beat in normal]
        assert np.abs(np.median(peaks)) <= 1
    assert np.median(early) < 0.85 < np.median(usual)


def test_built_in_recordings_change_their_rhythm() -> None:
    """Of six, each another plan: noise, bigeminy, AF and VF in the middle third; AF is irregular, noise and VF have no beat."""
    recordings = synthetic_recordings(5, recordings=6, seconds=60)

    middles = [set(recording.rhythm[20:40].tolist()) for recording in recordings]

    assert middles == [{N}, {UNKNOWN}, {OTHER}, {AF}, {VF}, {AF}]
    assert all(recording.rhythm[:20].tolist() == [N] * 20 for recording in recordings[:5])
    beats = [recording.beats / recording.sampling_rate_hz for recording in recordings]
    for number in (1, 4):
        assert not ((beats[number] > 20) & (beats[number] < 40)).any()
    assert recordings[4].excluded.tolist() == [[5000, 9999]]
    others = recordings[2].classes[(beats[2] > 20) & (beats[2] < 40)]
    assert (others > 0).mean() > 0.3
    of_normal = np.diff(beats[3])[(recordings[3].classes[1:] == 0) & (recordings[3].classes[:-1] == 0)]
    in_af = (beats[3][1:] > 20) & (beats[3][1:] < 40)
    in_af = in_af[(recordings[3].classes[1:] == 0) & (recordings[3].classes[:-1] == 0)]
    assert of_normal[in_af].std() > 2 * of_normal[~in_af].std()


def test_built_in_hearts_are_slow_and_fast() -> None:
    """From near 40 to near 200 a minute, those that change their rhythm."""
    intervals = [
        np.median(np.diff(one.beats)) / one.sampling_rate_hz for one in synthetic_recordings(1, recordings=24, seconds=30)
    ]

    assert min(intervals) < 60 / 170
    assert max(intervals) > 60 / 50


def test_regular_recordings_have_normal_beats_alone_at_all_rates() -> None:
    """From very slow to very fast, and each as regular as a sinus rhythm is."""
    recordings = regular_recordings(0, recordings=4, seconds=20)

    rates = [60 * one.sampling_rate_hz / np.diff(one.beats).mean() for one in recordings]
    assert rates == pytest.approx([38, 68, 121, 215], rel=0.05)
    assert all((one.classes == 0).all() and (one.rhythm == N).all() for one in recordings)
    assert all(np.diff(one.beats).std() < 0.06 * np.diff(one.beats).mean() for one in recordings)


def test_built_in_labelled_recordings_have_one_label_and_no_beats() -> None:
    """As those of the CinC Challenge 2017 are read."""
    recordings = labelled_recordings(0, recordings=5, seconds=20)

    assert [recording.label for recording in recordings] == ["N", "AF", "O", "~", "N"]
    assert [set(recording.rhythm.tolist()) for recording in recordings] == [{N}, {AF}, {OTHER}, {UNKNOWN}, {N}]
    assert not any(recording.has_beats or len(recording.beats) for recording in recordings)
    assert len({recording.patient for recording in recordings}) == 5
