"""Records from files: CSV with or without a header, or the UCR text format; gzipped or not."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from train.errors import BadRecords
from train.rows.data.identifiers import Choices
from train.rows.data.records import Groups, Records, in_order, require_rows
from train.rows.data.table import Table, read_table

LEAST_ROWS, LEAST_ROWS_OFFICIAL = 5, 2  # of a class, to be in every part of the split


def read(paths: Sequence[Path], test: Path | None = None, choices: Choices | None = None) -> Records:
    """Read the files one after another, and `test` as their official test half where there is one.

    Raises BadRecords, with one sentence that names the file, if one cannot be used or they do not belong together.
    """
    choices = choices or Choices()
    table = read_table(paths[0], choices)
    for path in paths[1:]:
        table = _joined(table, read_table(path, choices))
    if test is None:
        return _records(table, None)
    half = read_table(test, choices)
    if unknown := sorted(set(half.labels) - set(table.labels)):
        raise BadRecords(f"{test}: class {unknown[0]} is not in {paths[0]}, expected only classes that can be learned")
    is_test = np.repeat([False, True], [len(table.labels), len(half.labels)])
    return _records(_joined(table, half), is_test)


def _joined(first: Table, second: Table) -> Table:
    """The rows of both; raises BadRecords unless their columns are the same."""
    path, other = second.files[0], first.files[0]
    if second.names != first.names:
        raise BadRecords(f"{path}: expected the same {len(first.names)} features as in {other}, by name and order")
    if (first.groups and first.groups.column) != (second.groups and second.groups.column):
        raise BadRecords(
            f"{path}: expected the column that keeps rows together to be the same as in {other}; name it with --group"
        )
    if second.digests[0] in first.digests:
        raise BadRecords(f"{path}: the same as another of the files, expected each once")
    return replace(
        first,
        files=(*first.files, path),
        digests=(*first.digests, *second.digests),
        features=np.concatenate([first.features, second.features]),
        labels=np.concatenate([first.labels, second.labels]),
        groups=first.groups and second.groups and _concatenated(first.groups, second.groups),
        left_out=tuple(dict.fromkeys((*first.left_out, *second.left_out))),
        notes=tuple(dict.fromkeys((*first.notes, *second.notes))),
    )


def _concatenated(first: Groups, second: Groups) -> Groups:
    """Rows with the same value belong together, whichever file they are in."""
    return replace(first, of_row=np.concatenate([first.of_row, second.of_row]))


def _records(table: Table, official_test: np.ndarray | None) -> Records:
    try:
        classes = in_order(set(table.labels))
        labels = pd.Categorical(table.labels, categories=list(classes)).codes.astype(np.int32)
        if official_test is None:
            require_rows(labels, classes, LEAST_ROWS, "", table.taken)
        else:
            require_rows(labels[~official_test], classes, LEAST_ROWS_OFFICIAL, " outside the test file", table.taken)
    except BadRecords as error:
        raise BadRecords(f"{', '.join(map(str, table.files))}: {error}") from error
    digest = table.digests[0] if len(table.digests) == 1 else hashlib.sha256("".join(table.digests).encode()).hexdigest()
    return Records(
        name=" + ".join(path.name for path in table.files),
        digest=digest,
        features=table.features,
        labels=labels,
        classes=classes,
        feature_names=table.names,
        groups=table.groups,
        official_test=official_test,
        left_out=table.left_out,
        notes=table.notes,
    )
