"""The table of beats: as exact at the end of a day as at its beginning."""

from types import SimpleNamespace

import numpy as np

from predict.recordings.outputs.tables import beat_table
from server.models.annotator import Beats


def test_the_time_of_a_beat_is_told_to_a_tenth_of_a_millisecond_all_day() -> None:
    """Whichever way the table is written; probabilities to six digits."""
    sample = np.array([0, 31, 21_599_999], np.int32)
    probabilities = np.array([[1, 0], [0.123456789, 0.876543211], [1e-9, 1]], np.float32)
    beats = Beats(sample, np.array([0, 1, 1], np.int32), probabilities.max(axis=1), probabilities)

    lines = beat_table(SimpleNamespace(sampling_rate_hz=250.0), beats, ("N", "S")).to_csv(index=False).splitlines()

    assert lines == [
        "sample,time_s,predicted_class,class,probability,probability_N,probability_S",
        "0,0,0,N,1,1,0",
        "31,0.124,1,S,0.876543,0.123457,0.876543",
        "21599999,86399.996,1,S,1,1e-09,1",
    ]
