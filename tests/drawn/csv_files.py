"""CSV of signals as spreadsheets, watches, PhysioNet's tools and apps write it."""

import gzip
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from drawing import BEATS_WITH_HOLE, SECONDS, RecordingFile, ecg, with_hole, writer

PLAIN = "CSV: comma, semicolon, tab or blanks; decimal comma; quotes; any line ends"
NO_HEADER = "CSV: without a header"
BEFORE = "CSV: lines before the table (Apple Health, comments, a line of units)"
TIME = "CSV: a column of time in s, ms, µs, hh:mm:ss or ISO 8601"
GAPS = "CSV: gaps in time, missing values"
OTHERS = "CSV: columns that count, columns of words"
ENCODINGS = "CSV: UTF-8, UTF-16, Latin-1; `.txt` or no ending"
REFUSED = "A file that is damaged or has no ECG in it"
STARTED = datetime(2024, 5, 8, 23, 59, 55, tzinfo=UTC)


def _numbers(values: Sequence[float] | np.ndarray, decimals: int = 4) -> list[str]:
    return ["" if np.isnan(value) else f"{value:.{decimals}f}" for value in values]


def _times(rate_hz: float = 100.0, decimals: int = 4, times: float = 1.0) -> list[str]:
    return _numbers(np.arange(round(SECONDS * rate_hz)) / rate_hz * times, decimals)


def _table(*columns: Sequence[str], header: str = "", separator: str = ",", end: str = "\n") -> str:
    lines = [separator.join(row) for row in zip(*columns, strict=True)]
    return "".join(f"{line}{end}" for line in [*header.splitlines(), *lines])


def _comma(cells: Sequence[str]) -> list[str]:
    return [cell.replace(".", ",") for cell in cells]


def _quoted(cells: Sequence[str], quote: str = '"') -> list[str]:
    return [f"{quote}{cell}{quote}" for cell in cells]


def _clock(form: str, started: datetime = STARTED) -> list[str]:
    moments = [started + timedelta(seconds=i / 100) for i in range(1000)]
    return [f"{moment:{form}}.{moment.microsecond // 1000:03}" for moment in moments]


def _without_hole(cells: Sequence[str]) -> list[str]:
    return [cell for cell, value in zip(cells, with_hole(ecg()), strict=True) if not np.isnan(value)]


MV, UV, TIMES = _numbers(ecg()), _numbers(ecg() * 1000, 1), _times()
MV_360, MV_512, MV_256 = _numbers(ecg(360)), _numbers(ecg(512) * 1000, 3), _numbers(ecg(256))
UNIX = STARTED.timestamp() + np.arange(1000) / 100
ELAPSED = _clock("%M:%S", datetime(2024, 1, 1))
COUNT = [str(i) for i in range(len(MV))]
WATCH = """Name,Jane Doe
Date of Birth,"Jan 1, 1950"
Recorded Date,2024-01-01 10:00:00 +0000
Classification,Sinus Rhythm
Symptoms,
Software Version,1.90
Device,"Watch7,2"
Sample Rate,512 hertz


Lead,Lead I
Unit,µV

"""
APP = "App 1.2\nName: Jane Doe\nSampling frequency: 500 Hz\nUnit: mV\n\nII\n"
FRAME = {"header": "time_s,II_mV"}


def _file(id: str, row: str, text: str | bytes, name: str = "r.csv", **right: Any) -> RecordingFile:
    return RecordingFile(f"csv-{id}", row, writer({name: text}), **right)


