"""What the networks of recordings learn from: what is known of samples, beats and seconds, and what is not."""

from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf

from train.recordings.data.augmented_windows import augmented_windows, spline
from train.recordings.data.classifier_batches import EDGE, SECONDS, batch, classifier_arrays, classifier_batches
from train.recordings.data.detector_batches import ANNOTATED, CROP, JUDGED, UNKNOWN, detector_batches
from train.recordings.data.noise import any_noise, no_heart
from train.recordings.data.prepare import (
    Detected,
    Prepared,
    detect,
    possible_rhythms,
    prepare,
    with_fewer_normal_beats,
    without_sustained_runs,
)
from train.recordings.data.synthetic import labelled_recordings, synthetic_recordings
from train.recordings.losses import detector_losses
from train.recordings.network import SECOND_FEATURES
from train.recordings.onnx_graph.annotation import classifier_inputs, in_context
from train.recordings.onnx_graph.beat_features import AFTER, BEFORE, rhythm_features
from train.recordings.rhythm import AF, OTHER, RHYTHMS, VF, N
from train.recordings.rhythm import UNKNOWN as NOT_SAID


def rng() -> np.random.Generator:
    """The same numbers in every test."""
    return np.random.default_rng(0)


def prepared(seconds: int = 60, **changes: object) -> Prepared:
    """A beat a second, half way through it."""
    r_peak = np.arange(seconds) * 100.0 + 50
    one = Prepared(
        signals=np.zeros((1, 100 * seconds), np.float32),
        r_peak=r_peak,
        classes=np.zeros(seconds, np.int32),
        fibrillates=np.zeros(100 * seconds, bool),
        possible=np.ones((seconds, len(RHYTHMS)), bool),
        label=None,
        has_beats=True,
    )
    return replace(one, **changes)


def detected(seconds: int = 120, **changes: object) -> Detected:
    """A beat a second of one lead, all of it normal, in sinus rhythm and readable."""
    one = Detected(
        signals=np.ones((1, 100 * seconds + 200), np.float32),
        r_peak=np.arange(seconds) * 100.0 + 150,
        time=np.arange(seconds) + 0.5,
        classes=np.zeros(seconds, np.int32),
        features=np.ones((seconds, SECOND_FEATURES), np.float32),
        readable=np.ones(seconds, bool),
        possible=np.tile(np.eye(len(RHYTHMS), dtype=bool)[N], (seconds, 1)),
        label=None,
        has_beats=True,
    )
    return replace(one, **changes)


def test_the_target_is_a_gaussian_at_each_r_peak() -> None:
    """Where beats are not annotated nothing is said of them; noise alone has none, and nothing to read."""
    labelled = prepared(label="N", has_beats=False, r_peak=np.zeros(0), classes=np.zeros(0, np.int32))

    crop = next(detector_batches([prepared(), labelled], rng()))

    assert crop.signal.shape == crop.target.shape == crop.weight.shape == crop.beat.shape == (len(crop.signal), CROP)
    assert (crop.beat[:ANNOTATED].sum(axis=1) >= 6).all()
    assert (crop.target[crop.beat == 1] > 0.9).all()
    assert (crop.weight[ANNOTATED : ANNOTATED + 2] == 0).all()
    assert (crop.target[-1] == 0).all() and (crop.weight[-1] == 1).all() and (crop.readable[-1] == 0).all()


def test_seconds_are_judged_where_nobody_says_whether_they_can_be_read() -> None:
    """A label says it of a recording as it is, not with noise added; a recording that is too noisy to tell cannot be read."""
    noisy = prepared(label="~", has_beats=False)
    crops = [next(detector_batches([prepared(), noisy], np.random.default_rng(seed))) for seed in range(3)]

    for crop in crops:
        assert {*np.unique(crop.readable[:ANNOTATED])} <= {JUDGED, UNKNOWN, 0.0}
        assert (crop.readable[ANNOTATED + 6] <= 0).all() and 0.0 in crop.readable[ANNOTATED + 6]


