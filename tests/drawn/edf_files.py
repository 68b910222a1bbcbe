"""EDF and BDF files as devices leave them."""

from typing import Any

import numpy as np
from drawing import BEATS_WITH_HOLE, RecordingFile, ecg, writer

PLAIN = "EDF, EDF+, BDF: several sampling rates, annotations"
LEFT = "EDF: number of records -1, or a file cut off"
DISCONTINUOUS = "EDF+D: stretches with gaps between them"
REFUSED = "A file that is damaged or has no ECG in it"
TAL_BYTES = 40  # of the signal of annotations, in a record
RANGE = {"edf": (-32768, 32767, b"0       "), "bdf": (-8388608, 8388607, b"\xffBIOSEMI")}


def _signals(kind: str, unit: str, labels: tuple[str, ...]) -> list[tuple[str, str, np.ndarray]]:
    """Label, unit and whole numbers (records, samples a record) of ten records of a second: the ECG at 100 Hz, others at 10."""
    high = RANGE[kind][1]
    lead = np.rint(ecg() / 4 * high).astype(np.int64).reshape(10, 100)
    return [(label, unit, lead) if label.endswith("II") else (label, "degC", np.full((10, 10), 300)) for label in labels]


def _encoded(numbers: np.ndarray, kind: str) -> bytes:
    if kind == "edf":
        return numbers.astype("<i2").tobytes()
    return numbers.astype("<i4").view(np.uint8).reshape(-1, 4)[:, :3].tobytes()


def _file_of(
    kind: str = "edf", unit: str = "mV", labels: tuple[str, ...] = ("ECG II", "Temp"), reserved: str = "",
    onsets: tuple[float, ...] | None = None, said: int | None = None, end: int | None = None,
) -> bytes:  # fmt: skip
    """A file of ten records; with `onsets`, of those that have one, each with it in a signal of annotations."""
    low, high, version = RANGE[kind]
    signals = _signals(kind, unit, labels)
    widths = [len(numbers[0]) for _, _, numbers in signals] + ([TAL_BYTES // 2] if onsets else [])
    rows = [(label, unit, -4, 4, low, high) for label, unit, _ in signals]
    rows += [("EDF Annotations", "", -1, 1, low, high)] if onsets else []
    records = range(10) if onsets is None else [i for i, onset in enumerate(onsets) if onset >= 0]
    columns = [[row[0] for row in rows], [""] * len(rows), *([str(row[i]) for row in rows] for i in range(1, 6))]
    columns += [[""] * len(rows), [str(width) for width in widths], [""] * len(rows)]
    sizes = (16, 80, 8, 8, 8, 8, 8, 80, 8, 32)
    fixed = [("X X X Jane_Doe", 80), ("Startdate X X X X", 80), ("01.01.24", 8), ("10.00.00", 8), (256 * (len(rows) + 1), 8)]
    fixed += [(reserved, 44), (len(records) if said is None else said, 8), (1, 8), (len(rows), 4)]
    header = "".join(f"{value!s:<{size}}" for value, size in fixed)
    header += "".join(f"{cell:<{size}}" for column, size in zip(columns, sizes, strict=True) for cell in column)
    body = b"".join(_record(signals, i, kind, onsets) for i in records)
    return (version + header.encode("latin-1") + body)[:end]


def _record(signals: list[tuple[str, str, np.ndarray]], i: int, kind: str, onsets: tuple[float, ...] | None) -> bytes:
    numbers = b"".join(_encoded(numbers[i], kind) for _, _, numbers in signals)
    return numbers + (f"+{onsets[i]:g}\x14\x14\0".encode().ljust(TAL_BYTES, b"\0") if onsets else b"")


def _file(id: str, row: str, name: str = "r.edf", *, right: dict[str, Any] | None = None, **how: Any) -> RecordingFile:
    write = writer(lambda: {name: _file_of(**how)})
    return RecordingFile(f"edf-{id}", row, write, **({"lead_read": "ECG II"} | (right or {})))


WITHOUT_4 = (0, 1, 2, 3, -1, 5, 6, 7, 8, 9)
LATER = tuple(onset + 0.5 if onset >= 0 else -1 for onset in WITHOUT_4)
HOLE = {"right": {"beats": BEATS_WITH_HOLE}}
EDF_FILES = (
    _file("plain", PLAIN),
    _file("two-signals", PLAIN, labels=("Temp", "ECG II")),
    _file("bdf", PLAIN, "r.bdf", kind="bdf"),
    _file("plus-c", PLAIN, reserved="EDF+C", onsets=tuple(range(10))),
    _file("no-ending", PLAIN, "r"),
    _file("lead-without-ECG", PLAIN, right={"lead": "ii"}),
    _file("unit-unknown", "A unit that the file does not say", unit="", right={"unit": "mV"}),
    _file("records-minus-1", LEFT, said=-1, right={"notes": ("records",)}),
    _file("cut-off", LEFT, said=12, right={"notes": ("10 of 12",)}),
    _file("cut-off-in-a-record", LEFT, end=-100, right={"notes": ("9 of 10",), "beats": 11}),
    _file("plus-d-without-gaps", DISCONTINUOUS, reserved="EDF+D", onsets=tuple(range(10))),
    _file("plus-d", DISCONTINUOUS, reserved="EDF+D", onsets=WITHOUT_4, **HOLE),
    _file("plus-d-offset", DISCONTINUOUS, reserved="EDF+D", onsets=LATER, **HOLE),
    _file("no-voltage", REFUSED, labels=("Temp",), right={"refused": "degC"}),
    _file("header-cut-off", REFUSED, end=300, right={"refused": "cut off"}),
)
