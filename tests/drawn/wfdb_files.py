"""WFDB records as PhysioNet, devices and hand-made headers have them."""

from collections.abc import Callable
from typing import Any

import numpy as np
from drawing import BEATS_WITH_HOLE, DAMAGED, RecordingFile, ecg, with_hole, writer

FORMATS = "WFDB: formats 8, 16, 24, 32, 61, 80, 160, 212, 310, 311"
MAT = "WFDB: `.mat` (format 16+24, CinC challenges)"
HEADER = "WFDB: no gain, dates in any form, counter frequency"
SHORT = "WFDB: a signal file shorter than its header"
FRAMES = "WFDB: several sampling rates in one record"
SEGMENTS = "WFDB: several segments, with gaps between them"
NAMES = "WFDB: no signal name, or one name twice"
LEADS = "Lead names in any case, or the lead's number"
UNITS = "Units in any spelling: V, mV, µV, nV"
UNKNOWN = "A unit that the file does not say"
INVALID = "Gaps: invalid, missing and NaN samples"
REFUSED = "A file that is damaged or has no ECG in it"


def _whole(millivolts: np.ndarray, gain: float, invalid: int) -> np.ndarray:
    return np.where(np.isnan(millivolts), invalid, np.rint(np.nan_to_num(millivolts) * gain)).astype(np.int64)


def _padded(values: np.ndarray, to: int) -> np.ndarray:
    return np.append(values, np.zeros(-len(values) % to, np.int64)).reshape(-1, to)


def _bytes_212(values: np.ndarray) -> bytes:
    first, second = _padded(values & 0xFFF, 2).T
    return np.stack([first & 0xFF, (first >> 8) | (second >> 8 << 4), second & 0xFF], axis=1).astype(np.uint8).tobytes()


def _bytes_310(values: np.ndarray) -> bytes:
    first, second, third = _padded(values & 0x3FF, 3).T
    words = [(first << 1) | ((third & 31) << 11), (second << 1) | (third >> 5 << 11)]
    return np.stack(words, axis=1).astype("<u2").tobytes()


def _bytes_311(values: np.ndarray) -> bytes:
    first, second, third = _padded(values & 0x3FF, 3).T
    return (first | (second << 10) | (third << 20)).astype("<u4").tobytes()


# The bytes of whole numbers in each format, and a gain at which 1.5 mV fits in.
ENCODINGS: dict[str, tuple[Callable[[np.ndarray], bytes], int]] = {
    "8": (lambda values: np.diff(values, prepend=values[0]).astype(np.int8).tobytes(), 80),
    "16": (lambda values: values.astype("<i2").tobytes(), 1000),
    "24": (lambda values: values.astype("<i4").view(np.uint8).reshape(-1, 4)[:, :3].tobytes(), 100_000),
    "32": (lambda values: values.astype("<i4").tobytes(), 1_000_000),
    "61": (lambda values: values.astype(">i2").tobytes(), 1000),
    "80": (lambda values: (values + 128).astype(np.uint8).tobytes(), 80),
    "160": (lambda values: (values + 32768).astype("<u2").tobytes(), 1000),
    "212": (_bytes_212, 1000),
    "310": (_bytes_310, 200),
    "311": (_bytes_311, 200),
}


def _record(
    line: str = "r 1 100 1000", gain: str = "", name: str = "II", form: str = "16", millivolts: np.ndarray | None = None
) -> dict[str, bytes | str]:
    """A record of one lead: its header and its signal."""
    encode, per_mv = ENCODINGS[form]
    values = _whole(ecg() if millivolts is None else millivolts, per_mv, -32768)
    header = f"{line}\nr.dat {form} {gain or f'{per_mv}/mV'} 16 0 {values[0]} 0 0 {name}\n"
    return {"r.hea": header, "r.dat": encode(values)}


def _mat() -> dict[str, bytes | str]:
    values = _whole(ecg(300), 1000, -32768).astype("<i2").tobytes()
    return {"A1.hea": "A1 1 300 3000 2005-05-05 05:05:05\nA1.mat 16+24 1000/mV 16 0 0 0 0 ECG\n", "A1.mat": bytes(24) + values}


def _frames() -> dict[str, bytes | str]:
    """Ten frames of a second: 100 samples of the ECG, one of a temperature, 250 of another ECG."""
    slow, fast = _whole(ecg(), 1000, 0).reshape(10, 100), _whole(ecg(250), 1000, 0).reshape(10, 250)
    frames = np.concatenate([slow, np.full((10, 1), 37), fast], axis=1)
    lines = "r.dat 16x100 1000/mV 16 0 0 0 0 II\nr.dat 16 1/degC 16 0 0 0 0 TEMP\nr.dat 16x250 1000/mV 16 0 0 0 0 V5\n"
    return {"r.hea": f"r 3 1 10\n{lines}", "r.dat": frames.astype("<i2").tobytes()}


