"""Ten seconds of a recording on ECG paper, to scale: 25 mm/s and 10 mm/mV."""

from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element

import numpy as np

from predict.recordings.outputs.colours import RHYTHM_COLOURS, SHADE, class_colour
from predict.recordings.outputs.stretches import UNREADABLE, Stretch
from predict.recordings.report.drawing.axes import clock
from predict.recordings.report.drawing.elements import element, lines, path, picture
from predict.recordings.report.findings import Findings

STRIP_S = 10.0
MM_PER_S, MM_PER_MV = 25.0, 10.0
WIDTH_MM = STRIP_S * MM_PER_S
SQUARES_MM = (1.0, 5.0)
LETTERS_MM, BAND_MM, CLOCK_MM = 5.0, 3.5, 3.5  # above the paper the classes, below it the rhythm and the time
LEAST_MM, MOST_MM = 20.0, 50.0  # the height of the paper; what is beyond is cut off
POINT_MM = 0.1  # what lies closer together is drawn as its lowest and highest
NORMAL = "N"
FAINT = 0.5  # a class of lower probability is drawn thin


def draw(findings: Findings, first_s: float, said: str) -> Element:
    """The ten seconds from `first_s` on, with class, rhythm and time; `said` is what a screen reader says of it."""
    signal, rate = findings.signal, findings.signal.sampling_rate_hz
    part = signal.millivolts[round(first_s * rate) : round((first_s + STRIP_S) * rate)]
    low_mv, high_mv = _limits_mv(part)
    bottom = LETTERS_MM + (high_mv - low_mv) * MM_PER_MV
    x, y = _points(part, rate)
    trace = path(x, LETTERS_MM + (high_mv - np.clip(y, low_mv, high_mv)) * MM_PER_MV)
    drawn = [
        *_paper(bottom),
        *_bands(findings.stretches, first_s, bottom),
        element("path", d=trace, class_="trace"),
        *_letters(findings, first_s),
        *_times(first_s, min(STRIP_S, len(part) / rate), bottom + BAND_MM + CLOCK_MM - 0.5),
    ]
    return picture(WIDTH_MM, bottom + BAND_MM + CLOCK_MM, said, *drawn)


def _limits_mv(part: np.ndarray) -> tuple[float, float]:
    """The lowest and highest mV on the paper, which is a whole number of large squares high, around the middle of the signal."""
    known = part[np.isfinite(part)].astype(float)
    if not len(known):
        return -LEAST_MM / 2 / MM_PER_MV, LEAST_MM / 2 / MM_PER_MV
    middle, large_mv, most_mv = float(np.median(known)), SQUARES_MM[1] / MM_PER_MV, MOST_MM / MM_PER_MV
    low = max(float(known.min()), middle - most_mv / 2)
    high = min(float(known.max()), middle + most_mv / 2)
    low = np.floor(low / large_mv) * large_mv
    height = np.clip(np.ceil((high - low) / large_mv) * large_mv, LEAST_MM / MM_PER_MV, most_mv)
    return float(low), float(low + height)


def _points(part: np.ndarray, rate_hz: float) -> tuple[np.ndarray, np.ndarray]:
    """X in mm and y in mV of each sample; where more than two lie on POINT_MM, the lowest and highest of each such place."""
    step = int(2 * POINT_MM * rate_hz / MM_PER_S)
    if step <= 2:
        return np.arange(len(part)) * MM_PER_S / rate_hz, part.astype(float)
    rows = part[: len(part) // step * step].reshape(-1, step).astype(float)
    x = (np.arange(len(rows))[:, None] * step + np.array([0, step / 2])) * MM_PER_S / rate_hz
    return x.ravel(), np.column_stack([rows.min(axis=1), rows.max(axis=1)]).ravel()


def _paper(bottom_mm: float) -> Iterator[Element]:
    for square, name in zip(SQUARES_MM, ("small", "large"), strict=True):
        across, down = np.arange(0, WIDTH_MM + 0.1, square), np.arange(LETTERS_MM, bottom_mm + 0.1, square)
        yield element("path", d=lines(across, down, WIDTH_MM, LETTERS_MM, bottom_mm), class_=name)


def _bands(stretches: Sequence[Stretch], first_s: float, bottom_mm: float) -> Iterator[Element]:
    """Of each stretch its band; of what is unreadable all of the paper's height."""
    for one in stretches:
        begin, end = max(0.0, one.start_s - first_s) * MM_PER_S, min(STRIP_S, one.end_s - first_s) * MM_PER_S
        if begin >= end:
            continue
        top = LETTERS_MM if one.rhythm == UNREADABLE else bottom_mm
        shape = {"x": begin, "y": top, "width": end - begin, "height": bottom_mm + BAND_MM - top}
        yield element("rect", class_="band", fill=RHYTHM_COLOURS.get(one.rhythm, SHADE), **shape)


def _letters(findings: Findings, first_s: float) -> Iterator[Element]:
    """The class over each beat, on its colour unless it is normal."""
    beats, rate = findings.annotation.beats, findings.signal.sampling_rate_hz
    for i in range(*np.searchsorted(beats.sample, [first_s * rate, (first_s + STRIP_S) * rate])):
        index, x = int(beats.predicted_class[i]), (float(beats.sample[i]) / rate - first_s) * MM_PER_S
        name, weight = findings.contract.classes[index], "bold" if beats.probability[i] >= FAINT else "normal"
        if name != NORMAL:
            yield element("rect", x=x - 1.5, y=0.6, width=3, height=3.6, rx=0.5, fill=class_colour(index))
        yield element("text", name, x=x, y=3.4, class_=f"middle {weight}")


def _times(first_s: float, length_s: float, y_mm: float) -> Iterator[Element]:
    """The time at each whole second that has place for it."""
    for second in np.arange(np.ceil(first_s), first_s + length_s + 0.001):
        x = float(second - first_s) * MM_PER_S
        if 7 < x < WIDTH_MM - 7:
            yield element("text", clock(float(second)), x=x, y=y_mm, class_="middle")
