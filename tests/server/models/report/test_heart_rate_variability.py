"""Heart-rate variability is what NeuroKit2 and SciPy say of the same intervals."""

import neurokit2
import numpy as np
import pytest
import scipy.signal

from server.models.report.heart_rate_variability import variability
from server.models.report.intervals import Intervals
from server.models.report.lomb_scargle import band_powers, periodogram
from server.models.report.structure import Variability


def drawn(seed: int, seconds: float) -> np.ndarray:
    """RR intervals, s, of a heart that breathes, and whose rate drifts; whole milliseconds."""
    rng, at_s, found = np.random.default_rng(seed), 0.0, []
    while at_s < seconds:
        waves = 0.03 * np.sin(0.19 * np.pi * at_s + seed) + 0.02 * np.sin(0.54 * np.pi * at_s) + 0.05 * np.sin(at_s / 700)
        found.append(round(0.8 + waves + 0.02 * rng.standard_normal(), 3))
        at_s += found[-1]
    return np.array(found[:-1])


def of(rr_s: np.ndarray, nn: np.ndarray | None = None) -> Variability:
    """Of a recording that begins with a beat; all its intervals are NN intervals, or those in `nn`."""
    all_of_them = np.ones(len(rr_s), bool)
    return variability(Intervals(np.concatenate([[0], np.cumsum(rr_s)]), rr_s, all_of_them, all_of_them if nn is None else nn))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("missing", [0, 0.05])
def test_the_time_domain_is_neurokits(seed, missing) -> None:
    """Within 1 % over an hour, all of it or with intervals left out as those beside ectopic beats are."""
    rr_s = drawn(seed, 3600)
    nn = np.random.default_rng(seed).random(len(rr_s)) >= missing
    theirs = neurokit2.hrv_time({"RRI": 1000 * rr_s[nn], "RRI_Time": np.cumsum(rr_s)[nn]}).iloc[0]

    ours = of(rr_s, nn)

    assert ours.mean_nn_ms == pytest.approx(theirs.HRV_MeanNN, rel=1e-5)
    assert ours.sdnn_ms == pytest.approx(theirs.HRV_SDNN, rel=1e-4)
    assert ours.sdann_ms == pytest.approx(theirs.HRV_SDANN5, rel=0.01)
    assert ours.rmssd_ms == pytest.approx(theirs.HRV_RMSSD, rel=1e-4)
    assert 100 * ours.pnn50 == pytest.approx(theirs.HRV_pNN50, rel=0.01)
    assert ours.triangular_index == pytest.approx(theirs.HRV_HTI, rel=0.01)


def test_the_periodogram_is_scipys() -> None:
    """At each frequency, of intervals with gaps."""
    rng = np.random.default_rng(0)
    time_s = np.cumsum(0.8 + 0.1 * rng.random(400))[rng.random(400) > 0.1]
    values = rng.standard_normal(len(time_s))
    frequency_hz = np.linspace(0.01, 0.6, 200)

    ours = periodogram(time_s, values - values.mean(), frequency_hz)

    np.testing.assert_allclose(
        ours, scipy.signal.lombscargle(time_s, values - values.mean(), 2 * np.pi * frequency_hz), rtol=1e-9
    )


# What NeuroKit2 0.3.0 says, for which it wants astropy (8.0.2), 70 MB for these lines:
# hrv_frequency({"RRI": 1000 * rr_s, "RRI_Time": np.cumsum(rr_s)}, psd_method="lomb", interpolation_rate=None, normalize=False)
@pytest.mark.parametrize(("seed", "lf", "hf"), [(0, 287.90, 211.46), (1, 263.07, 213.74), (2, 347.06, 222.32)])
def test_the_bands_are_neurokits(seed, lf, hf) -> None:
    """Of five minutes, within 1 %. Its periodogram is not divided by Hz: that factor is 2 · length / intervals."""
    rr_s = drawn(seed, 300)
    time_s = np.cumsum(rr_s)
    density = 2 * (time_s[-1] - time_s[0]) / len(rr_s)

    ours = of(rr_s)

    assert ours.segments == 1
    assert ours.lf_ms2 == pytest.approx(density * lf, rel=0.01)
    assert ours.hf_ms2 == pytest.approx(density * hf, rel=0.01)
    assert ours.lf_hf == pytest.approx(lf / hf, rel=0.01)


def test_a_wave_has_half_the_square_of_its_amplitude() -> None:
    """In its band, and nothing in the other."""
    time_s = np.cumsum(drawn(0, 300))

    lf, hf = band_powers(time_s, 40 * np.sin(2 * np.pi * 0.1 * time_s))

    assert lf == pytest.approx(800, rel=0.05)
    assert hf < 20


def test_what_is_too_short_is_null() -> None:
    """A spectrum wants five minutes, SDANN three times that, the triangular index twenty minutes, a difference two intervals."""
    hour, some, few, one = (of(drawn(0, seconds)) for seconds in (3600, 1000, 200, 1))

    assert None not in (hour.sdann_ms, hour.triangular_index, hour.lf_hf)
    assert some.triangular_index is None
    assert some.segments == 3
    assert few.lf_ms2 is few.hf_ms2 is few.lf_hf is few.sdann_ms is None
    assert few.segments == 0
    assert few.rmssd_ms > 0
    assert one.nn_intervals == 1
    assert one.sdnn_ms is one.rmssd_ms is one.pnn50 is None