def _segments(*, layout: bool) -> dict[str, bytes | str]:
    """Two segments of 4.1 s and 5.3 s with 0.6 s between them; with a layout, the second has another lead before."""
    parts = [_whole(part, 1000, 0) for part in (ecg()[:410], ecg()[470:])]
    first, second = [part.astype("<i2").tobytes() for part in parts]
    lead = "1000/mV 16 0 0 0 0"
    files = {"s1.hea": f"s1 1 100 410\ns1.dat 16 {lead} II\n", "s1.dat": first}
    if not layout:
        second_header = f"s2 1 100 530\ns2.dat 16 {lead} II\n"
        return {"r.hea": "r/3 1 100 1000\ns1 410\n~ 60\ns2 530\n", **files, "s2.hea": second_header, "s2.dat": second}
    both = np.stack([np.zeros_like(parts[1]), parts[1]], axis=1).astype("<i2").tobytes()
    second_header = f"s2 2 100 530\ns2.dat 16 {lead} V\ns2.dat 16 {lead} II\n"
    layout_header = f"s_layout 2 100 0\n~ 0 {lead} II\n~ 0 {lead} V\n"
    main = "r/4 2 100 1000\ns_layout 0\ns1 410\n~ 60\ns2 530\n"
    return {"r.hea": main, "s_layout.hea": layout_header, **files, "s2.hea": second_header, "s2.dat": both}


def _two_of_one_name() -> dict[str, bytes | str]:
    values = np.stack([np.zeros(1000), _whole(ecg(), 1000, 0)], axis=1).astype("<i2").tobytes()
    line = "r.dat 16 1000/mV 16 0 0 0 0 ECG\n"
    return {"r.hea": f"r 2 100 1000\n{line * 2}", "r.dat": values}


def _file(id: str, row: str, files: Any = None, **right: Any) -> RecordingFile:
    return RecordingFile(f"wfdb-{id}", row, writer(files), **right)


DATES = {
    "iso": "2014-05-08 05:05:15", "usual": "05:05:15 08/05/2014", "dots": "5:05:15.25 8.5.2014",
    "words": "May 8 2014", "date-first": "08/05/2014 05:05:15",
}  # fmt: skip
SPELLINGS = ("1000/mv", "1000/MV", "1000/millivolts", "1/uV", "1/UV", "1/µV", "1/μV", "1/microvolts", "1e6/V", "0.001/nV")
WFDB_FILES = (
    *(_file(f"format-{form}", FORMATS, lambda form=form: _record(form=form)) for form in ENCODINGS),
    _file("dat-first", FORMATS, lambda: dict(reversed(_record().items()))),
    _file("mat", MAT, _mat, sampling_rate_hz=300, lead_read="ECG"),
    _file("gain-0", HEADER, lambda: _record() | {"r.hea": "r 1 100 1000\nr.dat 16 0 16 0 0 0 0 II\n"}, notes=("gain",)),
    _file("gain-absent", HEADER, lambda: _record() | {"r.hea": "r 1 100 1000\nr.dat 16\n"}, lead_read="1", notes=("gain",)),
    *(_file(f"date-{id}", HEADER, lambda date=date: _record(f"r 1 100 1000 {date}")) for id, date in DATES.items()),
    _file("date-without-length", HEADER, lambda: _record("r 1 100 08/05/2014")),
    _file("counter", HEADER, lambda: _record("# made by hand\nr 1 100/12.5(3) 1000")),
    _file("baseline", HEADER, lambda: _record(gain="1000(0)/mV")),
    _file("length-absent", HEADER, lambda: _record("r 1 100")),
    _file("short", SHORT, lambda: _record("r 1 100 1500"), notes=("1000 of 1500",)),
    _file("multi-frequency", FRAMES, _frames, lead="II"),
    _file("multi-frequency-faster", FRAMES, _frames, lead="V5", lead_read="V5", sampling_rate_hz=250),
    _file("multi-segment", SEGMENTS, lambda: _segments(layout=False), beats=BEATS_WITH_HOLE),
    _file("variable-layout", SEGMENTS, lambda: _segments(layout=True), lead="II", beats=BEATS_WITH_HOLE),
    _file("no-signal-name", NAMES, lambda: _record(name=""), lead_read="1"),
    _file("two-of-one-name", NAMES, _two_of_one_name, lead="2", lead_read="ECG"),
    _file("two-of-one-name-asked", NAMES, _two_of_one_name, lead="ECG", refused="ECG stands twice, 1 and 2"),
    *(_file(f"lead-{lead.replace(' ', '-')}", LEADS, _frames, lead=lead) for lead in ("ii", "Lead II", "1")),
    _file("lead-MLII-in-lower-case", LEADS, lambda: _record(name="MLII"), lead="mlii", lead_read="MLII"),
    _file("lead-II-is-not-MLII", LEADS, lambda: _record(name="MLII"), lead="II", refused="there is no II"),
    *(_file(f"unit-{gain.partition('/')[2]}", UNITS, lambda gain=gain: _record(gain=gain)) for gain in SPELLINGS),
    *(_file(f"unit-{unit}", UNKNOWN, lambda unit=unit: _record(gain=f"1000/{unit}"), unit="mV") for unit in ("nu", "adu")),
    _file("unit-nu-alone", UNKNOWN, lambda: _record(gain="1000/nu"), refused="has the unit nu"),
    _file("unit-contradicted", UNKNOWN, _record, unit="uV", refused="mV"),
    _file("invalid", INVALID, lambda: _record(millivolts=with_hole(ecg())), beats=BEATS_WITH_HOLE),
    _file("gain-damaged", REFUSED, lambda: _record(gain="1000=mV"), refused="file, format, gain", refused_on_page=DAMAGED),
    _file("no-voltage", REFUSED, lambda: _record(gain="1000/mmHg"), refused="mmHg"),
    _file("without-signal-file", REFUSED, lambda: {"r.hea": _record()["r.hea"]}, refused="r.dat"),
)  # fmt: skip
