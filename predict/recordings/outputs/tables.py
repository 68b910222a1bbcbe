"""The tables of answers: a row a beat, a row an episode of rhythm or an unreadable stretch, and a row a recording."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
import pandas as pd

from predict.recordings.outputs.stretches import Stretch
from predict.recordings.report.findings import Numbers
from predict.recordings.signal import Signal
from server.models.annotator import Beats

BEAT_COLUMNS = ("sample", "time_s", "predicted_class", "class", "probability")
SUMMARY_COLUMNS = ("answers", "lead", "duration_s", "readable_share")


def beat_table(signal: Signal, beats: Beats, classes: tuple[str, ...]) -> pd.DataFrame:
    """A row a beat: times to 0.1 ms and probabilities to six digits, as text, which pandas writes sooner."""
    named = np.array(classes)[beats.predicted_class]
    seconds = _text(np.round(beats.sample / signal.sampling_rate_hz, 4), digits=12)
    values = (beats.sample, seconds, beats.predicted_class, named, _text(beats.probability))
    columns = dict(zip(BEAT_COLUMNS, values, strict=True))
    return pd.DataFrame(columns | {f"probability_{name}": _text(beats.probabilities[:, i]) for i, name in enumerate(classes)})


def _text(numbers: np.ndarray, digits: int = 6) -> list[str]:
    return [*map(f"{{:.{digits}g}}".format, numbers.tolist())]


def rhythm_table(found: Sequence[Stretch]) -> pd.DataFrame:
    """A row a stretch; the probability of what is unreadable is missing."""
    return pd.DataFrame(found, columns=list(Stretch._fields))


def summary_row(answers: str, numbers: Numbers) -> dict[str, str | float | None]:
    """The row of a recording, whose answers lie at this path without an ending; what there is none of is None."""
    known = (answers, numbers.lead, numbers.duration_s, numbers.readable_share)
    rate, pauses, af, found = numbers.heart_rate, numbers.pauses, numbers.af, numbers.variability
    row = dict(zip(SUMMARY_COLUMNS, known, strict=True)) | {"beats": sum(numbers.beats.values())}
    row |= {f"{name}_bpm": getattr(rate, f"{name}_bpm", None) for name in ("mean", "lowest", "highest")}
    for letter, ectopic in (("s", numbers.supraventricular), ("v", numbers.ventricular)):
        row |= {f"{letter}_{name}": getattr(ectopic, name, None) for name in ("beats", "share", "couplets", "runs")}
        row[f"{letter}_longest_run_beats"] = ectopic.longest_run.beats if ectopic and ectopic.longest_run else None
    return row | {
        "pauses": pauses.count if pauses else None,
        "longest_pause_s": pauses.longest[0].rr_s if pauses and pauses.longest else None,
        "af_share": af.share if af else None,
        "af_episodes": len(af.episodes) if af else None,
        "sdnn_ms": found.sdnn_ms,
        "rmssd_ms": found.rmssd_ms,
        "warnings": "; ".join(numbers.warnings),
    }


def is_answer(path: Path) -> bool:
    """Whether a CSV file is one of these tables, and so no recording."""
    with suppress(OSError), path.open("rb") as file:
        head = file.read(64).decode("latin-1")
        return head.startswith(tuple(map(",".join, (BEAT_COLUMNS, Stretch._fields, SUMMARY_COLUMNS))))
    return False
