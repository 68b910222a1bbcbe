"""One file of rows as arrays: pandas reads it, what it cannot read is reported by row and column."""

import hashlib
import io
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from train.errors import BadRecords
from train.rows.data.bad_cells import LARGEST, NO_LABEL, first_bad_cell
from train.rows.data.columns import MISSING, Layout, layout
from train.rows.data.identifiers import Choices, Roles, require_features, roles
from train.rows.data.records import Groups
from train.rows.data.text_file import text_of


@dataclass(frozen=True)
class Table:
    """The rows of a file, or of several with the same columns.

    files     their paths
    digests   their SHA-256
    features  float32, shape (rows, n), columns as `names`
    labels    a word a row, shape (rows,)
    taken     which column was taken for the label and why; where it has no name, what the other end of the rows looks like
    """

    files: tuple[Path, ...]
    digests: tuple[str, ...]
    names: tuple[str, ...]
    features: np.ndarray
    labels: np.ndarray
    groups: Groups | None
    left_out: tuple[str, ...]
    notes: tuple[str, ...]
    taken: str


def read_table(path: Path, choices: Choices) -> Table:
    """Read `path`; raises BadRecords, with one sentence that names the file, if it cannot be used."""
    try:
        data = path.read_bytes()
        text = text_of(data)
        found = layout(text, choices.label)
        return _table(path, hashlib.sha256(data).hexdigest(), found, roles(found, choices), text)
    except FileNotFoundError as error:
        raise BadRecords(f"{path}: no such file") from error
    except IsADirectoryError as error:
        raise BadRecords(
            f"{path}: a folder, expected files of rows; folders of recordings are read with --task annotation"
        ) from error
    except OSError as error:
        raise BadRecords(f"{path}: cannot be read ({error.strerror or error})") from error
    except BadRecords as error:
        raise BadRecords(f"{path}: {error}") from error


def _table(path: Path, digest: str, found: Layout, given: Roles, text: str) -> Table:
    frame = _frame(text, found, given)
    numbers = frame.iloc[:, list(given.features)]
    labels = _words(frame.iloc[:, found.label])
    groups = [_identifiers(frame.iloc[:, i]) for i in given.groups]
    clean = all(dtype.kind in "iuf" for dtype in numbers.dtypes)
    values = numbers.to_numpy(np.float64) if clean else np.full((1, 1), np.nan)
    unknown = any("" in words for words in (labels, *groups))
    names = [found.columns[i] for i in given.features]
    taken, not_sure = _taken(frame, found, given, labels)
    if unknown or not (np.abs(values) <= LARGEST).all():
        raise first_bad_cell(text, found, given)
    unique = require_features({found.columns[i]: frame[i] for i in given.features if i not in given.kept})
    chosen = min(range(len(groups)), key=lambda n: len(set(groups[n])), default=None)
    others = {*given.left_out, *given.groups} - ({given.groups[chosen]} if chosen is not None else set())
    return Table(
        (path,),
        (digest,),
        tuple(names),
        values.astype(np.float32),
        labels,
        None if chosen is None else Groups(groups[chosen], given.kind, found.columns[given.groups[chosen]]),
        tuple(found.columns[i] for i in sorted(others)),
        (*(_note(name) for name in unique), *([taken] if not found.is_sure and (found.header or not_sure) else [])),
        taken,
    )


def _taken(frame: pd.DataFrame, found: Layout, given: Roles, labels: np.ndarray) -> tuple[str, bool]:
    """Which column was taken for the label, and whether the one at the other end of the rows may be it as well."""
    other = 0 if found.label else len(found.columns) - 1
    if found.is_sure or other not in given.features:
        return found.taken, False
    count = len(set(_words(frame.iloc[:, other])))
    name = found.columns[other] if found.header else other + 1
    sentence = f"{found.taken} (the other end holds {count} different values; if that is the label, add --label {name})"
    return sentence, 1 < count <= len(set(labels))


def _note(name: str) -> str:
    return f"column {name} holds another whole number in every row; if that is the row's number, leave it out with --drop {name}"


def _frame(text: str, found: Layout, given: Roles) -> pd.DataFrame:
    """All columns; those that are neither features nor label as they stand in the file."""
    as_text = {i: str for i in range(len(found.columns)) if i not in (found.label, *given.features)}
    try:
        frame = pd.read_csv(
            io.StringIO(text),
            sep=r"\s+" if found.separator == " " else found.separator,
            decimal=found.decimal,
            header=None,
            index_col=False,
            skiprows=found.skip,
            keep_default_na=False,
            low_memory=False,
            dtype=as_text,
        )
    except pd.errors.EmptyDataError as error:
        raise BadRecords("there is a header but no row below it") from error
    except (pd.errors.ParserError, OverflowError, ValueError) as error:
        raise first_bad_cell(text, found, given) from error
    if frame.shape[1] != len(found.columns):
        raise first_bad_cell(text, found, given)
    return frame


def _words(column: pd.Series) -> np.ndarray:
    """Labels as words, shape (rows,), "" where one is missing; 1, 1.0 and 1.0000000e+00 are one word."""
    if column.dtype.kind == "f":
        return np.array(["" if np.isnan(value) else f"{value:.12g}" for value in column], dtype=object)
    words = column.astype(str).str.strip()
    return words.where(~words.str.casefold().isin(NO_LABEL), "").to_numpy(dtype=object)


def _identifiers(column: pd.Series) -> np.ndarray:
    """Whose row each is, shape (rows,), "" where it is missing; 7, 7.0 and 007 are one, so that no patient is taken for two."""
    words = column.fillna("").astype(str).str.strip()
    words = words.where(~words.str.casefold().isin(MISSING), "")
    return np.array([re.sub(r"^0+(?=\d)|(?<=\d)\.0+$", "", word) for word in words], dtype=object)