def test_ventricular_fibrillation_is_readable_and_has_no_beats() -> None:
    """Its seconds are of that rhythm alone."""
    possible = np.tile(np.eye(len(RHYTHMS), dtype=bool)[VF], (60, 1))
    one = prepared(fibrillates=np.ones(6000, bool), possible=possible)

    crop = next(detector_batches([one], rng()))

    of_heart = crop.readable[:ANNOTATED]
    assert ((of_heart == 1) | (of_heart <= 0)).all() and (of_heart == 1).mean() > 0.5
    assert (crop.target[:ANNOTATED] == 0).all()
    assert (crop.possible[0] == possible[:12]).all()


def test_what_is_not_annotated_may_be_any_rhythm_but_ventricular_fibrillation() -> None:
    """Sinus rhythm near an ectopic beat may be called other; a recording that is too noisy to tell may be anything."""
    recording = synthetic_recordings(0, recordings=1, seconds=60)[0]
    beats = np.array([30.2 * recording.sampling_rate_hz]).astype(int)
    rhythm = np.array([N] * 40 + [NOT_SAID] * 10 + [AF] * 10, np.int8)

    possible = possible_rhythms(replace(recording, beats=beats, classes=np.array([2], np.int32), rhythm=rhythm))
    noisy = possible_rhythms(next(one for one in labelled_recordings(0) if one.label == "~"))

    assert possible[5].tolist() == [True, False, False, False]
    assert [RHYTHMS[i] for i in np.flatnonzero(possible[20])] == ["N", "O"]
    assert [RHYTHMS[i] for i in np.flatnonzero(possible[42])] == ["N", "AF", "O"]
    assert possible[55].tolist() == [False, True, False, False]
    assert noisy.all()
    assert RHYTHMS.index("O") == OTHER


def test_a_recording_is_prepared_at_the_networks_rate() -> None:
    """Every lead, with its beats where they are."""
    recording = synthetic_recordings(0, recordings=1, seconds=20)[0]

    one = prepare(recording)

    assert one.signals.shape == (2, 2000)
    assert one.possible.shape == (20, len(RHYTHMS))
    highest = [int(np.abs(one.signals[0][int(at) - 4 : int(at) + 5]).argmax()) - 4 for at in one.r_peak[2:8]]
    assert np.abs(highest).max() <= 3


def test_noise_is_of_all_kinds_and_never_infinite() -> None:
    """With a recording of noise and without."""
    generator, library = rng(), [np.arange(5000, dtype=np.float32)]

    tracks = [any_noise(CROP, 100.0, generator, library) for _ in range(60)] + [
        no_heart(CROP, 100.0, generator) for _ in range(60)
    ]

    assert all(len(track) == CROP and np.isfinite(track).all() for track in tracks)
    rough = [np.abs(np.diff(track)).mean() / (track.std() + 1e-9) for track in tracks]
    assert max(rough) > 20 * min(rough)


def test_fewer_normal_beats_stand_between_the_others() -> None:
    """All others are kept, each with its place in the signal and its RR interval; without S beats there is nothing to add."""
    classes = np.where(np.arange(120) % 9 == 4, 1, 0).astype(np.int32)
    one = detected(classes=classes)

    [fewer] = with_fewer_normal_beats([one, detected()], rng())

    assert (fewer.classes == 1).sum() == (classes == 1).sum()
    assert 0 < (fewer.classes == 0).sum() < 0.7 * (classes == 0).sum()
    assert np.diff(fewer.time) == pytest.approx(np.ones(len(fewer.time) - 1))
    assert set(fewer.r_peak) <= set(one.r_peak)
    assert not fewer.whole
    assert fewer.possible.tolist() == [[True, False, False, False]] * fewer.seconds


def test_nobody_learns_from_the_middle_of_a_tachycardia_that_fast_is_premature() -> None:
    """Its first and last beats are S, and those of short runs; beats of other classes stay what they are."""
    classes = np.array([0] * 5 + [1] * 20 + [0] * 5 + [1] * 3 + [2] * 20, np.int32)

    found = without_sustained_runs(classes)

    assert np.flatnonzero(found < 0).tolist() == [13, 14, 15, 16]
    assert (found[found >= 0] == classes[found >= 0]).all()


