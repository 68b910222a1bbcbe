"""What the leads of a recording say together.

A beat is one of all leads in which R peaks follow each other within 150 ms, the window of ANSI/AAMI EC57. A lead votes in the
seconds in which it is readable, as much as it is readable there; a beat is kept where those that found it have most of the
votes. Of two leads that disagree the more readable one is believed.
"""

from collections.abc import Sequence

import numpy as np

from server.models.annotator import READABLE, Annotation, Beats, seconds_of

WINDOW_S = 0.150
SMALLEST = 1e-9  # probability; the logarithm of 0 is none


def consensus(leads: Sequence[Annotation], samples: int, sampling_rate_hz: float) -> Annotation:
    """One annotation from those of all leads, each of so many samples at this rate; at least one lead.

    A beat lies at the middle one of its R peaks, its class has the largest mean logarithm of the leads' probabilities.
    A second is as readable as in its most readable lead, and its rhythm the mean over leads in which it is readable;
    of files of schema 1 every second is, and nothing is said of rhythm.
    """
    seconds = seconds_of(samples, sampling_rate_hz)
    readable = np.stack([np.ones(seconds, np.float32) if one.readable is None else one.readable for one in leads])
    votes = np.where(readable >= READABLE, readable, 0)
    beats = _beats([one.beats for one in leads], votes, sampling_rate_hz)
    if leads[0].readable is None:
        return Annotation(beats, None, None)
    return Annotation(beats, readable.max(axis=0), _rhythm(leads, votes > 0))


def _beats(leads: Sequence[Beats], votes: np.ndarray, sampling_rate_hz: float) -> Beats:
    """The beats that most votes (leads, seconds) are for."""
    found = Beats(*(np.concatenate(values) for values in zip(*leads, strict=True)))
    if not len(found.sample):
        return found
    order = np.argsort(found.sample, kind="stable")
    sample, lead = found.sample[order], np.repeat(np.arange(len(leads)), [len(one.sample) for one in leads])[order]
    starts = np.flatnonzero(np.diff(sample, prepend=-np.inf) > WINDOW_S * sampling_rate_hz)
    sizes = np.diff(np.r_[starts, len(sample)])
    middle = sample[starts + (sizes - 1) // 2]
    second = np.minimum((middle / sampling_rate_hz).astype(int), votes.shape[1] - 1)
    agreeing = np.add.reduceat(votes[lead, np.repeat(second, sizes)], starts)
    kept = 2 * agreeing > votes[:, second].sum(axis=0)
    logits = np.add.reduceat(np.log(np.maximum(found.probabilities[order], SMALLEST)), starts) / sizes[:, None]
    return _named(middle[kept], logits[kept])


def _named(sample: np.ndarray, logits: np.ndarray) -> Beats:
    """Beats whose probabilities have these logarithms (beats, classes), but for a factor."""
    each = np.exp(logits - logits.max(axis=1, keepdims=True))
    each = (each / each.sum(axis=1, keepdims=True)).astype(np.float32)
    return Beats(sample.astype(np.int32), each.argmax(axis=1).astype(np.int32), each.max(axis=1), each)


def _rhythm(leads: Sequence[Annotation], is_readable: np.ndarray) -> np.ndarray:
    """The mean over the leads that are readable, float32 (seconds, rhythms); over all where none is."""
    weights = np.where(is_readable.any(axis=0), is_readable, True).astype(np.float32)
    each = np.stack([one.rhythm_probabilities for one in leads if one.rhythm_probabilities is not None])
    return np.asarray((each * weights[:, :, None]).sum(axis=0) / weights.sum(axis=0)[:, None], np.float32)
