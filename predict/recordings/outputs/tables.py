"""The tables of answers: a row a beat, and a row an episode of rhythm or an unreadable stretch."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
import pandas as pd

from predict.recordings.outputs.stretches import Stretch
from predict.recordings.signal import Signal
from server.models.annotator import Beats

BEAT_COLUMNS = ("sample", "time_s", "predicted_class", "class", "probability")


def beat_table(signal: Signal, beats: Beats, classes: tuple[str, ...]) -> pd.DataFrame:
    """A row a beat."""
    named = np.array(classes)[beats.predicted_class]
    seconds = np.round(beats.sample / signal.sampling_rate_hz, 4)
    values = (beats.sample, seconds, beats.predicted_class, named, beats.probability)
    columns = dict(zip(BEAT_COLUMNS, values, strict=True))
    return pd.DataFrame(columns | {f"probability_{name}": beats.probabilities[:, i] for i, name in enumerate(classes)})


def rhythm_table(found: Sequence[Stretch]) -> pd.DataFrame:
    """A row a stretch; the probability of what is unreadable is missing."""
    return pd.DataFrame(found, columns=list(Stretch._fields))


def is_answer(path: Path) -> bool:
    """Whether a CSV file is one of these tables, and so no recording."""
    with suppress(OSError), path.open("rb") as file:
        head = file.read(64).decode("latin-1")
        return head.startswith((",".join(BEAT_COLUMNS), ",".join(Stretch._fields)))
    return False
