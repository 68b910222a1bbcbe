"""A signal that comes bit by bit gets the beats of the whole, soon, once, and for a cost that does not grow."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import wfdb

from server.live import live_annotator
from server.live.live_annotator import FINAL_STEP_S, FUTURE_S, PAST_S, STEP_S, LiveAnnotation, LiveAnnotator
from server.models.annotator import TOLERANCE_SAMPLES, Annotator, BadSignal, Beats, concatenate_beats, seconds_of

FINAL_WITHIN_S = 12.0


@pytest.fixture(scope="module")
def annotator(beats) -> Annotator:
    """The committed model."""
    return Annotator.load(beats)


def packets(signal: np.ndarray, rate: float, seed: int) -> Iterator[np.ndarray]:
    """The signal cut at random into packets of 0.05 to 2 s."""
    rng, start = np.random.default_rng(seed), 0
    while start < len(signal):
        stop = start + max(1, round(rng.uniform(0.05, 2.0) * rate))
        yield signal[start:stop]
        start = stop


def heard(live: LiveAnnotator, signal: np.ndarray, seed: int = 0, step_s: float = STEP_S) -> Iterator[LiveAnnotation]:
    """What is said while packets come, each run over as many as make `step_s` or more."""
    waiting: list[np.ndarray] = []
    for packet in packets(signal, live.sampling_rate, seed):
        waiting.append(packet)
        if sum(map(len, waiting)) >= step_s * live.sampling_rate:
            yield live.push(np.concatenate(waiting))
            waiting.clear()
    yield live.push(np.concatenate([signal[:0], *waiting]), is_end=True)


def compare(annotator: Annotator, signals: list[tuple[np.ndarray, float]]) -> tuple[int, int, int, int]:
    """Beats of one run over the whole; of these, those that were final at the same place, and with the same name; others."""
    beats = found = named = others = 0
    for seed, (signal, rate) in enumerate(signals):
        whole = annotator.annotate(signal, rate).beats
        parts = [one.final.beats for one in heard(LiveAnnotator(annotator, rate), signal, seed, 2.0)]
        live = Beats(*map(np.concatenate, zip(*parts, strict=True)))
        nearest = np.abs(live.sample[:, None] - whole.sample).argmin(0)
        same = np.abs(live.sample[nearest] - whole.sample) <= TOLERANCE_SAMPLES
        assert len(set(nearest[same])) == same.sum()
        assert (np.diff(live.sample) > 2 * TOLERANCE_SAMPLES).all()
        beats, found, others = beats + len(same), found + int(same.sum()), others + len(live.sample) - int(same.sum())
        named += int((live.predicted_class[nearest] == whole.predicted_class)[same].sum())
    return beats, found, named, others


def test_the_beats_are_those_of_the_whole(annotator, recording) -> None:
    """Of drawn recordings, at rates of straps, Holters and none that divides a second into whole samples."""
    drawn = [recording(50, seed) for seed in (3, 5)]
    rates = ((drawn[0], 130.0), (drawn[1], 257.3))
    resampled = [
        (np.interp(np.arange(int(len(s) * to / rate)) * rate / to, np.arange(len(s)), s).astype(np.float32), to)
        for (s, rate), to in rates
    ]

    beats, found, named, others = compare(annotator, [drawn[0], *resampled])

    assert beats > 120
    assert (found, others) == (beats, 0)
    assert named >= 0.995 * found


def test_the_beats_are_those_of_the_whole_on_real_records(annotator, real) -> None:
    """Of 45 s each of two patients of the MIT-BIH Arrhythmia Database, and of four recordings of a hand-held device."""
    names = [real / f"mitdb/{number}" for number in (106, 208)]
    read = [wfdb.rdrecord(str(name), sampfrom=0, sampto=360 * 45) for name in names]
    read += [wfdb.rdrecord(str(path.with_suffix(""))) for path in sorted(Path(real / "cinc2017").glob("A*.hea"))[:4]]

    beats, found, named, others = compare(annotator, [(one.p_signal[:, 0].astype(np.float32), float(one.fs)) for one in read])

    assert (found, others) == (beats, 0)
    assert named >= 0.995 * found


def test_a_beat_is_said_soon_and_final_in_time(annotator, recording) -> None:
    """In the first run after its R peak, with few exceptions; nothing stays provisional for longer than FINAL_WITHIN_S."""
    signal, rate = recording(40)
    live, first, latest_s = LiveAnnotator(annotator, rate), dict[int, float](), 0.0

    for start in range(0, len(signal), int(rate)):
        found = live.push(signal[start : start + int(rate)])
        for sample in [*found.final.beats.sample.tolist(), *found.provisional.beats.sample.tolist()]:
            first.setdefault(round(sample / rate, 1), (live.heard - sample) / rate)
        latest_s = max([latest_s, *((live.heard - found.provisional.beats.sample[:1]) / rate).tolist()])

    assert sum(after_s <= 1.1 for after_s in first.values()) >= 0.95 * len(first)
    assert latest_s < FINAL_WITHIN_S - STEP_S


def test_what_a_run_costs_does_not_grow(annotator, recording, monkeypatch) -> None:
    """Each sees no more than what matters to what is not final, and no more than that is kept."""
    signal, rate = recording(60)
    lengths_s: list[float] = []
    run = annotator.run_at_once

    def spy(part: np.ndarray, sampling_rate: float) -> object:
        lengths_s.append(len(part) / sampling_rate)
        return run(part, sampling_rate)

    monkeypatch.setattr(annotator, "run_at_once", spy)
    live = LiveAnnotator(annotator, rate)

    for _ in heard(live, signal):
        assert len(live._kept) / rate < PAST_S + FUTURE_S + 2 * FINAL_STEP_S + 3

    assert max(lengths_s) < PAST_S + FUTURE_S + FINAL_STEP_S + 4
    assert max(lengths_s[:20]) < max(lengths_s)


def test_the_end_makes_everything_final(annotator, recording) -> None:
    """Every second of it and every beat, the last one included."""
    signal, rate = recording(7.3)

    *_, last = heard(LiveAnnotator(annotator, rate), signal)

    assert last.second + len(last.final.readable) == seconds_of(len(signal), rate)
    assert not len(last.provisional.beats.sample) and not len(last.provisional.readable)
    assert concatenate_beats([last.final.beats]).sample.tolist()[-1] > 6 * rate


def test_a_signal_too_short_to_annotate_has_no_beats(annotator, recording) -> None:
    """As `/annotate` refuses it."""
    signal, rate = recording(1.9)

    last = LiveAnnotator(annotator, rate).push(signal, is_end=True)

    assert not len(last.final.beats.sample)


def test_a_file_of_schema_1_says_nothing_of_seconds(beats_of_schema, recording) -> None:
    """Beats it says as always."""
    signal, rate = recording(20)

    found = list(heard(LiveAnnotator(Annotator.load(beats_of_schema[1]), rate), signal))

    assert sum(len(one.final.beats.sample) for one in found) > 10
    assert all(one.final.readable is None and one.provisional.rhythm_probabilities is None for one in found)


@pytest.mark.parametrize("rate", [0.0, -1.0, 49.9, 1000.1, float("nan")])
def test_a_rate_that_the_network_does_not_take_is_refused(annotator, rate) -> None:
    """Before anything is heard."""
    with pytest.raises(BadSignal, match="sampling rate"):
        LiveAnnotator(annotator, rate)


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e7])
def test_what_is_no_signal_is_refused(annotator, value) -> None:
    """A packet with one bad sample, as in a recording."""
    with pytest.raises(BadSignal, match="finite"):
        live_annotator.LiveAnnotator(annotator, 130).push(np.array([0, value], np.float32))