def test_each_lead_is_learned_from_as_the_detector_finds_its_beats() -> None:
    """The second lead with its own R peaks, itself first among the signals."""
    one = prepared(signals=np.stack([np.zeros(6000, np.float32), np.ones(6000, np.float32)]))

    def find(signal: tf.Tensor) -> dict[str, tf.Tensor]:
        later = 5.0 * float(signal[0])
        found = {"clean": tf.pad(signal, [[100, 100]]), "r_peak": one.r_peak + 100 + later, "readable": np.ones(60)}
        return {name: tf.constant(value) for name, value in (found | {"features": np.zeros((60, 4))}).items()}

    first, second = detect(one, find)

    assert (second.r_peak - first.r_peak).tolist() == [5.0] * 60
    assert (first.classes == 0).all() and (second.classes == 0).all()
    assert (first.signals[0, 500], second.signals[0, 500], second.signals[1, 500]) == (0, 1, 0)


@pytest.mark.parametrize("tempo", [1.0, 1.25, 2.5])
def test_a_recording_played_faster_has_its_neighbours_nearer(tempo: float) -> None:
    """A beat's own waves may keep their width; the next R peak is where it is in a heart of that rate."""
    at = np.arange(12) * 50.0 + 200
    signal = np.exp(-0.5 * ((np.arange(1000)[:, None] - at) / 1.5) ** 2).sum(axis=1).astype(np.float32)

    windows = [augmented_windows(signal[None], at, tempo, True, np.random.default_rng(seed), ()) for seed in range(30)]

    mean, interval = np.abs(windows).mean(axis=(0, 1)), int(50 / tempo)
    assert mean[BEFORE + interval] > 2 * mean[BEFORE + interval // 2]


def test_beats_at_the_ends_of_a_crop_count_for_nothing() -> None:
    """Their neighbours are not shown; nor does what fills the batch."""
    pair = next(classifier_batches([detected(600)], rng()))

    assert len(pair) == 1
    inputs, known = pair[0].inputs, pair[0].known
    present = inputs["present"][..., 0] == 1
    assert inputs["window"].shape == (*present.shape, BEFORE + AFTER)
    assert (known["weight"][~present] == 0).all()
    for row, weight in zip(present, known["weight"], strict=True):
        beats = np.flatnonzero(row)
        assert (weight[beats[EDGE:-EDGE]] > 0).all()
        assert weight.sum() < row.sum()
    assert known["possible_rhythms"].shape == (len(present), SECONDS, len(RHYTHMS))


def test_labels_say_what_beats_may_be() -> None:
    """In a normal recording all are N; in atrial fibrillation none is S; of another rhythm nothing is said of beats."""
    labelled = [detected(30, label=label, has_beats=False, classes=np.full(30, -1, np.int32)) for label in ("N", "AF", "O")]

    _, second = next(classifier_batches([detected(), *labelled], rng()))

    weighted = second.known["weight"] > 0
    said = {tuple(row) for row in second.known["possible_classes"][weighted]}
    assert said == {(1.0, 0.0, 0.0, 0.0), (1.0, 0.0, 1.0, 1.0)}
    assert (second.known["labelled"] == 1).all()
    assert not weighted.any(axis=1).all()


def test_each_second_knows_its_nearest_beat_and_each_beat_its_second() -> None:
    """A second without a beat near it knows that."""
    time = np.array([0.2, 1.4, 7.9])

    arrays = classifier_arrays(np.zeros((3, 96)), time, np.zeros((9, SECOND_FEATURES)), np.ones(9, bool))

    assert arrays["beat_of_second"].tolist() == [0, 1, 1, 1, 1, 2, 2, 2, 2]
    assert arrays["near"][:, 0].tolist() == [True, True, True, False, False, False, True, True, True]
    assert arrays["second_of_beat"].tolist() == [0, 1, 7]


def test_crops_are_what_the_graph_makes_of_a_recording() -> None:
    """Windows, and which beat belongs to which second: what is learned from is what is annotated."""
    generator, seconds = rng(), 30
    signal = generator.normal(0, 1, 100 * seconds + 200).astype(np.float32)
    r_peak = 100 + np.cumsum(generator.uniform(30, 400, 18))
    r_peak = r_peak[r_peak < 100 * seconds]
    is_peak = np.zeros(len(signal), bool)
    is_peak[np.round(r_peak).astype(int)] = True
    features = np.zeros((seconds, SECOND_FEATURES), np.float32)
    found = {"clean": signal, "is_peak": is_peak, "r_peak": r_peak, "features": features}

    graph = classifier_inputs({name: tf.constant(value) for name, value in found.items()})
    at = r_peak[:, None] + np.arange(-BEFORE, AFTER)
    crop = classifier_arrays(spline(signal, at), (r_peak - 100) / 100, features, np.ones(seconds, bool))

    assert len(r_peak) > 8
    assert np.abs(graph["window"][0, :-1].numpy() - crop["window"]).max() < 1e-3
    assert not graph["window"][0, -1].numpy().any()  # of no beat, as what a batch is padded with
    for name in ("beat_of_second", "second_of_beat", "near"):
        assert np.array_equal(graph[name][0, :-1].numpy().astype(int), crop[name].astype(int)), name


def test_a_label_of_noise_does_not_make_every_second_unreadable() -> None:
    """It speaks of the whole: a recording that is readable for a sixth of it fits the label better than one that never is."""
    label = np.zeros((1, SECONDS), np.float32)
    known = {"readable": tf.constant(label), "labelled": tf.constant([1.0])} | {
        name: tf.zeros((1, 100 * SECONDS)) for name in ("beat", "weight", "target")
    }
    known["possible"] = tf.ones((1, SECONDS, len(RHYTHMS)))
    some = np.where(np.arange(SECONDS) < SECONDS // 6, 6, -6).astype(np.float32)

    def loss(readable: np.ndarray) -> float:
        found = {"r_peak": tf.zeros((1, 100 * SECONDS, 1)), "rhythm": tf.zeros((1, SECONDS, len(RHYTHMS)))}
        return float(detector_losses(found | {"readable": tf.constant(readable[None, :, None])}, known)["readable"])

    assert loss(some) < loss(np.full(SECONDS, -6, np.float32)) < loss(-some)


def test_a_second_is_read_in_the_light_of_those_before_it() -> None:
    """Noise is likelier in a noisy recording; an hour without it does not make a second of it readable, nor does what follows."""

    def last(*logits: float) -> float:
        return float(in_context(tf.constant(logits)[None, :, None])[0, -1, 0])

    assert -3 < last(*[9.0] * 60, -3.0) < 0
    assert last(*[-1.0] * 60, 0.5) < 0 < last(*[1.0] * 60, 0.5)
    assert last(0.5) == pytest.approx(1)
    changed = in_context(tf.constant([0.5, *[-9.0] * 60])[None, :, None])
    assert float(changed[0, 0, 0]) == pytest.approx(last(0.5))


def test_a_recording_with_one_beat_has_no_rate_to_be_played_at() -> None:
    """It is learned from as well as others, at other tempos too."""
    r_peak, one = np.array([150.0]), np.zeros(1, np.int32)
    batches = classifier_batches([detected(r_peak=r_peak, time=np.array([0.5]), classes=one)], rng())

    crops = [next(batches)[0].inputs for _ in range(4)]

    assert all(np.isfinite(values).all() for crop in crops for values in crop.values())


def test_how_fast_a_regular_heart_beats_says_nothing_of_its_beats() -> None:
    """The rhythm features are the same at any rate; the rate itself is told apart from them."""
    features, rates = [], []
    for beats_a_minute in (40, 100, 200):
        seconds = np.arange(50, dtype=np.float32)[None, :, None] * 60 / beats_a_minute
        rhythm, rate, _, _ = rhythm_features(tf.constant(seconds), tf.ones_like(seconds))
        features.append(rhythm.numpy())
        rates.append(rate.numpy())

    assert np.abs(np.array(features) - features[0]).max() < 0.001
    assert np.abs(rates[0] - rates[2])[0, 1:, 0].min() > 1


def test_a_crop_without_a_beat_is_a_crop() -> None:
    """As of ventricular fibrillation."""
    arrays = classifier_arrays(np.zeros((0, 96)), np.zeros(0), np.zeros((5, SECOND_FEATURES)), np.ones(5, bool))

    [found] = [batch([(arrays, {"weight": np.zeros(0)})])]

    assert found.inputs["present"].shape == (1, 8, 1)
    assert not arrays["near"].any()
