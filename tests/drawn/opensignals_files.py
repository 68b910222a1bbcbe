"""OpenSignals text files, as biosignalsplux and BITalino leave them."""

import json
from typing import Any

import numpy as np
from drawing import BEATS_WITH_HOLE, DAMAGED, HOLE_S, RecordingFile, ecg, writer

OPENSIGNALS = "OpenSignals text: biosignalsplux and BITalino, several devices, lost samples"
BROKEN = "OpenSignals text: a damaged header, no ECG sensor"
RATE_HZ = 500
VOLTAGE, GAIN = {"bitalino_rev": 3.3, "biosignalsplux": 3.0}, {"bitalino_rev": 1100, "biosignalsplux": 1000}
BITS = {"bitalino_rev": 10, "biosignalsplux": 16}
DIGITAL = {"bitalino_rev": ["I1", "I2", "O1", "O2"], "biosignalsplux": ["DI"]}


def _steps(device: str) -> np.ndarray:
    """The ECG as the device's converter has it, whole numbers (samples,)."""
    return np.rint((ecg(RATE_HZ) * GAIN[device] / VOLTAGE[device] / 1000 + 0.5) * 2 ** BITS[device]).astype(np.int64)


def _exact(device: str = "biosignalsplux", lost: slice | int | None = None) -> dict[str, object]:
    def draw() -> np.ndarray:
        values = (_steps(device) / 2 ** BITS[device] - 0.5) * VOLTAGE[device] / GAIN[device] * 1000
        if lost is not None:
            values[lost] = np.nan
        return values

    return {"millivolts": draw}


def _device(device: str, sensors: tuple[str, ...], **fields: object) -> dict[str, object]:
    labels = [f"A{i + 1}" if "bitalino" in device else f"CH{i + 1}" for i in range(len(sensors))]
    digital = DIGITAL.get(device, ["DI"])
    bits = [BITS.get(device, 16)] * len(sensors)
    return {
        "sensor": sensors, "device name": "Jane Doe", "column": ["nSeq", *digital, *labels], "sync interval": 2,
        "time": "10:00:00.0", "comments": "Jane Doe", "channels": list(range(1, len(sensors) + 1)), "date": "1950-1-1",
        "mode": 0, "digital IO": [0] * len(digital), "device": device, "sampling rate": RATE_HZ, "label": labels,
        "resolution": [4, 1, 1, 1, 1, *bits] if "bitalino" in device else bits, "special": [{} for _ in sensors],
    } | fields  # fmt: skip


def _columns(device: str, sensors: tuple[str, ...], mark: str, converted: bool) -> list[list[str]]:
    """The columns of a device: its running number, digital ones, and its sensors, of which the one called `mark` has the ECG."""
    steps = _steps(device if device in BITS else "biosignalsplux")
    numbers = np.arange(len(steps)) % (16 if "bitalino" in device else 2**30)
    ecg_column = [f"{value:.5f}" for value in ecg(RATE_HZ)] if converted else list(map(str, steps))
    columns = [list(map(str, numbers)), *[["0"] * len(steps)] * len(DIGITAL.get(device, ["DI"]))]
    return columns + [ecg_column if sensor == mark else ["512"] * len(steps) for sensor in sensors]


def _text(
    device: str = "biosignalsplux", sensors: tuple[str, ...] = ("EDA", "ECG"), mark: str = "ECG", lost: bool = False,
    before: bool = False, converted: bool = False, header: str | None = None, line: str = "", end: int | None = None,
    **fields: object,
) -> str:  # fmt: skip
    devices = {"00:07:80:00:00:01": _device(device, sensors, **fields)}
    columns = _columns(device, sensors, mark, converted)
    if before:
        devices = {"00:07:80:00:00:00": _device("biosignalsplux", ("EMG", "RESP")), **devices}
        columns = _columns("biosignalsplux", ("EMG", "RESP"), "", False) + columns
    lines = ["\t".join(cells) + "\t" for cells in zip(*columns, strict=True)]
    if lost:
        del lines[HOLE]
    if line:
        lines[500] = line
    start = ["# OpenSignals Text File Format. Version 1", f"# {header or json.dumps(devices)}", "# EndOfHeader"]
    return "\n".join([*start, *lines, ""])[:end]


def _file(id: str, row: str, *, right: dict[str, Any] | None = None, name: str = "r.txt", **how: Any) -> RecordingFile:
    right = right or {}
    on_page = DAMAGED if "refused" in right else ""
    told = {"sampling_rate_hz": RATE_HZ, "lead_read": "ECG", "notes": ("data sheet",), "refused_on_page": on_page, **_exact()}
    write = writer(lambda: {name: _text(**how)})
    return RecordingFile(f"opensignals-{id}", row, write, **(told | right))


HOLE = slice(*(round(second * RATE_HZ) for second in (HOLE_S[0], HOLE_S[1] + 0.002)))  # 301 samples, no multiple of 16
BITALINO = {"device": "bitalino_rev"}
RAW = {"lead": "A2", "lead_read": "A2", **_exact("bitalino_rev")}
OPENSIGNALS_FILES = (
    _file("biosignalsplux", OPENSIGNALS),
    _file("bitalino", OPENSIGNALS, **BITALINO, right=_exact("bitalino_rev")),
    _file("no-ending", OPENSIGNALS, name="r"),
    _file("two-devices", OPENSIGNALS, before=True),
    _file("raw", OPENSIGNALS, **BITALINO, sensors=("RAW", "Raw", "RAW"), mark="Raw", right=RAW),
    _file("lost-samples", OPENSIGNALS, lost=True, right={**_exact(lost=HOLE), "beats": BEATS_WITH_HOLE}),
    _file("cell-missing", OPENSIGNALS, line="500\t0\t", right=_exact(lost=500)),
    _file(
        "converted",
        OPENSIGNALS,
        converted=True,
        right={"notes": ("taken for mV",), "millivolts": lambda: np.round(ecg(RATE_HZ), 5)},
    ),
    _file("no-sensor", BROKEN, sensors=("EDA", "EMG"), right={"refused": "steps", "refused_on_page": ""}),
    _file(
        "other-device",
        BROKEN,
        device="other",
        right={"refused": "biosignalsplux or BITalino", "refused_on_page": "biosignalsplux, BITalino"},
    ),
    _file("no-header-end", BROKEN, end=100, right={"refused": "a header that ends"}),
    _file("not-json", BROKEN, header="{Jane Doe", right={"refused": "OpenSignals header"}),
    _file("no-rate", BROKEN, **{"sampling rate": "Jane"}, right={"refused": "OpenSignals header"}),
    _file("words-inside", BROKEN, line="500\t0\tJane\tDoe\t", right={"refused": "lines of numbers"}),
    _file("number-missing", BROKEN, line="\t0\t1\t1\t", right={"refused": "that rise"}),
    _file("line-of-tabs", BROKEN, line="\t\t\t\t", right={"refused": "that rise"}),
    _file("numbers-fall", BROKEN, line="3\t0\t1\t1\t", right={"refused": "that rise"}),
)
