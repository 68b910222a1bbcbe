"""The hours of a recording, a row each."""

from xml.etree.ElementTree import Element

from predict.recordings.report.drawing.axes import clock
from predict.recordings.report.findings import Numbers
from predict.recordings.report.tables.html_table import table
from predict.recordings.report.wording import Wording
from server.models.report.structure import Hour

HEADS = ("hour", "readable", "beats", "lowest_rate", "mean_rate", "highest_rate", "hour_s", "hour_v", "pauses", "hour_af")


def hours(numbers: Numbers, words: Wording) -> Element:
    """A row an hour."""
    rows = [_hour(hour, words) for hour in numbers.hours]
    return table(words("by_hour_numbers"), [words(name) for name in HEADS], rows, "figures")


def _hour(hour: Hour, words: Wording) -> list[str]:
    rate = hour.heart_rate
    rates = (rate.lowest_bpm, rate.mean_bpm, rate.highest_bpm) if rate else (None, None, None)
    return [
        clock(hour.start_s),
        words.duration(hour.readable_s),
        words.number(hour.beats),
        *(words.number(bpm) for bpm in rates),
        *(words.number(count) for count in (hour.s_beats, hour.v_beats, hour.pauses)),
        words.duration(hour.af_s),
    ]
