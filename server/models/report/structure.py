"""What a report holds: every number with its unit and definition; docs/report.md has the same with the sources.

Times are seconds since the beginning of the recording. None, null in JSON, is where there is nothing to count or to measure.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

EctopicClass = Literal["S", "V"]
StripKind = Literal["fastest", "slowest", "longest pause", "longest S run", "longest V run", "AF onset", "least sure"]


Begin = Annotated[float, Meta(description="s since the beginning of the recording")]
End = Annotated[float, Meta(description="the same")]


class Stretch(Struct, gc=False):
    """A part of the recording."""

    start_s: Begin
    end_s: End


class HeartRate(Struct, gc=False):
    """Beats a minute."""

    mean_bpm: Annotated[float, Meta(description="60 s over the mean RR interval; every beat counts, whatever its class")]
    lowest_bpm: Annotated[float | None, Meta(description="the lowest rate over eight consecutive RR intervals")]
    highest_bpm: Annotated[float | None, Meta(description="the highest rate over eight consecutive RR intervals")]
    lowest_at_s: Annotated[float | None, Meta(description="the middle of the eight intervals with the lowest rate")]
    highest_at_s: Annotated[float | None, Meta(description="the middle of the eight intervals with the highest rate")]


class Trend(Struct):
    """Heart rate over the recording in at most 1,440 steps: step i begins at i · step_s.

    A rate over eight consecutive RR intervals belongs to the step in which its first beat lies; a step without one is null.
    """

    step_s: Annotated[float, Meta(description="length of a step, s")]
    mean_bpm: Annotated[list[float | None], Meta(description="by the mean RR interval of all eights of the step, beats a minute")]
    lowest_bpm: Annotated[list[float | None], Meta(description="of the eights of the step")]
    highest_bpm: Annotated[list[float | None], Meta(description="of the eights of the step")]


class Hour(Struct, gc=False):
    """An hour of the recording, counted from its beginning; the last one may be shorter."""

    start_s: Begin
    end_s: End
    readable_s: Annotated[float | None, Meta(description="how much of the hour is readable, s")]
    beats: Annotated[int, Meta(description="of any class")]
    heart_rate: Annotated[HeartRate | None, Meta(description="of the RR intervals that begin in the hour")]
    s_beats: Annotated[int | None, Meta(description="supraventricular ectopic beats")]
    v_beats: Annotated[int | None, Meta(description="ventricular ectopic beats")]
    pauses: Annotated[int, Meta(description="pauses that begin in the hour")]
    af_s: Annotated[float | None, Meta(description="time in episodes of atrial fibrillation or flutter, s")]


class EctopicRun(Struct, gc=False):
    """Three or more consecutive beats of one ectopic class."""

    start_s: Annotated[float, Meta(description="its first R peak")]
    end_s: Annotated[float, Meta(description="its last R peak")]
    beats: Annotated[int, Meta(description="how many, three or more")]
    rate_bpm: Annotated[float, Meta(description="60 s over the mean RR interval within the run")]


class Pattern(Struct, gc=False):
    """Bigeminy or trigeminy: an ectopic beat after each other beat (each two others), three times or more on end."""

    episodes: Annotated[int, Meta(description="how many stretches of the pattern")]
    beats: Annotated[int, Meta(description="beats of any class within them")]
    duration_s: Annotated[float, Meta(description="from first to last R peak, s, summed over the episodes")]
    longest: Annotated[Stretch | None, Meta(description="the episode of most beats, from first to last R peak")]


class Ectopy(Struct):
    """The ectopic beats of one class: S (supraventricular) or V (ventricular), as AAMI EC57 groups beats.

    Beats are consecutive if nothing unreadable and no ventricular fibrillation lies between them.
    """

    beats: Annotated[int, Meta(description="how many of the class")]
    share: Annotated[float | None, Meta(description="of all beats, 0 to 1")]
    per_hour: Annotated[float | None, Meta(description="beats an hour of what is readable")]
    highest_hour: Annotated[Stretch | None, Meta(description="the hour (of `hours`) with most of them, the first of equals")]
    highest_hour_beats: Annotated[int | None, Meta(description="how many it has")]
    isolated: Annotated[int, Meta(description="beats without one of their class next to them")]
    couplets: Annotated[int, Meta(description="two consecutive beats of the class, no more")]
    runs: Annotated[int, Meta(description="three or more consecutive beats of the class")]
    run_beats: Annotated[int, Meta(description="beats in runs")]
    longest_run: Annotated[EctopicRun | None, Meta(description="the run of most beats, the first of equals")]
    fastest_run: Annotated[EctopicRun | None, Meta(description="the run of the highest rate")]
    bigeminy: Annotated[Pattern, Meta(description="three times or more on end: another beat, then one of the class")]
    trigeminy: Annotated[Pattern, Meta(description="three times or more on end: two other beats, then one of the class")]


class Pause(Struct, gc=False):
    """Two beats that are 2.0 s or more apart."""

    start_s: Annotated[float, Meta(description="the R peak before it")]
    end_s: Annotated[float, Meta(description="the R peak behind it")]
    rr_s: Annotated[float, Meta(description="from one to the other, s")]


class Pauses(Struct):
    """RR intervals of 2.0 s or more, with nothing unreadable and no ventricular fibrillation in them."""

    count: Annotated[int, Meta(description="how many")]
    longest: Annotated[list[Pause], Meta(description="up to ten, the longest first")]


class AtrialFibrillation(Struct):
    """Episodes of atrial fibrillation or flutter, each of at least 10 s."""

    duration_s: Annotated[float, Meta(description="of all episodes, s")]
    share: Annotated[float | None, Meta(description="of the readable time, 0 to 1")]
    episodes: Annotated[list[Stretch], Meta(description="in order")]
    longest: Annotated[Stretch | None, Meta(description="the first of equals; null without one")]


class Variability(Struct):
    """Heart-rate variability, Task Force of the ESC and NASPE 1996.

    An NN interval is the RR interval between two consecutive beats of class N, with nothing unreadable in it, and not in
    atrial fibrillation, flutter or ventricular fibrillation. Intervals are neither filtered nor interpolated.
    """

    nn_intervals: Annotated[int, Meta(description="how many NN intervals there are")]
    mean_nn_ms: Annotated[float | None, Meta(description="mean NN interval, ms")]
    sdnn_ms: Annotated[float | None, Meta(description="standard deviation of the NN intervals, ms")]
    sdann_ms: Annotated[
        float | None,
        Meta(description="standard deviation of five-minute means of NN intervals, ms; of three or more"),
    ]
    rmssd_ms: Annotated[float | None, Meta(description="root mean square of differences of NN intervals that share a beat, ms")]
    pnn50: Annotated[float | None, Meta(description="share of these differences that are over 50 ms, 0 to 1")]
    triangular_index: Annotated[float | None, Meta(description="NN intervals over how many are in the fullest bin of 1/128 s")]
    lf_ms2: Annotated[float | None, Meta(description="power from 0.04 to 0.15 Hz, ms²: Lomb–Scargle, mean of segments")]
    hf_ms2: Annotated[float | None, Meta(description="power from 0.15 to 0.4 Hz, ms²: Lomb–Scargle, mean of segments")]
    lf_hf: Annotated[float | None, Meta(description="lf_ms2 over hf_ms2")]
    segments: Annotated[int, Meta(description="five-minute segments that LF and HF are the mean of")]


class Strip(Struct, gc=False):
    """A part of the recording that is worth a look: 10 s, or the whole of a shorter recording."""

    kind: Annotated[StripKind, Meta(description="why")]
    start_s: Begin
    end_s: End
    at_s: Annotated[float, Meta(description="where in it what it shows is, or begins")]


class Report(Struct):
    """The numbers of a recording, and what of it to look at."""

    duration_s: Annotated[float, Meta(description="length of the recording, s")]
    readable_s: Annotated[float | None, Meta(description="where beats can be found and named, s; null of a model of schema 1")]
    readable_share: Annotated[float | None, Meta(description="readable_s over duration_s, 0 to 1")]
    unreadable: Annotated[list[Stretch] | None, Meta(description="stretches of whole seconds that are not readable, in order")]
    beats: Annotated[dict[str, int], Meta(description="how many beats of each class")]
    heart_rate: Annotated[HeartRate | None, Meta(description="null without two readable beats on end")]
    trend: Annotated[Trend, Meta(description="heart rate step by step")]
    hours: Annotated[list[Hour], Meta(description="the same numbers by hour")]
    supraventricular: Annotated[Ectopy | None, Meta(description="null of a model without class S, or without a beat")]
    ventricular: Annotated[Ectopy | None, Meta(description="null of a model without class V, or without a beat")]
    pauses: Annotated[Pauses | None, Meta(description="null without two readable beats on end")]
    af: Annotated[AtrialFibrillation | None, Meta(description="null of a model of schema 1")]
    variability: Annotated[Variability, Meta(description="of heart rate, over the whole recording")]
    rr_ms: Annotated[
        list[int | None],
        Meta(description="RR intervals, ms, null where one cannot be measured; one fewer than beats"),
    ]
    nn_ms: Annotated[list[int | None], Meta(description="the same, null where it is no NN interval")]
    strips: Annotated[list[Strip], Meta(description="in order of kind, then of time")]
