"""A strip is to scale on paper: 25 mm/s and 10 mm/mV, whatever the sampling rate."""

import re
from pathlib import Path

import numpy as np
import pytest

from predict.recordings.report import page
from predict.recordings.report.drawing.strip import draw
from predict.recordings.signal import Signal


def drawn(findings, millivolts: np.ndarray, rate_hz: float, first_s: float = 0.0):
    """The strip of another signal."""
    return draw(findings._replace(signal=Signal("ecg", "II", millivolts.astype(np.float32), rate_hz)), first_s, "said")


def trace(strip) -> list[np.ndarray]:
    """The points of each line of a strip's trace, float64 (points, 2) in mm, from left to right and from the top down."""
    [path] = [element.get("d") for element in strip.iter("path") if element.get("class") == "trace"]
    lines = [re.findall(r"(-?[\d.]+) (-?[\d.]+)", line) for line in path.split("M")[1:]]
    return [np.cumsum(np.array(line, float), axis=0) for line in lines]  # where it begins, then steps


def test_ten_seconds_are_250_mm_wide_in_units_of_millimetres(findings) -> None:
    """The picture's size on paper and that of its units agree."""
    strip = draw(findings(), 20.0, "said")

    assert strip.get("width") == "250mm"
    assert strip.get("viewBox") == f"0 0 250 {strip.get('height').removesuffix('mm')}"


@pytest.mark.parametrize("rate_hz", [50.0, 100.0, 250.0, 360.0, 1000.0])
def test_a_second_is_25_mm_and_a_millivolt_10(findings, rate_hz) -> None:
    """One mV from 4 s to 6 s, at any sampling rate."""
    times = np.arange(round(10 * rate_hz)) / rate_hz

    [points] = trace(drawn(findings(), np.where((times >= 4) & (times < 6), 1.0, 0.0), rate_hz))

    x, y = points.T
    high = x[y < y.mean()]
    assert np.ptp(y) == pytest.approx(10)
    assert (high.min(), high.max()) == pytest.approx((100, 150), abs=25 * 2 / rate_hz + 0.11)
    assert (x.min(), x.max()) == pytest.approx((0, 250), abs=25 / rate_hz + 0.11)


def test_squares_are_those_of_ecg_paper(findings) -> None:
    """Small ones of 1 mm, large ones of 5 mm."""
    paths = {element.get("class"): element.get("d") for element in draw(findings(), 0.0, "said").iter("path")}
    down = {name: [float(x) for x in re.findall(r"M([\d.]+) [\d.]+v", paths[name])] for name in ("small", "large")}

    assert down["small"] == list(range(251))
    assert down["large"] == list(range(0, 251, 5))


def test_a_page_of_a4_is_wide_enough() -> None:
    """Landscape, less its margins."""
    style = Path(page.__file__).with_name("style.css").read_text()
    [margin_mm] = re.findall(r"@page \{ size: A4 landscape; margin: \d+mm (\d+)mm", style)

    assert 297 - 2 * int(margin_mm) >= 250


def test_a_spike_of_one_sample_is_not_lost_at_a_high_rate(findings) -> None:
    """Though far fewer points are drawn than there are samples."""
    spike = np.zeros(10000)
    spike[5003] = 1.5

    [points] = trace(drawn(findings(), spike, 1000.0))

    assert np.ptp(points[:, 1]) == pytest.approx(15)
    assert len(points) <= 2600


def test_gaps_are_gaps_and_what_is_too_high_is_cut_off(findings) -> None:
    """A line on each side of a gap; 5 mV at most are on the paper."""
    signal = np.zeros(1000)
    signal[400:500] = np.nan
    signal[700] = 40.0

    before, after = trace(drawn(findings(), signal, 100.0))

    assert before[-1, 0] == pytest.approx(25 * 3.99)
    assert after[0, 0] == pytest.approx(25 * 5)
    assert np.ptp(after[:, 1]) <= 50


def test_classes_stand_over_their_beats(findings) -> None:
    """Each where its R peak is; one that is not sure is thin."""
    said = findings()
    beats = said.annotation.beats._replace(probability=np.full(len(said.annotation.beats.sample), 0.4, np.float32))
    strip = draw(said._replace(annotation=said.annotation._replace(beats=beats)), 0.0, "said")

    letters = [
        (element.text, float(element.get("x"))) for element in strip.iter("text") if element.get("class") == "middle normal"
    ]
    assert letters[:5] == [(name, pytest.approx(25 * (0.4 + 0.8 * i))) for i, name in enumerate("NNNNV")]
