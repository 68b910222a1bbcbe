"""The numbers of a recording, each with how it is counted: beats and heart rate, ectopic beats, pauses, rhythm, variability."""

from collections.abc import Sequence
from xml.etree.ElementTree import Element

from predict.recordings.report.drawing.axes import clock
from predict.recordings.report.findings import Numbers
from predict.recordings.report.tables.html_table import Row, defined
from predict.recordings.report.wording import Wording
from server.models.report.structure import AtrialFibrillation, EctopicRun, Ectopy, HeartRate, Pattern, Stretch

MOST_PAUSES, MOST_UNREADABLE = 3, 3


def recording(numbers: Numbers, words: Wording) -> Element:
    """Length, readable share, beats and heart rate."""
    longest = sorted(numbers.unreadable or [], key=lambda one: one.start_s - one.end_s)[:MOST_UNREADABLE]
    readable = words("and_share", value=words.duration(numbers.readable_s), share=words.percent(numbers.readable_share))
    rows: list[Row] = [
        ("duration", words.duration(numbers.duration_s)),
        ("readable", readable if numbers.readable_s is not None else words("no_value")),
        ("unreadable_when", _listed([lasting(one, words) for one in sorted(longest, key=lambda one: one.start_s)], words)),
        ("beats", ", ".join(f"{words.number(count)} {name}" for name, count in numbers.beats.items())),
        *_rates(numbers.heart_rate, words),
    ]
    return defined(words("recording"), rows, words)


def _rates(rate: HeartRate | None, words: Wording) -> list[Row]:
    if rate is None:
        return [(key, words("no_value")) for key in ("mean_rate", "lowest_rate", "highest_rate")]
    return [
        ("mean_rate", words.unit("bpm", rate.mean_bpm)),
        ("lowest_rate", _rate_at(rate.lowest_bpm, rate.lowest_at_s, words)),
        ("highest_rate", _rate_at(rate.highest_bpm, rate.highest_at_s, words)),
    ]


def _rate_at(bpm: float | None, at_s: float | None, words: Wording) -> str:
    return f"{words.unit('bpm', bpm)} {words('at', time=clock(at_s))}" if at_s is not None else words("no_value")


def ectopy(numbers: Numbers, words: Wording) -> Element | None:
    """S and V beats, a column each; None of a model or a recording without them."""
    found = {"supraventricular": numbers.supraventricular, "ventricular": numbers.ventricular}
    columns = {words(name): _ectopic(one, words) for name, one in found.items() if one}
    if not columns:
        return None
    rows = [(key, *(values[key] for values in columns.values())) for key in next(iter(columns.values()))]
    return defined(words("ectopy"), rows, words, [*columns])


def _ectopic(one: Ectopy, words: Wording) -> dict[str, str]:
    hour, most = one.highest_hour, words.number(one.highest_hour_beats)
    return {
        "ectopic_beats": words.number(one.beats),
        "share": words.percent(one.share, 2),
        "per_hour": words.number(one.per_hour, 1),
        "highest_hour": f"{most} {words('at', time=clock(hour.start_s))}" if hour else words("no_value"),
        "isolated": words.number(one.isolated),
        "couplets": words.number(one.couplets),
        "runs": _runs(one, words),
        "longest_run": _run(one.longest_run, words),
        "fastest_run": _run(one.fastest_run, words),
        "bigeminy": _pattern(one.bigeminy, words),
        "trigeminy": _pattern(one.trigeminy, words),
    }


def _runs(one: Ectopy, words: Wording) -> str:
    return words("of_beats", count=words.number(one.runs), beats=words.number(one.run_beats)) if one.runs else "0"


def _run(run: EctopicRun | None, words: Wording) -> str:
    if run is None:
        return words("no_value")
    return words("run", beats=words.number(run.beats), rate=words.unit("bpm", run.rate_bpm), time=clock(run.start_s))


def _pattern(one: Pattern, words: Wording) -> str:
    if not one.episodes:
        return "0"
    numbers = {"episodes": words.number(one.episodes), "beats": words.number(one.beats)}
    return words("pattern", **numbers, duration=words.duration(one.duration_s))


def pauses_and_rhythm(numbers: Numbers, words: Wording) -> Element:
    """Pauses, atrial fibrillation."""
    pauses = numbers.pauses
    longest = [
        f"{words.unit('seconds', one.rr_s, 2)} {words('at', time=clock(one.start_s))}"
        for one in (pauses.longest if pauses else [])[:MOST_PAUSES]
    ]
    rows: list[Row] = [
        ("pauses", words.number(pauses.count if pauses else None)),
        ("longest_pauses", _listed(longest, words)),
        *_fibrillation(numbers.af, words),
    ]
    return defined(words("pauses_and_rhythm"), rows, words)


def _fibrillation(af: AtrialFibrillation | None, words: Wording) -> list[Row]:
    if af is None:
        return [(key, words("no_value")) for key in ("af", "af_episodes", "af_longest")]
    return [
        ("af", words("and_share", value=words.duration(af.duration_s), share=words.percent(af.share))),
        ("af_episodes", words.number(len(af.episodes))),
        ("af_longest", lasting(af.longest, words) if af.longest else words("no_value")),
    ]


def variability(numbers: Numbers, words: Wording) -> Element:
    """Heart-rate variability."""
    found = numbers.variability
    rows = [
        ("nn_intervals", words.number(found.nn_intervals)),
        ("mean_nn", words.unit("ms", found.mean_nn_ms)),
        ("sdnn", words.unit("ms", found.sdnn_ms, 1)),
        ("sdann", words.unit("ms", found.sdann_ms, 1)),
        ("rmssd", words.unit("ms", found.rmssd_ms, 1)),
        ("pnn50", words.percent(found.pnn50)),
        ("triangular", words.number(found.triangular_index, 1)),
        ("lf", words.unit("ms2", found.lf_ms2)),
        ("hf", words.unit("ms2", found.hf_ms2)),
        ("lf_hf", words.number(found.lf_hf, 2)),
    ]
    return defined(words("variability"), rows, words)


def lasting(one: Stretch, words: Wording) -> str:
    """How long a stretch lasts, and from when to when."""
    return words("lasting", duration=words.duration(one.end_s - one.start_s), start=clock(one.start_s), end=clock(one.end_s))


def _listed(parts: Sequence[str], words: Wording) -> str:
    return "; ".join(parts) or words("no_value")
