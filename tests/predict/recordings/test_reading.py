"""`python -m predict` for recordings: WFDB, EDF, DICOM and CSV in; annotations, CSV and a picture out."""

import shutil
import struct

import numpy as np
import pandas as pd
import pydicom
import pytest
import wfdb
from edfio import Edf, EdfAnnotation, EdfSignal
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from predict.recordings import files
from predict.recordings.files import ReadingOptions
from predict.recordings.signal import BadRecording
from server.models.annotator import Annotator
from server.models.gaps import split_at_gaps

RATE = 250
LEADS = ("I", "II")


@pytest.fixture(scope="module")
def signals(recording) -> np.ndarray:
    """Two leads of a made-up recording, (samples, 2) in mV, in steps of 5 µV."""
    one, _ = recording(40)
    return np.round(np.stack([one, -0.5 * one], axis=1) / 0.005) * 0.005


def as_wfdb(folder, signals: np.ndarray, name: str = "w1", unit: str = "mV"):
    """A record with a gain of 200 a unit."""
    many = {"fmt": ["16"] * signals.shape[1], "adc_gain": [200.0] * signals.shape[1], "baseline": [0] * signals.shape[1]}
    wfdb.wrsamp(name, RATE, [unit] * signals.shape[1], list(LEADS[: signals.shape[1]]), signals, write_dir=str(folder), **many)
    return folder / f"{name}.hea"


def as_edf(folder, signals: np.ndarray, unit: str = "uV", scale: float = 1000.0):
    """An EDF+ file in another unit, with a channel that is no voltage and one of annotations."""
    path = folder / "e1.edf"
    limits = {"physical_range": (-3276.8, 3276.7), "digital_range": (-32768, 32767)}
    scaled = dict(zip(LEADS, signals.T * scale, strict=True))
    leads = [EdfSignal(values, RATE, label=lead, physical_dimension=unit, **limits) for lead, values in scaled.items()]
    breath = EdfSignal(np.zeros(len(signals)), RATE, label="Resp", physical_dimension="Ohm", **limits)
    Edf([*leads, breath], annotations=[EdfAnnotation(1.0, None, "awake")]).write(path)
    return path


def as_dicom(folder, signals: np.ndarray, unit: str = "uV"):
    """A DICOM ECG of 5 µV a step."""
    channels = []
    for lead in LEADS:
        channel, source, units = Dataset(), Dataset(), Dataset()
        source.CodeValue, source.CodingSchemeDesignator, source.CodeMeaning = "5.6.3-9-1", "SCPECG", f"Lead {lead}"
        units.CodeValue, units.CodingSchemeDesignator, units.CodeMeaning = unit, "UCUM", unit
        channel.ChannelSourceSequence, channel.ChannelSensitivityUnitsSequence = [source], [units]
        channel.ChannelSensitivity, channel.ChannelSensitivityCorrectionFactor, channel.ChannelBaseline = "5", "1", "0"
        channel.WaveformBitsStored = 16
        channels.append(channel)
    group = Dataset()
    group.NumberOfWaveformChannels, group.NumberOfWaveformSamples, group.SamplingFrequency = 2, len(signals), str(RATE)
    group.ChannelDefinitionSequence, group.WaveformBitsAllocated, group.WaveformSampleInterpretation = channels, 16, "SS"
    group.MultiplexGroupLabel, group.WaveformOriginality = "RHYTHM", "ORIGINAL"
    group.WaveformData = np.round(signals / 0.005).astype("<i2").tobytes()
    meta = FileMetaDataset()
    meta.TransferSyntaxUID, meta.MediaStorageSOPClassUID = ExplicitVRLittleEndian, "1.2.840.10008.5.1.4.1.1.9.1.1"
    meta.MediaStorageSOPInstanceUID = generate_uid()
    dataset = Dataset()
    dataset.file_meta, dataset.WaveformSequence = meta, [group]
    dataset.SOPClassUID, dataset.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
    path = folder / "d1.dcm"
    dataset.save_as(path, enforce_file_format=True)
    return path


def as_csv(folder, signals: np.ndarray, header: tuple[str, ...] = ("time_s", "I_mV", "II (mV)")):
    """A column of time and one a lead."""
    path = folder / "c1.csv"
    time = np.arange(len(signals)) / RATE
    pd.DataFrame(np.column_stack([time, signals]), columns=list(header)).to_csv(path, index=False)
    return path


@pytest.mark.parametrize("write", [as_wfdb, as_edf, as_dicom, as_csv])
def test_every_kind_of_file_gives_the_same_millivolts(tmp_path, signals, write) -> None:
    """Whatever its unit and gain; leads by name, and only those that are a voltage."""
    path = write(tmp_path, signals)

    assert files.leads(path) == ["I", "II"]
    for i, lead in enumerate(LEADS):
        read = files.read(path, ReadingOptions(lead=lead))

        assert read.sampling_rate_hz == RATE
        assert read.lead == lead
        np.testing.assert_allclose(read.millivolts[: len(signals)], signals[:, i], atol=1e-4)