TOLD = {"unit": "mV", "sampling_rate": 100.0}
CSV_FILES = (
    _file("plain", PLAIN, _table(TIMES, MV, **FRAME)),
    _file("semicolon-decimal-comma", PLAIN, _table(_comma(TIMES), _comma(MV), header="time_s;II_mV", separator=";")),
    _file("semicolon", PLAIN, _table(TIMES, MV, header="time_s;II_mV", separator=";")),
    _file("tab", PLAIN, _table(TIMES, MV, header="time_s\tII_mV", separator="\t")),
    _file("tab-decimal-comma", PLAIN, _table(_comma(TIMES), _comma(MV), header="time_s\tII_mV", separator="\t")),
    _file("blanks", PLAIN, _table(TIMES, MV, header="time_s   II_mV", separator="   ")),
    _file("comma-and-blank", PLAIN, _table(TIMES, MV, header="time_s, II_mV", separator=", ")),
    _file("quoted", PLAIN, _table(_quoted(TIMES), _quoted(MV), header='"time_s","II_mV"')),
    _file("quoted-decimal-comma", PLAIN, _table(_quoted(_comma(TIMES)), _quoted(_comma(MV)), header='"time_s","II_mV"')),
    _file("comma-last", PLAIN, _table(TIMES, MV, [""] * len(MV), header="time_s,II_mV,")),
    _file("windows-lines", PLAIN, _table(TIMES, MV, **FRAME, end="\r\n")),
    _file("old-mac-lines", PLAIN, _table(TIMES, MV, **FRAME, end="\r")),
    _file("unit-in-brackets", PLAIN, _table(TIMES, UV, header="Time,Lead II [uV]")),
    _file("unit-after-slash", PLAIN, _table(TIMES, MV, header="Time [s],II/mV")),
    _file("no-header", NO_HEADER, _table(MV), **TOLD, lead_read="1"),
    _file("no-header-semicolon", NO_HEADER, _table(["0"] * len(MV), MV, separator=";"), **TOLD, lead="2", lead_read="2"),
    _file("header-alone", NO_HEADER, _table(MV, header="II"), **TOLD),
    _file("apple-health", BEFORE, WATCH + _table(MV_512), sampling_rate_hz=512, lead_read="I"),
    _file("apple-health-decimal-comma", BEFORE, WATCH + _table(_quoted(_comma(MV_512))), sampling_rate_hz=512, lead_read="I"),
    _file("app", BEFORE, APP + _table(_numbers(ecg(500))), sampling_rate_hz=500),
    _file("name-first", BEFORE, "Jane Doe\n" + _table(MV), **TOLD, lead_read="1"),
    _file("name-first-of-two", BEFORE, "Name,Jane Doe\n" + _table(TIMES, MV), **TOLD, refused="--lead NAME, one of 1, 2"),
    _file("patient-before-names", BEFORE, "Patient;Jane Doe\n" + _table(TIMES, MV, header="time_s;II_mV", separator=";")),
    _file("comments", BEFORE, "# fs = 100\n# Jane Doe\n" + _table(MV, header="II_mV")),
    _file("comments-percent", BEFORE, "% Sampling rate: 100 Hz\n" + _table(MV, header="II (mV)")),
    _file("rdsamp", BEFORE, _table(_times(decimals=3), MV, header="'Elapsed time','II'\n'seconds','mV'")),
    _file("rdsamp-clock", BEFORE, _table(_quoted(ELAPSED, "'"), MV, header="'Elapsed time','II'\n'mm:ss.mmm','mV'")),
    _file("rdsamp-text", BEFORE, _table(TIMES, MV, header="   Elapsed time      II\n   (seconds)     (mV)", separator="   ")),
    _file("excel-separator", BEFORE, "sep=;\n" + _table(_comma(TIMES), _comma(MV), header="time_s;II_mV", separator=";")),
    _file("numbered-header", NO_HEADER, _table(COUNT, MV, header=",0"), **TOLD, lead_read="1"),
    _file("numbered-header-of-many", NO_HEADER, _table(*[MV] * 4, header="0,1,2,3"), **TOLD, lead="2", lead_read="2"),
    _file("rate-with-unit-before", BEFORE, "Sampling Rate (Hz): 100.0\n\n" + _table(MV, header="II (mV)")),
    _file("line-of-units", BEFORE, _table(_times(times=1000, decimals=0), MV, header="time;II\nms;mV", separator=";")),
    _file("rounded-to-ms", TIME, _table(_times(360, 3), MV_360, **FRAME), sampling_rate_hz=360),
    _file("in-ms", TIME, _table(_times(times=1000, decimals=0), MV, header="time_ms,II_mV")),
    _file("in-ms-unsaid", TIME, _table(_times(times=1000, decimals=0), MV, header="Time,II_mV"), notes=("ms",)),
    _file("in-rounded-ms", TIME, _table(_times(256, 0, 1000), MV_256, header="time [ms],II_mV"), sampling_rate_hz=256),
    _file("in-us", TIME, _table(_times(times=1e6, decimals=0), MV, header="time (µs),II_mV")),
    _file("iso", TIME, _table(_clock("%Y-%m-%dT%H:%M:%S"), MV, header="timestamp,II_mV")),
    _file("iso-zone", TIME, _table([f"{t}Z" for t in _clock("%Y-%m-%d %H:%M:%S")], MV, header="datetime,II_mV")),
    _file("clock", TIME, _table(_clock("%H:%M:%S"), MV, header="Time,II_mV")),
    _file("two-times", TIME, _table(_clock("%Y-%m-%d %H:%M:%S"), TIMES, MV, header="Phone timestamp,time [s],II [mV]")),
    _file("two-times-one-damaged", TIME,
          _table([*_clock("%Y-%m-%d %H:%M:%S")[:500], "2024-0.-09", *_clock("%Y-%m-%d %H:%M:%S")[501:]], TIMES, MV,
                 header="Phone timestamp,time [s],II [mV]")),
    _file("unix", TIME, _table(_numbers(UNIX, 3), MV, header="timestamp,II_mV")),
    _file("unix-ms", TIME, _table(_numbers(UNIX * 1000, 0), MV, header="timestamp,II_mV"), notes=("ms",)),
    _file("time-backwards", TIME, _table([*TIMES[:500], *TIMES[:500]], MV, **FRAME), refused="line 502"),
    _file("gap-in-time", GAPS, _table(_without_hole(TIMES), _without_hole(MV), **FRAME), beats=BEATS_WITH_HOLE),
    _file("gap-in-iso", GAPS, _table(_without_hole(_clock("%Y-%m-%d %H:%M:%S")), _without_hole(MV), header="date,II_mV"),
          beats=BEATS_WITH_HOLE),
    *(
        _file(f"missing-{word or 'empty'}", GAPS, _table(TIMES, [cell or word for cell in _numbers(with_hole(ecg()))], **FRAME),
              beats=BEATS_WITH_HOLE)
        for word in ("", "nan", "NA", "null", "-")
    ),
    _file("counted", OTHERS, _table(COUNT, MV, header="sample #,II_mV"), sampling_rate=100.0),
    _file("counted-unnamed", OTHERS, _table(COUNT, TIMES, MV, header=",time_s,II_mV")),
    _file("counted-no-header", OTHERS, _table(COUNT, MV), **TOLD, lead_read="1"),
    _file("words", OTHERS, _table(TIMES, MV, ["rest"] * len(MV), header="time_s,II_mV,activity")),
    _file("utf-8-mark", ENCODINGS, _table(TIMES, MV, **FRAME).encode("utf-8-sig")),
    _file("utf-16", ENCODINGS, _table(TIMES, UV, header="time_s,II_µV").encode("utf-16")),
    _file("latin-1", ENCODINGS, _table(TIMES, UV, header="time_s,II (µV)").encode("latin-1")),
    _file("txt", ENCODINGS, _table(MV), "r.txt", **TOLD, lead_read="1"),
    _file("no-ending", ENCODINGS, _table(TIMES, MV, **FRAME), "r"),
    _file("gzip", ENCODINGS, gzip.compress(_table(TIMES, MV, **FRAME).encode()), "r.csv.gz"),
    _file("short-line", REFUSED, _table(TIMES, MV, **FRAME) + "10.0\n", refused="line 1002: expected 2 numbers"),
    _file("words-inside", REFUSED, _table(TIMES, [*MV[:500], "Jane", *MV[501:]], **FRAME), refused="line 502: expected 2"),
    _file("lines-run-together", REFUSED, _table(TIMES, [*MV[:500], f"{MV[500]},5.0100,0.1", *MV[501:]], **FRAME),
          refused="line 502: expected 2"),
    _file("two-decimal-marks", REFUSED,
          _table(_comma(TIMES), [*_comma(MV[:500]), MV[500], *_comma(MV[501:])], header="time_s;II_mV", separator=";"),
          refused="line 502: expected 2"),
    _file("absurd", REFUSED, _table(TIMES, [*MV[:500], "3e38", *MV[501:]], **FRAME), refused="1e6 mV"),
    _file("header-alone-no-numbers", REFUSED, "time_s,II_mV\n", refused="lines of numbers"),
    _file("rate-unknown", REFUSED, _table(MV, header="II_mV"), refused="--sampling-rate"),
    _file("unit-unknown", REFUSED, _table(TIMES, MV, header="time_s,II"), refused="--unit"),
)  # fmt: skip
