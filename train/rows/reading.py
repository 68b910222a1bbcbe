"""Records from a file: CSV with or without a header, or the UCR text format; gzipped or not."""

import gzip
import hashlib
import io
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from train.rows.bad_cells import first_fault
from train.rows.columns import Layout, layout
from train.rows.records import BadRecords, Records, in_order, require_rows


@dataclass(frozen=True)
class Table:
    """One file: float32 features (rows, n), their names, and a word a row for label and patient."""

    digest: str
    names: tuple[str, ...]
    features: np.ndarray
    labels: np.ndarray
    patients: np.ndarray | None


def read(path: Path, test: Path | None = None, label: str | None = None) -> Records:
    """Read `path`, and `test` as its official test half where there is one.

    Raises BadRecords, with one sentence that names the file, if either cannot be used.
    """
    table = _table(path, label)
    if test is None:
        return _records(path.name, table)
    half = _table(test, label)
    if half.names != table.names:
        raise BadRecords(f"{test}: expected the same {len(table.names)} features as in {path}, by name and order")
    if unknown := sorted(set(half.labels) - set(table.labels)):
        raise BadRecords(f"{test}: class {unknown[0]} is not in {path}, expected only classes that can be learned")
    is_test = np.repeat([False, True], [len(table.labels), len(half.labels)])
    return _records(f"{path.name} + {test.name}", _joined(table, half), is_test)


def _joined(table: Table, half: Table) -> Table:
    digest = hashlib.sha256(f"{table.digest}{half.digest}".encode()).hexdigest()
    patients = None
    if table.patients is not None and half.patients is not None:
        patients = np.concatenate([table.patients, half.patients])
    features = np.concatenate([table.features, half.features])
    return Table(digest, table.names, features, np.concatenate([table.labels, half.labels]), patients)


def _records(name: str, table: Table, official_test: np.ndarray | None = None) -> Records:
    classes = in_order(set(table.labels))
    labels = pd.Categorical(table.labels, categories=list(classes)).codes.astype(np.int32)
    training = labels if official_test is None else labels[~official_test]
    require_rows(training, classes, *((5, "") if official_test is None else (2, " outside the test file")))
    return Records(name, table.digest, table.features, labels, classes, table.names, table.patients, official_test)


def _table(path: Path, label: str | None) -> Table:
    try:
        data = path.read_bytes()
        text = _text(data)
        found = layout(text.split("\n", 1)[0].strip(), label)
        return _columns(_frame(text, found), found, text, hashlib.sha256(data).hexdigest())
    except FileNotFoundError as error:
        raise BadRecords(f"{path}: no such file") from error
    except OSError as error:
        raise BadRecords(f"{path}: cannot be read ({error.strerror or error})") from error
    except BadRecords as error:
        raise BadRecords(f"{path}: {error}") from error


def _text(data: bytes) -> str:
    try:
        text = (gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data).decode("utf-8-sig").lstrip()
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise BadRecords("the gzip file is damaged") from error
    except UnicodeDecodeError as error:
        raise BadRecords("not a text file, expected CSV or white-space separated numbers in UTF-8") from error
    if not text:
        raise BadRecords("the file is empty")
    return text


def _frame(text: str, found: Layout) -> pd.DataFrame:
    separator = "," if found.separator == "," else r"\s+"
    try:
        frame = pd.read_csv(
            io.StringIO(text), sep=separator, header=None, skiprows=int(found.header), keep_default_na=False, low_memory=False
        )
    except pd.errors.EmptyDataError as error:
        raise BadRecords("there is a header but no row below it") from error
    except pd.errors.ParserError as error:
        raise first_fault(text, found) from error
    if frame.shape[1] != len(found.columns):
        raise first_fault(text, found)
    return frame


def _columns(frame: pd.DataFrame, found: Layout, text: str, digest: str) -> Table:
    numbers = frame.iloc[:, list(found.features)]
    with np.errstate(over="ignore"):
        clean = all(dtype.kind in "iuf" for dtype in numbers.dtypes)
        features = numbers.to_numpy(np.float32) if clean else None
    labels = _words(frame.iloc[:, found.label])
    if features is None or not np.isfinite(features).all() or "" in labels:
        raise first_fault(text, found)
    patients = None if found.patient is None else _words(frame.iloc[:, found.patient])
    return Table(digest, tuple(found.columns[i] for i in found.features), features, labels, patients)


def _words(column: pd.Series) -> np.ndarray:
    """Labels as words, shape (rows,); 1, 1.0 and 1.0000000e+00 are one word."""
    if column.dtype.kind == "f":
        return np.array(["" if np.isnan(value) else f"{value:.12g}" for value in column], dtype=object)
    return column.astype(str).str.strip().to_numpy(dtype=object)
