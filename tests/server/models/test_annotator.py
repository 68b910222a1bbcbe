"""The annotator: a recording in overlapping pieces has the beats of the whole."""

import numpy as np
import pytest

from server.models.annotator import Annotator, BadSignal, is_annotator
from server.models.classifier import Classifier
from server.models.contract import BadArtifact


@pytest.fixture(scope="module")
def annotator(beats) -> Annotator:
    """The committed one."""
    return Annotator.load(beats)


def whole(annotator: Annotator, signal: np.ndarray, rate: float) -> dict[str, np.ndarray]:
    """One run over all of a recording."""
    names = ["sample", "predicted_class", "probability", "readable", "rhythm_probabilities"]
    fed = {"signal": signal, "sampling_rate": np.array([rate], np.float32)}
    return dict(zip(names, annotator.session.run(names, fed), strict=True))


@pytest.mark.parametrize("rate", [250.0, 360.0, 257.3])
def test_in_pieces_a_recording_has_the_same_beats(annotator, recording, rate) -> None:
    """Every beat once, within two of the network's samples of where one run finds it, 99.9 % within one and of the same class."""
    signal, _ = recording(3300)

    pieces = annotator.annotate(signal, rate).beats
    expected = whole(annotator, signal, rate)

    assert len(list(annotator.pieces(len(signal), rate))) > 2
    assert len(pieces.sample) == len(expected["sample"]) > 1500
    beside, step = np.abs(pieces.sample - expected["sample"]), rate / annotator.contract.sampling_rate_hz
    assert (beside <= 1 + step).mean() >= 0.999 and beside.max() <= 1 + 2 * step
    assert (pieces.predicted_class == expected["predicted_class"]).mean() >= 0.999
    assert (np.diff(pieces.sample) > 0).all()


def test_real_recordings_in_pieces(annotator, real) -> None:
    """The same of half an hour of patients, and seconds as readable and of the same rhythm to within 0.002."""
    wfdb = pytest.importorskip("wfdb")
    same, beats = 0, 0
    for name in ("100", "201", "208", "232"):
        record = wfdb.rdrecord(str(real / "mitdb" / name), channels=[0])
        signal = record.p_signal[:, 0].astype(np.float32)

        found, expected = annotator.annotate(signal, record.fs), whole(annotator, signal, record.fs)
        pieces = found.beats

        assert len(list(annotator.pieces(len(signal), record.fs))) == 2
        np.testing.assert_allclose(found.readable, expected["readable"], rtol=0, atol=0.002)
        np.testing.assert_allclose(found.rhythm_probabilities, expected["rhythm_probabilities"], rtol=0, atol=0.002)
        assert len(pieces.sample) == len(expected["sample"])
        assert np.abs(pieces.sample - expected["sample"]).max() <= 1
        same += int((pieces.predicted_class == expected["predicted_class"]).sum())
        beats += len(pieces.sample)
    assert same / beats >= 0.999


@pytest.mark.parametrize("later", [5, 13])
def test_where_a_real_recording_begins_changes_hardly_anything(annotator, real, later) -> None:
    """Begun a quarter or half a sample of the network's later: of 200 beats at most one is moved by over 6 ms or renamed."""
    wfdb = pytest.importorskip("wfdb")
    same, beats = 0, 0
    for name in ("106", "201", "203", "223"):
        record = wfdb.rdrecord(str(real / "mitdb" / name), channels=[0], sampto=600 * 360)
        signal = record.p_signal[:, 0].astype(np.float32)

        found, again = annotator.annotate(signal, 360.0).beats, annotator.annotate(signal[later:], 360.0).beats

        inner = (found.sample > 3600) & (found.sample < len(signal) - 3600)
        nearest = np.abs(again.sample[:, None] + later - found.sample[inner]).argmin(axis=0)
        stayed = np.abs(again.sample[nearest] + later - found.sample[inner]) <= 2
        same += int((stayed & (again.predicted_class[nearest] == found.predicted_class[inner])).sum())
        beats += int(inner.sum())
    assert beats > 3000
    assert same / beats >= 0.995


@pytest.mark.parametrize("samples", [500, 501, 250 * 60])
def test_a_flat_line_has_no_beats(annotator, samples) -> None:
    """From the shortest recording that is taken to a long one."""
    assert len(annotator.annotate(np.full(samples, 0.3, np.float32), 250.0).beats.sample) == 0


@pytest.mark.parametrize(
    ("signal", "rate", "sentence"),
    [
        (np.zeros(10, np.float32), 49.0, "from 50 to 1000 Hz"),
        (np.zeros(10, np.float32), 1001.0, "from 50 to 1000 Hz"),
        (np.zeros(10, np.float32), float("nan"), "from 50 to 1000 Hz"),
        (np.zeros(10), 250.0, "float32 of one dimension"),
        (np.zeros((2, 10), np.float32), 250.0, "float32 of one dimension"),
        (np.array([0, 1, np.nan], np.float32), 250.0, "sample 2 is none"),
        (np.array([np.inf], np.float32), 250.0, "sample 0 is none"),
        (np.zeros(0, np.float32), 250.0, "at least 2 s"),
        (np.zeros(499, np.float32), 250.0, "at least 2 s"),
    ],
)
def test_what_is_no_recording_is_refused(annotator, signal, rate, sentence) -> None:
    """In one sentence."""
    with pytest.raises(BadSignal, match=sentence):
        annotator.annotate(signal, rate)


def test_the_two_kinds_of_artifact_are_told_apart(artifact, beats) -> None:
    """Each is refused in the other's place, with a sentence that says which it is."""
    assert is_annotator(beats.read_bytes())
    assert not is_annotator(artifact.read_bytes())
    with pytest.raises(BadArtifact, match="classifies rows, this one annotates recordings"):
        Classifier.load(beats)
    with pytest.raises(BadArtifact, match="annotates recordings, this one classifies rows"):
        Annotator.load(artifact)
