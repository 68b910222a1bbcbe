"""Recordings prepared for training: leads resampled, annotated beats aligned to the peaks that the detector finds."""

from collections.abc import Sequence
from dataclasses import replace

import keras
import numpy as np
import tensorflow as tf

from train.recordings.data.classifier_batches import Beats
from train.recordings.data.detector_batches import Lead
from train.recordings.ec57_scoring.confusion import CLASSES
from train.recordings.ec57_scoring.matching import WINDOW_S, match
from train.recordings.network import SAMPLING_RATE_HZ
from train.recordings.onnx_graph.beat_windows import beat_windows
from train.recordings.onnx_graph.peak_picking import r_peaks
from train.recordings.onnx_graph.resampling import MARGIN, resampled
from train.recordings.reading import Recording

N, S = 0, 1
LEAST_S_BEATS = 5  # of a recording that is trained on with fewer normal beats, too
NORMAL_KEPT = (0.05, 0.6)  # share of the normal beats that are kept then, from and to
ALIGNMENT_THRESHOLD = np.float32(-3.0)  # of the logit: a peak above it may be an annotated beat


def leads(recording: Recording) -> list[Lead]:
    """Each lead of a recording, the one to be evaluated first."""
    scale = SAMPLING_RATE_HZ / recording.sampling_rate_hz
    r_peak = recording.beats * scale + MARGIN
    classes = np.where(recording.classes < len(CLASSES), recording.classes, -1).astype(np.int32)
    excluded = (recording.excluded * scale + MARGIN).astype(int)
    return [_lead(given, recording.sampling_rate_hz, r_peak, classes, excluded) for given in recording.leads.values()]


def _lead(given: np.ndarray, sampling_rate: float, r_peak: np.ndarray, classes: np.ndarray, excluded: np.ndarray) -> Lead:
    signal = resampled(tf.constant(given), tf.constant(sampling_rate, tf.float32)).numpy()
    is_excluded = np.zeros(signal.shape[1], bool)
    for begin, end in excluded:
        is_excluded[begin:end] = True
    return Lead(given, sampling_rate, signal, r_peak, classes, is_excluded)


def windows_of(lead: Lead) -> np.ndarray:
    """The window of each beat as the graph cuts it, float32 (beats, window)."""
    rate = tf.constant(lead.sampling_rate_hz, tf.float32)
    return beat_windows(tf.constant(lead.signal), tf.constant(lead.given), rate, tf.constant(lead.r_peak)).numpy()[0, :-1]


def aligned_to_detector(of_one: Sequence[Lead], detector: keras.Model) -> list[Lead]:
    """The leads with each beat at the peak that the detector finds within 150 ms in the first lead; others are dropped."""
    peaks = r_peaks(detector(of_one[0].signal[..., None], training=False)[..., 0], ALIGNMENT_THRESHOLD).numpy()
    reference, at = match(of_one[0].r_peak, peaks, WINDOW_S * SAMPLING_RATE_HZ)
    return [replace(lead, r_peak=peaks[at], classes=lead.classes[reference]) for lead in of_one]


def versions(beats: Beats, rng: np.random.Generator) -> list[Beats]:
    """The beats of a recording and, if it has S beats enough, a second version with fewer normal ones."""
    return [beats, with_fewer_normal_beats(beats, rng)] if (beats.classes == S).sum() >= LEAST_S_BEATS else [beats]


def beats_of(leads: Sequence[Lead]) -> Beats:
    """The beats of a recording, from all its leads."""
    return Beats(np.stack([windows_of(lead) for lead in leads]), leads[0].r_peak, leads[0].classes)


def with_fewer_normal_beats(beats: Beats, rng: np.random.Generator) -> Beats:
    """The same beats with a random share of the normal ones removed; each that is kept keeps its shape and its RR interval.

    Few patients have more supraventricular beats than normal ones: without such examples the network takes the most frequent
    beat for the normal one.
    """
    kept = (beats.classes != N) | (rng.random(len(beats.classes)) < rng.uniform(*NORMAL_KEPT))
    rr = np.diff(beats.r_peak, prepend=beats.r_peak[0] - SAMPLING_RATE_HZ)
    return Beats(beats.window[:, kept], np.cumsum(rr[kept]), beats.classes[kept])
