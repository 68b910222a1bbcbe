"""The built-in beats."""

import numpy as np

from train.aami import AAMI
from train.rows.data.synthetic import BEATS_PER_PATIENT, PATIENTS, SAMPLES, SIGNAL, synthetic


def test_the_same_seed_draws_the_same_beats() -> None:
    """And another seed others."""
    assert synthetic(1).digest == synthetic(1).digest
    assert synthetic(1).digest != synthetic(2).digest


def test_the_beats_are_of_all_classes_and_of_several_patients() -> None:
    """In the shape and range of an ECG in mV."""
    records = synthetic(0)

    assert records.features.shape == (PATIENTS * BEATS_PER_PATIENT, SAMPLES)
    assert records.classes == AAMI
    assert np.bincount(records.labels).min() > 200
    assert len(set(records.groups.of_row)) == PATIENTS
    assert np.abs(records.features).max() < 10
    assert records.synthetic


def test_each_class_has_its_own_timing_and_shape() -> None:
    """S comes with an early, inverted P wave; V and paced beats are wide; only V has its T wave against R."""
    records = synthetic(0)
    mean = {name: records.features[records.labels == i].mean(axis=0) for i, name in enumerate(records.classes)}
    t_ms = np.arange(SAMPLES) * 1000 / SIGNAL.sampling_rate_hz - SIGNAL.before_r_ms
    at = {ms: int(np.argmin(np.abs(t_ms - ms))) for ms in (-165, 0, 40, 290)}

    assert mean["N"][at[-165]] > mean["S"][at[-165]] + 0.05
    assert mean["V"][at[40]] > mean["N"][at[40]] + 0.2
    assert mean["V"][at[290]] < 0 < mean["N"][at[290]]
    assert mean["Q"][at[0]] < -0.5
    assert mean["N"][at[290]] > mean["F"][at[290]] > mean["V"][at[290]]


def test_patients_differ_more_than_the_beats_of_one() -> None:
    """Otherwise a split by patient would mean nothing."""
    records = synthetic(0)
    normal = records.features[records.labels == 0]
    whose = records.groups.of_row[records.labels == 0]
    means = np.stack([normal[whose == name].mean(axis=0) for name in sorted(set(whose))])
    within = np.mean([normal[whose == name].var(axis=0) for name in sorted(set(whose))], axis=0)

    assert means.var(axis=0)[45:55].mean() > 2 * within[45:55].mean()
