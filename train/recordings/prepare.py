"""Recordings as the networks see them: every lead at their sampling rate, every beat where the detector finds it."""

from collections.abc import Sequence
from dataclasses import replace

import keras
import numpy as np
import tensorflow as tf

from train.recordings.classifier_batches import Beats
from train.recordings.detector_batches import Lead
from train.recordings.ec57_scoring import CLASSES, WINDOW_S, match
from train.recordings.network import SAMPLING_RATE_HZ
from train.recordings.onnx_graph import MARGIN, found, resampled, windows
from train.recordings.reading import Recording

N, S = 0, 1
FEW = 5  # S beats, below which nothing is gained by thinning
LEFT = (0.05, 0.6)  # of the normal beats, after thinning
LENIENT = np.float32(-3.0)  # the logit above which a peak may be the one that was annotated


def leads(recording: Recording) -> list[Lead]:
    """Each lead of a recording, the one to be evaluated first."""
    scale = SAMPLING_RATE_HZ / recording.sampling_rate_hz
    place = recording.beats * scale + MARGIN
    classes = np.where(recording.classes < len(CLASSES), recording.classes, -1).astype(np.int32)
    unsure = (recording.unsure * scale + MARGIN).astype(int)
    return [_lead(given, recording.sampling_rate_hz, place, classes, unsure) for given in recording.leads.values()]


def _lead(given: np.ndarray, sampling_rate: float, place: np.ndarray, classes: np.ndarray, unsure: np.ndarray) -> Lead:
    signal = resampled(tf.constant(given), tf.constant(sampling_rate, tf.float32)).numpy()
    is_unsure = np.zeros(signal.shape[1], bool)
    for begin, end in unsure:
        is_unsure[begin:end] = True
    return Lead(given, sampling_rate, signal, place, classes, is_unsure)


def cut(lead: Lead) -> np.ndarray:
    """The window of each beat as the graph cuts it, float32 (beats, window)."""
    rate = tf.constant(lead.sampling_rate_hz, tf.float32)
    return windows(tf.constant(lead.signal), tf.constant(lead.given), rate, tf.constant(lead.place)).numpy()[0, :-1]


def snapped(of_one: Sequence[Lead], detector: keras.Model) -> list[Lead]:
    """The leads with each beat at the peak that the detector finds in the first of them within 150 ms; others are left out."""
    peaks = found(detector(of_one[0].signal[..., None], training=False)[..., 0], LENIENT).numpy()
    reference, at = match(of_one[0].place, peaks, WINDOW_S * SAMPLING_RATE_HZ)
    return [replace(lead, place=peaks[at], classes=lead.classes[reference]) for lead in of_one]


def with_thinned(as_it_is: Beats, rng: np.random.Generator) -> list[Beats]:
    """The beats of a recording, and fewer of them if it has such as would stand closer then."""
    return [as_it_is, thinned(as_it_is, rng)] if (as_it_is.classes == S).sum() >= FEW else [as_it_is]


def beats(of_one: Sequence[Lead]) -> Beats:
    """What the typer sees of all leads of a recording."""
    place, classes = of_one[0].place, of_one[0].classes
    return Beats(np.stack([cut(lead) for lead in of_one]), place, classes)


def thinned(beats: Beats, rng: np.random.Generator) -> Beats:
    """The same heart with fewer normal beats between the others: each beat that stays keeps its form and its RR interval.

    Few patients have more supraventricular beats than normal ones. A network that never saw that takes what is frequent
    for what is normal.
    """
    stays = (beats.classes != N) | (rng.random(len(beats.classes)) < rng.uniform(*LEFT))
    before = np.diff(beats.place, prepend=beats.place[0] - SAMPLING_RATE_HZ)
    return Beats(beats.window[:, stays], np.cumsum(before[stays]), beats.classes[stays])
