"""Columns that identify patients, records or rows, recognised by name and by values: never features.

A network that is given a patient's number learns the label of that patient (leakage).
"""

import re
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from train.errors import BadRecords
from train.rows.data.columns import Layout, listed

Kind = Literal["patient", "record", "counter"]

OF = r"(?:id|no|nr|num|numero|code|name|nom|the|my|anon|anonymi[sz]ed|pseudo|deid|deidentified|hashed|unique|study|ecg|ekg)*"
NUMBER = r"(?:id|ids|idx|no|nr|num|number|name|code|key|index|uid|uuid|guid|hash|identifier|ref|path)"
# Of several, the first in this order identifies the patient.
PATIENT = (
    "patients?",
    "subjects?|subj|sujet",
    "persons?|participants?|probands?|individuals?|volunteers?",
    "mrn",
    "pid",
    "cases?",
)
PATIENT_WITH_NUMBER = r"pat|pt|sub|user|client|donor|animal"
RECORD = r"records?|recordings?|files?|path|study|session|encounter|admission|hadm|id|uid|uuid|guid"
RECORD_WITH_NUMBER = r"rec|ecg|ekg|exam|examination|trace|tracing|strip|visit|adm|stay|holter|series|signal"
COUNTER = r"row|index|idx|no|nr|number|unnamed\d*|level\d|rownames?"
COUNTER_WITH_NUMBER = r"row|line|sample|beat|segment|window|epoch|item|entry|instance|obs|observation"

LEAST_ROWS = 20  # of fewer, chance alone puts many columns in order
LARGEST_EXACT = 2**24  # up to which float32 tells whole numbers apart


@dataclass(frozen=True)
class Choices:
    """What the caller says about columns, by name in any case.

    label  the label column
    group  the column whose equal values are rows that stay together
    drop   columns that are neither features nor anything else
    keep   columns that are features, whatever they look like
    """

    label: str | None = None
    group: str | None = None
    drop: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()


@dataclass(frozen=True)
class Roles:
    """What each column is for, by index.

    features  what the network sees
    groups    identifiers of which one keeps rows together: the one that has the fewest values
    kind      what they identify: "patient", "record", or "group" where the caller named it
    left_out  all other columns
    kept      features whose values are not looked at
    """

    features: tuple[int, ...]
    groups: tuple[int, ...]
    kind: str
    left_out: tuple[int, ...]
    kept: frozenset[int]


def kind_of_name(name: str) -> Kind | None:
    """What a column identifies by its name; case, blanks and punctuation do not matter."""
    word = re.sub(r"[\W_]+", "", name).casefold()
    patterns: tuple[tuple[Kind, str, str], ...] = (
        ("patient", "|".join(PATIENT), PATIENT_WITH_NUMBER),
        ("record", RECORD, RECORD_WITH_NUMBER),
        ("counter", COUNTER, COUNTER_WITH_NUMBER),
    )
    for kind, alone, numbered in patterns:
        if re.fullmatch(f"{OF}(?:(?:{alone}){NUMBER}?|(?:{numbered}){NUMBER}|id(?:{numbered}))(?:lr|hr)?", word):
            return kind
    return None


def roles(layout: Layout, choices: Choices) -> Roles:
    """Share out the columns; raises BadRecords where the choices name a column that is not there, or one for two things."""
    group = [layout.index(choices.group)] if choices.group else []
    drop, keep = ([layout.index(name) for name in names] for names in (choices.drop, choices.keep))
    named = [layout.label, *group, *drop, *keep]
    if len(set(named)) < len(named):
        raise BadRecords("one column was named for two things, expected --label, --group, --drop and --keep to differ")
    kinds = {i: kind_of_name(name) for i, name in enumerate(layout.columns) if i not in named}
    identifiers = [i for i, kind in kinds.items() if kind in ("patient", "record")]
    patients = sorted((i for i in identifiers if kinds[i] == "patient"), key=lambda i: _rank(layout.columns[i]))
    groups = group or patients[:1] or identifiers
    features = tuple(i for i in range(len(layout.columns)) if (i not in (*named, *groups) and not kinds[i]) or i in keep)
    nameless = [layout.columns[i] for i in features if re.fullmatch(r"column \d+", layout.columns[i]) and i not in keep]
    if nameless and layout.header:
        raise BadRecords(
            f'{nameless[0]} has no name (a row number written along?): leave it out with --drop "{nameless[0]}", or name it'
        )
    if not features:
        raise BadRecords("the header names no feature, expected at least one column beside the label")
    left_out = tuple(i for i in range(len(layout.columns)) if i not in (layout.label, *groups, *features))
    kind = "group" if group else "patient" if patients else "record"
    return Roles(features, tuple(groups), kind, left_out, frozenset(keep))


def _rank(name: str) -> int:
    """The lower, the more surely a name means the patient."""
    word = re.sub(r"[\W_]+", "", name).casefold()
    return next((rank for rank, words in enumerate(PATIENT) if re.search(words, word)), len(PATIENT))


def require_features(columns: dict[str, pd.Series]) -> list[str]:
    """Refuse columns, in the order of the file, that number the rows; return the names of those that may.

    Those may of which each row has another whole number, unless most columns are like that.
    """
    running = [name for name, column in columns.items() if _is_running(column)]
    if running:
        raise BadRecords(
            f"{_look_like(running)} a running number, a time or the number of a patient, not a feature; say --group NAME if rows "
            "with the same value belong together, --drop NAME to leave it out, --keep NAME if it is a feature"
        )
    unique = [name for name, column in columns.items() if len(column) >= LEAST_ROWS and _is_whole(column) and column.is_unique]
    return unique if len(unique) <= len(columns) / 2 else []


def _look_like(names: list[str]) -> str:
    return f"column {names[0]} looks like" if len(names) == 1 else f"columns {listed(names)} look like"


def _is_whole(column: pd.Series) -> bool:
    """Whether all are whole numbers; large ones only where they are written as such, for 1.5e+20 is one too."""
    return column.dtype.kind in "iu" or bool(((column % 1 == 0) & (column.abs() < LARGEST_EXACT)).all())


def _is_running(column: pd.Series) -> bool:
    """Whether values only ever grow (or fall), count up again and again, or are all whole numbers of a range in some order."""
    values = column.to_numpy(np.float64)
    step, levels = np.diff(values), len(np.unique(values))
    if len(values) < LEAST_ROWS or levels < 3:
        return False
    whole = _is_whole(column)
    if ((step >= 0).all() or (step <= 0).all()) and (whole or levels == len(values)):
        return True
    counts_up = ((step == 1) | (values[1:] == values.min())).all() and (step == 1).mean() > 0.5
    spread = values.max() - values.min()
    shuffled = levels == len(values) and not 2 * len(values) <= spread <= LARGEST_EXACT
    return bool(whole and (counts_up or shuffled))