@pytest.mark.parametrize(
    ("write", "how", "sentence"),
    [
        (as_wfdb, ReadingOptions(), "expected --lead NAME, one of I, II"),
        (as_wfdb, ReadingOptions(lead="V1"), "there is no V1"),
        (
            lambda folder, signals: as_wfdb(folder, signals, unit="furlong"),
            ReadingOptions(),
            "expected a lead in V, mV, µV or nV",
        ),
        (lambda folder, signals: as_edf(folder, signals, unit="bpm"), ReadingOptions(), "expected a lead in V, mV, µV or nV"),
        (
            lambda folder, signals: as_dicom(folder, signals, unit="mm[Hg]"),
            ReadingOptions(),
            "expected a lead in V, mV, µV or nV",
        ),
        (
            lambda folder, signals: as_csv(folder, signals, ("time", "a", "b")),
            ReadingOptions(lead="a"),
            "the lead a has no unit: say --unit",
        ),
        (
            lambda folder, signals: as_csv(folder, signals, ("x", "a", "b")),
            ReadingOptions(lead="a", unit="mV"),
            "--sampling-rate HZ",
        ),
        (lambda folder, signals: as_csv(folder, signals[:0]), ReadingOptions(lead="I"), "without lines of numbers"),
    ],
)
def test_what_is_not_told_is_not_guessed(tmp_path, signals, write, how, sentence) -> None:
    """Lead, unit and sampling rate: one sentence that says what was expected."""
    path = write(tmp_path, signals)

    with pytest.raises(BadRecording) as refused:
        files.read(path, how)

    assert sentence in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.hea", b"nonsense"),
        ("x.hea", b""),
        ("x.hea", b"x 1 250 100\nx.dat 16 200/mV 16 0 0 0 0 I\n"),
        ("x.edf", b"0       not an EDF file"),
        ("x.edf", b"not an EDF file"),
        ("x.bdf", b"\xffBIOSEMI" + b" " * 248),
        ("x.dcm", b"not DICOM"),
        ("x.csv", b"\xff\xfe\x00"),
        ("x.csv", b"time_s,I_mV\n0,a\n0.004,b\n"),
        ("x.csv", b""),
    ],
)
def test_bad_files_get_one_sentence(tmp_path, name, content) -> None:
    """That names the file, and no traceback."""
    path = tmp_path / name
    path.write_bytes(content)

    with pytest.raises(BadRecording, match=f"{name}: expected") as refused:
        files.read(path, ReadingOptions())

    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("where", "what", "sentence"),
    [
        (256 + 4 * 104, b"3276.7  ", "expected a range of values of I, found a single one"),
        (256 + 4 * 104, b"low     ", "expected an EDF or BDF file as the standard has it"),
    ],
)
def test_edf_that_would_be_read_wrong(tmp_path, signals, where, what, sentence) -> None:
    """Values of which the unit is not known."""
    path = as_edf(tmp_path, signals)
    content = bytearray(path.read_bytes())
    content[where : where + len(what)] = what
    path.write_bytes(content)

    with pytest.raises(BadRecording, match=f"e1.edf: {sentence}"):
        files.read(path, ReadingOptions(lead="I"))


def test_dicom_without_a_waveform(tmp_path, signals) -> None:
    """Says so."""
    path = as_dicom(tmp_path, signals)
    dataset = pydicom.dcmread(path)
    del dataset.WaveformSequence
    dataset.save_as(path)

    with pytest.raises(BadRecording, match="this one has none"):
        files.read(path, ReadingOptions())


def test_short_gaps_are_bridged_and_long_ones_part_the_recording() -> None:
    """A straight line over up to 0.2 s; stretches too short between gaps are left out; nothing but gaps is nothing."""
    signal = np.arange(5000, dtype=np.float32)
    signal[100:140] = np.nan
    signal[1000:1300] = np.nan
    signal[1310:2000] = np.nan
    signal[:3] = np.nan

    parts, bridged = split_at_gaps(signal, 250.0)

    assert [(part.start, len(part.millivolts)) for part in parts] == [(3, 997), (2000, 3000)]
    assert bridged == 40
    assert all(np.isfinite(part.millivolts[:]).all() for part in parts)
    np.testing.assert_allclose(parts[0].millivolts[97:137], np.arange(100, 140))
    assert split_at_gaps(np.full(10, np.nan), 250.0) == ([], 0)


@pytest.fixture
def annotated(predict_inside, tmp_path, beats):
    """Run the command on files, into a folder; returns what it printed and the folder."""

    def run(*arguments):
        out = tmp_path / "out"
        return predict_inside(*arguments, out, "--artifact", beats), out

    return run


