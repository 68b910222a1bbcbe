"""What the two annotating networks are shown while they learn."""

from dataclasses import replace

import numpy as np
import pytest

from train.recordings.beat_features import AFTER, BEFORE
from train.recordings.classifier_batches import BEATS, EDGE, Beats, beat_crops
from train.recordings.detector_batches import BATCH, CROP, Lead, signal_crops
from train.recordings.prepare import beats, leads, with_thinned
from train.recordings.synthetic import synthetic_recordings


def test_a_bump_stands_where_a_beat_is_and_weighs_more() -> None:
    """Where nobody can say what a beat is, nothing weighs anything."""
    place = np.arange(50.0, 5000, 100)
    unsure = np.zeros(5000, bool)
    unsure[:2500] = True
    signal = np.zeros((1, 5000), np.float32)
    lead = Lead(signal[0], 125.0, signal, place, np.zeros(len(place), np.int32), unsure)

    signal, bumps, weight = next(signal_crops([[lead]], np.random.default_rng(0)))

    assert np.shape(signal) == bumps.shape == weight.shape == (BATCH, CROP, 1)
    assert 12 * BATCH <= (bumps == 1).sum() <= 13 * BATCH
    assert set(np.unique(weight[bumps == 1])) <= {0.0, 5.0}
    assert (weight == 0).any() and (weight > 0).any()


def test_what_is_seen_half_a_sample_later_has_its_beats_half_a_sample_earlier() -> None:
    """Beats are drawn where they are in the phase that is seen."""
    signal = np.stack([np.full(5000, 1.0), np.full(5000, -1.0)]).astype(np.float32)
    lead = Lead(signal[0], 125.0, signal, np.arange(50.0, 5000, 100), np.zeros(50, np.int32), np.zeros(5000, bool))

    _, bumps, _ = next(signal_crops([[lead]], np.random.default_rng(0)))

    highest = bumps.max(axis=(1, 2))
    assert {round(float(value), 3) for value in highest} == {1.0, round(float(np.exp(-0.5 * 0.25**2)), 3)}


def test_noise_comes_in_bursts_louder_and_softer() -> None:
    """Of an even signal some crops hardly show any, some show it here and not there; none is without number."""
    even = np.sin(np.arange(5000) / 5).astype(np.float32)[None]
    lead = Lead(even[0], 125.0, even, np.zeros(0), np.zeros(0, np.int32), np.zeros(5000, bool))
    crops = signal_crops([[lead]], np.random.default_rng(0))

    signal = np.concatenate([next(crops)[0] for _ in range(8)])[..., 0]

    assert np.isfinite(signal).all()
    rough = np.abs(np.diff(signal, 2)).reshape(len(signal), 8, -1).mean(axis=-1) / signal.std(axis=1, keepdims=True)
    assert (rough.max(axis=1) > 4 * rough.min(axis=1)).mean() > 0.05
    assert rough.mean(axis=1).max() > 5 * rough.mean(axis=1).min()


def test_fewer_normal_beats_stand_between_the_others() -> None:
    """Every other beat stays, each with its form and its RR interval, alike in all leads; where there are none all stay."""
    heart = leads(synthetic_recordings(3, recordings=1, seconds=120)[0])
    classes = np.where(np.arange(len(heart[0].classes)) % 9 == 4, 1, 0)
    of_one = [replace(lead, classes=classes) for lead in heart]

    as_it_is, fewer = with_thinned(beats(of_one), np.random.default_rng(1))
    [alone] = with_thinned(beats([replace(lead, classes=0 * classes) for lead in heart]), np.random.default_rng(1))

    assert as_it_is.window.shape == alone.window.shape == (2, len(classes), BEFORE + AFTER)
    assert (fewer.classes == 1).sum() == (classes == 1).sum() >= 5
    assert 0 < (fewer.classes == 0).sum() < 0.7 * (classes == 0).sum()
    before = dict(zip(as_it_is.window[0].sum(axis=1), np.diff(as_it_is.place, prepend=np.nan), strict=True))
    kept = [before[form] for form in fewer.window[0].sum(axis=1)]
    assert np.diff(fewer.place) == pytest.approx(kept[1:])


def test_beats_come_in_their_order_from_one_recording() -> None:
    """Beats at the ends of a crop, whose neighbours are not shown, count for nothing; nor does what fills it."""
    long = Beats(np.ones((2, 300, BEFORE + AFTER), np.float32), np.arange(300) * 100.0, np.zeros(300, np.int32))
    short = Beats(np.ones((1, 20, BEFORE + AFTER), np.float32), np.arange(20) * 100.0, np.full(20, 1, np.int32))

    (window, seconds, present), classes, weight = next(beat_crops([[long], [short]], np.random.default_rng(0)))

    assert window.shape == (BATCH, BEATS, BEFORE + AFTER)
    assert set(present.sum(axis=(1, 2)).astype(int)) == {20, BEATS}
    assert (weight[present[..., 0] == 0] == 0).all()
    full = present.sum(axis=(1, 2)) == BEATS
    assert (weight[full][:, EDGE : BEATS - EDGE] > 0).all()
    assert (weight[full].sum(axis=1) < BEATS).all()
    step = np.diff(seconds[..., 0], axis=1)[present[:, 1:, 0] == 1]
    assert (step > 0.4).all() and (step < 1.5).all()
    assert classes.shape == (BATCH, BEATS, 4)
