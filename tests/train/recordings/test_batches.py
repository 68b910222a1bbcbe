"""The batches that the two networks of recordings are trained on."""

from dataclasses import replace

import numpy as np
import pytest

from train.recordings.data.classifier_batches import BEATS, EDGE, Beats, classifier_batches
from train.recordings.data.detector_batches import BATCH, CROP, Lead, detector_batches
from train.recordings.data.prepare import beats_of, leads, versions
from train.recordings.data.synthetic import synthetic_recordings
from train.recordings.onnx_graph.beat_features import AFTER, BEFORE


def test_the_target_is_a_gaussian_at_each_r_peak_with_more_weight() -> None:
    """Stretches that are excluded (ventricular flutter) have no weight."""
    r_peak = np.arange(50.0, 5000, 100)
    excluded = np.zeros(5000, bool)
    excluded[:2500] = True
    signal = np.zeros((1, 5000), np.float32)
    lead = Lead(signal[0], 125.0, signal, r_peak, np.zeros(len(r_peak), np.int32), excluded)

    signal, target, weight = next(detector_batches([[lead]], np.random.default_rng(0)))

    assert np.shape(signal) == target.shape == weight.shape == (BATCH, CROP, 1)
    assert 12 * BATCH <= (target == 1).sum() <= 13 * BATCH
    assert set(np.unique(weight[target == 1])) <= {0.0, 5.0}
    assert (weight == 0).any() and (weight > 0).any()


def test_the_second_phase_has_its_beats_half_a_sample_earlier() -> None:
    """The target follows the phase of the crop."""
    signal = np.stack([np.full(5000, 1.0), np.full(5000, -1.0)]).astype(np.float32)
    lead = Lead(signal[0], 125.0, signal, np.arange(50.0, 5000, 100), np.zeros(50, np.int32), np.zeros(5000, bool))

    _, target, _ = next(detector_batches([[lead]], np.random.default_rng(0)))

    highest = target.max(axis=(1, 2))
    assert {round(float(value), 3) for value in highest} == {1.0, round(float(np.exp(-0.5 * 0.25**2)), 3)}


def test_noise_comes_in_bursts_louder_and_softer() -> None:
    """Some crops of a smooth signal have hardly any noise, some in a part only; all values are finite."""
    even = np.sin(np.arange(5000) / 5).astype(np.float32)[None]
    lead = Lead(even[0], 125.0, even, np.zeros(0), np.zeros(0, np.int32), np.zeros(5000, bool))
    crops = detector_batches([[lead]], np.random.default_rng(0))

    signal = np.concatenate([next(crops)[0] for _ in range(8)])[..., 0]

    assert np.isfinite(signal).all()
    rough = np.abs(np.diff(signal, 2)).reshape(len(signal), 8, -1).mean(axis=-1) / signal.std(axis=1, keepdims=True)
    assert (rough.max(axis=1) > 4 * rough.min(axis=1)).mean() > 0.05
    assert rough.mean(axis=1).max() > 5 * rough.mean(axis=1).min()


def test_fewer_normal_beats_stand_between_the_others() -> None:
    """All others are kept, each with its shape and its RR interval, alike in all leads; without S beats there is one version."""
    heart = leads(synthetic_recordings(3, recordings=1, seconds=120)[0])
    classes = np.where(np.arange(len(heart[0].classes)) % 9 == 4, 1, 0)
    of_one = [replace(lead, classes=classes) for lead in heart]

    unchanged, fewer = versions(beats_of(of_one), np.random.default_rng(1))
    [alone] = versions(beats_of([replace(lead, classes=0 * classes) for lead in heart]), np.random.default_rng(1))

    assert unchanged.window.shape == alone.window.shape == (2, len(classes), BEFORE + AFTER)
    assert (fewer.classes == 1).sum() == (classes == 1).sum() >= 5
    assert 0 < (fewer.classes == 0).sum() < 0.7 * (classes == 0).sum()
    before = dict(zip(unchanged.window[0].sum(axis=1), np.diff(unchanged.r_peak, prepend=np.nan), strict=True))
    kept = [before[form] for form in fewer.window[0].sum(axis=1)]
    assert np.diff(fewer.r_peak) == pytest.approx(kept[1:])


def test_beats_come_in_their_order_from_one_recording() -> None:
    """Beats at the ends of a crop, whose neighbours are not shown, count for nothing; nor does what fills it."""
    long = Beats(np.ones((2, 300, BEFORE + AFTER), np.float32), np.arange(300) * 100.0, np.zeros(300, np.int32))
    short = Beats(np.ones((1, 20, BEFORE + AFTER), np.float32), np.arange(20) * 100.0, np.full(20, 1, np.int32))

    (window, seconds, present), classes, weight = next(classifier_batches([[long], [short]], np.random.default_rng(0)))

    assert window.shape == (BATCH, BEATS, BEFORE + AFTER)
    assert set(present.sum(axis=(1, 2)).astype(int)) == {20, BEATS}
    assert (weight[present[..., 0] == 0] == 0).all()
    full = present.sum(axis=(1, 2)) == BEATS
    assert (weight[full][:, EDGE : BEATS - EDGE] > 0).all()
    assert (weight[full].sum(axis=1) < BEATS).all()
    step = np.diff(seconds[..., 0], axis=1)[present[:, 1:, 0] == 1]
    assert (step > 0.4).all() and (step < 1.5).all()
    assert classes.shape == (BATCH, BEATS, 4)
