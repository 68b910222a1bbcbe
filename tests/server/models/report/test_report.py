"""What a report counts, on recordings drawn so that the numbers are known."""

from pathlib import Path

import msgspec
import numpy as np
import pytest

from server.models.annotator import Annotation, Beats
from server.models.report.heart_rate import Eights, trend
from server.models.report.report import report
from server.models.report.structure import Pause, Report, Stretch

ROOT = Path(__file__).parents[4]


def strips_of(numbers: Report) -> list[tuple[str, float, float]]:
    """Kind, beginning and end of each."""
    return [(strip.kind, strip.start_s, strip.end_s) for strip in numbers.strips]


@pytest.mark.parametrize(
    ("beats", "isolated", "couplets", "runs", "bigeminy", "trigeminy"),
    [
        ("NNNNNN", 0, 0, 0, (0, 0), (0, 0)),
        ("NNVNNN", 1, 0, 0, (0, 0), (0, 0)),
        ("NVVNVV", 0, 2, 0, (0, 0), (0, 0)),
        ("VVVNVVVVN", 0, 0, 2, (0, 0), (0, 0)),
        ("VVSVV", 0, 2, 0, (0, 0), (0, 0)),  # a beat of another class parts them
        ("NVNVNV", 3, 0, 0, (1, 6), (0, 0)),
        ("NVNVN", 2, 0, 0, (0, 0), (0, 0)),  # twice is no bigeminy
        ("VNVNVNV", 4, 0, 0, (1, 6), (0, 0)),  # it begins with a beat that is none
        ("NVNVNVNNVNVNV", 6, 0, 0, (2, 12), (0, 0)),
        ("NNVNNVNNV", 3, 0, 0, (0, 0), (1, 9)),
        ("NSVSFVNNV", 3, 0, 0, (0, 0), (1, 9)),
        ("NNVNNVNNVNVNV", 5, 0, 0, (1, 6), (1, 9)),  # of one pattern into the other: the beat between belongs to both
        ("NNNVNNNVNNNV", 3, 0, 0, (0, 0), (0, 0)),
    ],
)
def test_sequences_of_ectopic_beats(reported, beats, isolated, couplets, runs, bigeminy, trigeminy) -> None:
    """Are counted by what stands between two beats of other classes."""
    found = reported(beats).ventricular

    assert (found.isolated, found.couplets, found.runs) == (isolated, couplets, runs)
    assert (found.bigeminy.episodes, found.bigeminy.beats) == bigeminy
    assert (found.trigeminy.episodes, found.trigeminy.beats) == trigeminy
    assert found.beats == beats.count("V") == found.isolated + 2 * found.couplets + found.run_beats


@pytest.mark.parametrize("seconds", ["N" * 6 + "~" * 4 + "N" * 4, "NNN" + "V" * 6 + "NNNNN"])
def test_what_is_unreadable_or_fibrillates_parts_beats(reported, seconds) -> None:
    """Six ectopic beats are two runs of three there; no pause and no RR interval goes over it."""
    numbers = reported("VVVVVV", rr_s=[0.8, 0.8, 8, 0.8, 0.8], seconds=seconds)

    assert (numbers.ventricular.runs, numbers.ventricular.run_beats) == (2, 6)
    assert numbers.pauses.count == 0
    assert numbers.rr_ms == [800, 800, None, 800, 800]


def test_the_longest_and_the_fastest_run(reported) -> None:
    """May be two, each with its place and its rate."""
    numbers = reported("NSSSNNSSSSN", rr_s=[0.8, 0.4, 0.4, 0.8, 0.8, 0.8, 0.6, 0.6, 0.6, 0.8])

    longest, fastest = numbers.supraventricular.longest_run, numbers.supraventricular.fastest_run
    assert (longest.start_s, longest.end_s, longest.beats, longest.rate_bpm) == (4.5, 6.3, 4, 100)
    assert (fastest.start_s, fastest.end_s, fastest.beats, fastest.rate_bpm) == (1.3, 2.1, 3, 150)
    assert numbers.ventricular.longest_run is None


def test_burden_is_of_the_readable_time(reported) -> None:
    """Two of twenty beats in half a minute, of which ten seconds are unreadable."""
    numbers = reported("NNNNNNNNNV" * 2, rr_s=0.9, seconds="N" * 20 + "~" * 10)

    assert numbers.readable_s == 20
    assert numbers.unreadable == [Stretch(20, 30)]
    assert (numbers.ventricular.beats, numbers.ventricular.share, numbers.ventricular.per_hour) == (2, 0.1, 360)


def test_heart_rate_is_averaged_over_eight_intervals(reported) -> None:
    """One short interval is no fast heart; eight are, in their middle."""
    numbers = reported("N" * 30, rr_s=[1.0] * 10 + [0.5] * 8 + [1.0] * 3 + [0.4] + [1.0] * 7)

    rate = numbers.heart_rate
    assert (rate.highest_bpm, rate.highest_at_s) == (120, 0.5 + 10 + 2)
    assert (rate.lowest_bpm, rate.lowest_at_s) == (60, 0.5 + 4)
    assert rate.mean_bpm == round(60 * 29 / 24.4, 1)
    assert numbers.trend.highest_bpm[2] == 120
    assert strips_of(numbers)[:2] == [("fastest", 7.5, 17.5), ("slowest", 0, 10)]


