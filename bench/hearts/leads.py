"""What a consensus of the leads is worth against each lead alone: half hours of two leads, and strips of twelve and more.

The strips are not annotated: what is counted is in how many of their leads alone the beats are those of the consensus.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

from bench.hearts.annotate import Annotate, Found, found_by
from bench.hearts.counts import Counts, add
from bench.hearts.holters import BEATS, RHYTHM, groups, lead_name
from bench.hearts.records import Record
from predict.recordings import files
from predict.recordings.consensus import consensus
from predict.recordings.files import ReadingOptions
from server.models.annotator import Annotation, Beats
from train.recordings.ec57_scoring.confusion import PredictedBeats, confusion
from train.recordings.ec57_scoring.durations import seconds_confusion
from train.recordings.ec57_scoring.matching import WINDOW_S, match

STRIPS = ("s0010_re.hea", "waveform_ecg.dcm")  # PTB, of 15 leads; DICOM, of 12


def count(annotate: Annotate, records: Iterable[Record]) -> Counts:
    """Of each lead, and of all together, the confusion of beats and of seconds, as `holters.figures` takes them."""
    counts: Counts = {}
    for record in records:
        leads = {
            lead_name(record, lead, number): found_by(annotate, signal, record.sampling_rate_hz)
            for number, (lead, signal) in enumerate(record.leads.items())
        }
        samples = len(next(iter(record.leads.values())))
        together = {"consensus": _together(list(leads.values()), samples, record.sampling_rate_hz)}
        for lead, found in (leads | together).items():
            table = confusion(PredictedBeats(record, found.sample, found.probabilities))
            add(counts, {f"{BEATS}/{group}/{lead}": table for group in groups(record)})
            add(counts, {f"{RHYTHM}/{group}/{lead}": seconds_confusion(record.rhythm, found.second) for group in groups(record)})
    return counts


def strip_figures(annotate: Annotate, folder: Path) -> dict[str, float]:
    """Of each strip the beats of the consensus, and in how many of how many leads alone they are found without another."""
    numbers = {}
    for path in (folder / name for name in STRIPS):
        signals = [files.read(path, ReadingOptions(str(number + 1))) for number in range(len(files.leads(path)))]
        rate, samples = signals[0].sampling_rate_hz, len(signals[0].millivolts)
        leads = [found_by(annotate, signal.millivolts, rate) for signal in signals]
        beats = _together(leads, samples, rate).sample
        same = sum(len(one.sample) == len(beats) == len(match(beats, one.sample, WINDOW_S * rate)[0]) for one in leads)
        numbers |= {f"{path.stem}: beats of the consensus": float(len(beats))}
        numbers |= {f"{path.stem}: leads of {len(leads)} with these beats alone": float(same)}
    return numbers


def _together(leads: Sequence[Found], samples: int, rate: float) -> Found:
    beats = [Beats(one.sample, one.named, one.probabilities.max(axis=1, initial=0), one.probabilities) for one in leads]
    said = [Annotation(own, one.readable, one.rhythm) for own, one in zip(beats, leads, strict=True)]
    found = consensus(said, samples, rate)
    assert found.readable is not None and found.rhythm_probabilities is not None
    sample, named = found.beats.sample, found.beats.predicted_class
    return Found(sample, found.beats.probabilities, named, found.rhythm_probabilities, found.readable)
