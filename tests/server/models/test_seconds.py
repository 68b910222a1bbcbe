"""What a file of schema 2 says of each second of a recording: the same in pieces, and across gaps, as in one run."""

import json

import msgspec
import numpy as np
import pytest

from server.models import contract
from server.models.annotator import Annotator
from server.models.contract import BadArtifact
from server.models.gaps import join_segments, split_at_gaps
from server.models.pieces import Piece

LEVELS_MV = {"N": 0.0, "A": 1.0, "O": 2.0, "V": 3.0}


@pytest.fixture(scope="module")
def annotator(beats_of_schema) -> Annotator:
    """One of schema 2."""
    return Annotator.load(beats_of_schema[2])


def drawn(letters: str, rate: float) -> np.ndarray:
    """A signal whose seconds have these rhythms, `~` too noisy to be read, by the rules of drawn/annotating_files.py."""
    second = np.arange(int(len(letters) * rate)) / rate
    letter = np.array(list(letters))[second.astype(int)]
    level = np.select([letter == one for one in LEVELS_MV], list(LEVELS_MV.values()), 0.0)
    noise = np.where(letter == "~", 4.0, 0.05) * np.where(np.arange(len(second)) % 2, 1, -1)
    return (level + noise).astype(np.float32)


def letters_of(annotation) -> str:
    """The seconds of an annotation as letters again."""
    rows = zip(annotation.readable, annotation.rhythm_probabilities.argmax(axis=1), strict=True)
    return "".join("NAOV"[rhythm] if readable >= 0.5 else "~" for readable, rhythm in rows)


@pytest.mark.parametrize("rate", [250.0, 360.0, 257.3, 128.37])
def test_in_pieces_each_second_is_what_it_is_in_the_whole(annotator, rate) -> None:
    """Every second once, in its place, whatever the rate, though one of a fraction has its samples beside whole seconds."""
    letters = "".join(np.random.default_rng(0).choice(list("NAOV~"), 3300))
    signal = drawn(letters, rate)

    found = annotator.annotate(signal, rate)

    assert len(list(annotator.pieces(len(signal), rate))) == 4
    assert letters_of(found) == letters
    assert found.readable.dtype == found.rhythm_probabilities.dtype == np.float32
    assert not np.isin([letters[int(sample / rate)] for sample in found.beats.sample], ["~", "V"]).any()


@pytest.mark.parametrize(("samples", "seconds"), [(500, 2), (501, 3), (749, 3), (750, 3), (75_001, 301)])
def test_a_second_begun_is_a_second(annotator, samples, seconds) -> None:
    """As many rows as ceil(samples / rate)."""
    found = annotator.annotate(drawn("N" * 301, 250.0)[:samples], 250.0)

    assert found.readable.shape == (seconds,)
    assert found.rhythm_probabilities.shape == (seconds, 4)


@pytest.mark.parametrize("begin", [9.0, 9.3, 9.5, 9.7])
def test_a_gap_is_unreadable(annotator, recording, begin) -> None:
    """Its seconds, those of which more than half was not recorded; what is behind it keeps its place, and no beat is in it."""
    signal, rate = recording(30)
    signal = signal.copy()
    signal[int(20 * rate) :] += 1
    signal[int(begin * rate) : int((begin + 5) * rate)] = np.nan

    segments, _ = split_at_gaps(signal, rate)
    found = join_segments(segments, [annotator.annotate(one.millivolts, rate) for one in segments], len(signal), rate)

    gap = slice(int(begin + 0.5), int(begin + 5.5))
    assert (found.readable[gap] == 0).all() and (found.rhythm_probabilities[gap] == 0).all()
    assert letters_of(found) == "N" * gap.start + "~" * 5 + "N" * (20 - gap.stop) + "A" * 10
    second = (found.beats.sample / rate).astype(int)
    assert not set(range(gap.start, gap.stop)) & set(second.tolist())
    assert len(found.beats.sample) > 15


def test_gaps_may_be_at_the_ends_or_everywhere(annotator) -> None:
    """Of a recording with little in it, or nothing, all seconds are said to be unreadable."""
    rate = 250.0
    for letters in ("....NNNN..", "NNNN......", "......NNNN", ".........."):
        signal = drawn(letters.replace(".", "N"), rate)[:-50]
        signal[np.repeat([letter == "." for letter in letters], int(rate))[:-50]] = np.nan

        segments, _ = split_at_gaps(signal, rate)
        parts = [annotator.annotate(one.millivolts, rate) for one in segments]
        if not segments:
            assert letters == ".........."
            continue

        assert letters_of(join_segments(segments, parts, len(signal), rate)) == letters.replace(".", "~")


def test_a_file_of_schema_1_says_nothing_of_seconds(beats_of_schema, recording) -> None:
    """In pieces and across gaps it has its beats alone, and its contract no rhythms."""
    annotator = Annotator.load(beats_of_schema[1])
    signal, rate = recording(10)

    found = annotator.annotate(signal, rate)
    joined = join_segments(split_at_gaps(signal, rate)[0], [found], len(signal), rate)

    assert (joined.readable, joined.rhythm_probabilities) == (None, None)
    assert joined.beats.sample.tolist() == found.beats.sample.tolist() != []
    assert list(found.tensors()) == list(annotator.outputs) == ["sample", "predicted_class", "probability", "probabilities"]
    assert "rhythms" not in msgspec.to_builtins(annotator.contract)


def test_less_than_a_second_is_a_row_and_nothing_is_none(annotator) -> None:
    """As the graph has it; a recording so short is refused before."""
    for samples, rows in ((0, 0), (1, 1), (7, 1), (250, 1)):
        found = annotator.run(drawn("NN", 250.0)[:samples], 250.0, Piece(0, samples, 0, samples))

        assert found.readable.shape == (rows,)
        assert found.rhythm_probabilities.shape == (rows, 4)


@pytest.mark.parametrize(
    "change", [{"schema": 3}, {"rhythms": []}, {"rhythms": ["N"]}, {"schema": 1}, {"schema": 2, "rhythms": ["N", ""]}]
)
def test_a_contract_with_schema_and_rhythms_at_odds_is_refused(annotator, change) -> None:
    """In a sentence that says which schemas there are."""
    document = msgspec.to_builtins(annotator.contract)

    with pytest.raises(BadArtifact, match="of recordings: 1 or 2"):
        contract.read_annotation({"ecg": json.dumps(document | change)})


def test_outputs_that_are_not_those_of_the_schema_are_refused(beats_of_schema) -> None:
    """Both ways."""
    onnx = pytest.importorskip("onnx")
    for has, says in ((1, 2), (2, 1)):
        model = onnx.load(beats_of_schema[has])
        onnx.helper.set_model_props(model, {entry.key: entry.value for entry in onnx.load(beats_of_schema[says]).metadata_props})

        with pytest.raises(BadArtifact, match="expected the outputs"):
            Annotator(model.SerializeToString())