def test_the_answers_of_a_recording(annotated, tmp_path, signals, beats) -> None:
    """As WFDB annotations, as CSV and as a picture; all say what the annotator says."""
    path = as_wfdb(tmp_path, signals)
    expected = Annotator.load(beats).annotate(files.read(path, ReadingOptions(lead="I")).millivolts, RATE).beats

    done, out = annotated(path, "--lead", "I")

    assert done.returncode == 0, done.stderr
    assert f"{len(expected.sample)} beats" in done.stdout
    annotations = wfdb.rdann(str(out / "w1"), "ecg")
    found = [one for one in zip(annotations.sample, annotations.symbol, strict=True) if one[1] in "NSVF"]
    assert [sample for sample, _ in found] == expected.sample.tolist() != []
    assert annotations.fs == RATE
    assert set(annotations.symbol) <= set('NSVF+~[]"')
    table = pd.read_csv(out / "w1.csv")
    assert table["sample"].tolist() == expected.sample.tolist()
    assert table["class"].tolist() == [symbol for _, symbol in found]
    np.testing.assert_allclose(table["probability"], expected.probability, atol=1e-5)
    assert list(table.columns[5:]) == [f"probability_{name}" for name in "NSVF"]
    picture = (out / "w1.png").read_bytes()
    assert picture[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">I", picture[16:20])[0] > 800
    assert not list(out.glob(".*"))


@pytest.mark.usefixtures("few_squares")
def test_what_is_done_stays_done(annotated, tmp_path, signals) -> None:
    """The same command does nothing again; another lead is another question."""
    path = as_wfdb(tmp_path, signals)
    annotated(path, "--lead", "I")

    again, _ = annotated(path, "--lead", "I")
    other, _ = annotated(path, "--lead", "II")

    assert "already done" in again.stdout
    assert "lead II" in other.stdout


@pytest.mark.usefixtures("few_squares")
def test_a_folder_of_all_kinds_with_a_bad_one(annotated, tmp_path, signals) -> None:
    """The good ones are annotated alike, the bad one has its sentence, the exit code says that there was one."""
    folder = tmp_path / "in"
    folder.mkdir()
    for write in (as_wfdb, as_edf, as_dicom, as_csv):
        write(folder, signals)
    (folder / "bad.edf").write_bytes(b"no")

    done, out = annotated(folder, "--lead", "II")

    assert done.returncode == 2
    assert "bad.edf: expected a recording" in done.stderr
    assert "Traceback" not in done.stderr
    samples = [pd.read_csv(out / f"{name}.csv")["sample"].tolist() for name in ("w1", "e1", "d1", "c1")]
    assert len(samples[0]) > 20
    assert samples.count(samples[0]) == 4


def test_what_is_not_there_is_refused(annotated) -> None:
    """With exit code 2."""
    done, _ = annotated("nothing.hea")

    assert done.returncode == 2
    assert "there is no such file" in done.stderr


def test_the_wrong_artifact_for_recordings(predict_inside, tmp_path, signals, artifact) -> None:
    """One that classifies rows cannot, and what is for recordings is refused for rows."""
    path = as_wfdb(tmp_path, signals)
    wrong = predict_inside(path, tmp_path / "out", "--artifact", artifact)
    rows = predict_inside(tmp_path / "rows.csv", tmp_path / "out.csv", "--artifact", artifact, "--lead", "I")

    assert wrong.returncode == rows.returncode == 2
    assert "classifies rows, expected an artifact that annotates recordings" in wrong.stderr
    assert "are for recordings" in rows.stderr


@pytest.mark.usefixtures("few_squares")
def test_real_files(annotated, real, tmp_path) -> None:
    """A 12-lead DICOM file, PTB at 1000 Hz, a record with gaps, and an EDF of which two signals have a unit that is none."""
    folder = tmp_path / "in"
    shutil.copytree(real / "import", folder)

    several, out = annotated(folder / "s0010_re.hea", folder / "v102s.hea", folder / "waveform_ecg.dcm")
    assert several.returncode == 2
    assert several.stderr.count("expected --lead NAME, one of") == 3

    for name, lead, least in (("s0010_re", "i", 40), ("v102s", "V", 450), ("waveform_ecg", "II", 8)):
        [path] = [path for path in folder.iterdir() if path.stem == name and path.suffix in (".hea", ".dcm")]
        done, out = annotated(path, "--lead", lead)
        assert done.returncode == 0, done.stderr
        assert len(pd.read_csv(out / f"{name}.csv")) >= least
        assert ("missing samples bridged" in done.stdout) == (name == "v102s")
    loose = folder / "test_generator_2.edf"
    asked, _ = annotated(loose)
    assert "sine 8.5 Hz, sine 50 Hz" in asked.stderr
    done, out = annotated(loose, "--lead", "ECG")
    assert done.returncode == 0, done.stderr
    assert len(pd.read_csv(out / "test_generator_2.csv"))
    refused, _ = annotated(loose, "--lead", "sine 15 Hz")
    assert refused.returncode == 2