def test_the_trend_and_the_hours_go_by_the_clock(reported) -> None:
    """An hour of 60 beats a minute, and half of one at 100 with an ectopic beat in ten."""
    numbers = reported("N" * 3600 + "NNNNNNNNNV" * 300, rr_s=[1.0] * 3599 + [0.6] * 3000)

    first, second = numbers.hours
    assert (first.beats, first.v_beats, first.heart_rate.mean_bpm, first.end_s) == (3600, 0, 60, 3600)
    assert (second.beats, second.v_beats, second.heart_rate.mean_bpm) == (3000, 300, 100)
    assert (numbers.ventricular.highest_hour.start_s, numbers.ventricular.highest_hour_beats) == (3600, 300)
    assert numbers.trend.step_s == 5
    assert len(numbers.trend.mean_bpm) == np.ceil(numbers.duration_s / 5)
    assert numbers.trend.mean_bpm[:718] == [60] * 718
    assert numbers.trend.mean_bpm[721:1078] == [100] * 357


def test_a_trend_of_a_day_has_a_step_a_minute() -> None:
    """Steps without eight intervals say nothing; of several the lowest, the mean of their lengths and the highest are given."""
    found = trend(Eights(np.array([30.0, 40.0, 86399.0]), np.array([8.0, 4.0, 6.0])), 86400)

    assert found.step_s == 60
    assert found.lowest_bpm == [60, *[None] * 1438, 80]
    assert found.mean_bpm == [80, *[None] * 1438, 80]
    assert found.highest_bpm == [120, *[None] * 1438, 80]


def test_pauses(reported) -> None:
    """From two seconds, the longest first."""
    numbers = reported("NNNNN", rr_s=[1.996, 2, 3, 1])

    assert numbers.pauses.count == 2
    assert numbers.pauses.longest == [Pause(4.496, 7.496, 3), Pause(2.496, 4.496, 2)]
    assert ("longest pause", 0, 10) in strips_of(numbers)
    assert numbers.hours[0].pauses == 2


def test_atrial_fibrillation(reported) -> None:
    """Its share of what is readable, its episodes, and a strip of each onset; what beats do in it is no NN interval."""
    numbers = reported("N" * 62, rr_s=1, seconds="A" * 12 + "N" * 10 + "~" * 10 + "A" * 21 + "N" * 10)

    assert [episode.end_s - episode.start_s for episode in numbers.af.episodes] == [13, 22]
    assert numbers.af.longest == Stretch(32, 54)
    assert (numbers.af.duration_s, numbers.af.share) == (35, round(35 / 53, 6))
    assert [strip.at_s for strip in numbers.strips if strip.kind == "AF onset"] == [0, 32]
    assert numbers.nn_ms[:13] == [None] * 13
    assert numbers.nn_ms[13] == 1000


def test_of_very_many_onsets_those_of_the_longest_episodes_are_shown(reported) -> None:
    """A hundred, in order; all episodes are told."""
    numbers = reported("N" * 2600, rr_s=1, seconds=("A" * 12 + "N" * 13) * 60 + ("A" * 14 + "N" * 11) * 44)

    shown = [strip.at_s for strip in numbers.strips if strip.kind == "AF onset"]
    longest = sorted(numbers.af.episodes, key=lambda one: one.start_s - one.end_s)[:100]
    assert len(numbers.af.episodes) == 104
    assert shown == sorted(one.start_s for one in longest)


def test_the_least_sure_beats_are_shown_ten_seconds_apart() -> None:
    """The four of the lowest probability, but none twice."""
    sure = np.full(100, 0.9, np.float32)
    sure[[20, 21, 40, 60, 80, 95]] = 0.3, 0.31, 0.4, 0.5, 0.6, 0.7
    beats = Beats(np.arange(100, dtype=np.int32) * 250, np.zeros(100, np.int32), sure, np.ones((100, 1), np.float32))

    numbers = report(Annotation(beats, None, None), [], 250, ("N",), 100.0)

    assert [strip.at_s for strip in numbers.strips if strip.kind == "least sure"] == [20, 40, 60, 80]


def test_what_a_model_of_schema_1_does_not_say_is_null() -> None:
    """Readable time and atrial fibrillation, and ectopy of a class that it has not."""
    beats = Beats(np.array([100, 300, 500], np.int32), np.zeros(3, np.int32), np.ones(3, np.float32), np.ones((3, 2), np.float32))

    numbers = report(Annotation(beats, None, None), [], 250, ("N", "V"), 10.0)

    assert (numbers.readable_s, numbers.unreadable, numbers.af, numbers.supraventricular) == (None, None, None, None)
    assert numbers.hours[0].readable_s is numbers.hours[0].af_s is numbers.hours[0].s_beats is None
    assert numbers.ventricular.per_hour == 0
    assert numbers.heart_rate.mean_bpm == 75


@pytest.mark.parametrize("beats", ["", "N"])
@pytest.mark.parametrize("seconds", ["N" * 12, "~" * 12])
def test_nothing_is_counted_where_there_is_nothing(reported, beats, seconds) -> None:
    """Not a zero: null, and it is JSON."""
    numbers = reported(beats, seconds=seconds)

    assert numbers.heart_rate is numbers.pauses is numbers.variability.mean_nn_ms is numbers.variability.lf_hf is None
    assert (numbers.ventricular is None) == (sum(numbers.beats.values()) == 0)
    assert numbers.rr_ms == []
    assert set(numbers.trend.mean_bpm) == {None}
    assert msgspec.json.decode(msgspec.json.encode(numbers), type=Report) == numbers


def test_the_document_defines_every_field() -> None:
    """In the words of the schema, which has some for each."""
    document = (ROOT / "docs/report.md").read_text()
    _, schemas = msgspec.json.schema_components([Report])

    for name, schema in schemas.items():
        rows = "".join(f"| `{field}` | {value['description']} |\n" for field, value in schema["properties"].items())
        assert (
            f"### {name}\n\n{' '.join(schema['description'].split())}\n\n| field | what it says |\n|---|---|\n{rows}" in document
        )
