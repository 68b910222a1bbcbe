"""The answers to rows, beside their keys: computed range by range, written part by part, joined into one file."""

import os
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from pyarrow import csv, parquet

from predict.rows.archive import BadArchive, Batch
from server.models.classifier import Classifier

UNANSWERED = b"unanswered"  # the key of the number of rows without an answer in the metadata of a part
OUTPUTS = ("predicted_class", "probability", "probabilities")


class Answered(NamedTuple):
    """Some rows with their answers, and how many of them have none: a value was missing, not finite, or far too large."""

    rows: pa.RecordBatch
    unanswered: int


def columns(classes: Sequence[str]) -> list[str]:
    """Names of the columns that are added."""
    return ["predicted_class", "class", "probability", *(f"probability_{name}" for name in classes)]


def require_free(path: Path, keys: Sequence[str], classes: Sequence[str]) -> None:
    """Raises BadArchive if a key is named as an answer is."""
    taken = sorted(set(keys) & set(columns(classes)))
    if taken:
        raise BadArchive(f"{path}: expected no column {taken[0]!r}: that is where an answer goes")


def answer(batches: Iterator[Batch], model: Classifier) -> Iterator[Answered]:
    """Class, its name, its probability and that of each class, for every row; null where a row is not all finite or too large."""
    names = pa.array(model.contract.classes)
    for keys, features in batches:
        runs = [(_unusable(rows), *model.run(OUTPUTS, rows)) for rows in features]
        bad, predicted, probability, each = (np.concatenate(parts) for parts in zip(*runs, strict=True))
        bad |= ~np.isfinite(probability)  # The sums of very large numbers are none.
        mask = bad if bad.any() else None
        predicted_class = pa.array(predicted, mask=mask)
        added = [predicted_class, names.take(predicted_class), pa.array(probability, mask=mask)]
        added += [pa.array(column, mask=mask) for column in np.ascontiguousarray(each.T)]
        table = pa.RecordBatch.from_arrays([*keys.values(), *added], [*keys, *columns(model.contract.classes)])
        yield Answered(table, int(bad.sum()))


def _unusable(rows: np.ndarray) -> np.ndarray:
    """Which rows are not all finite, bool (rows,)."""
    finite = np.isfinite(rows)
    return np.zeros(len(rows), bool) if finite.all() else ~finite.all(axis=1)


def write_part(rows: pa.Table, path: str) -> None:
    """Write answers to the file `path`, which is whole as soon as it is there."""
    draft = Path(f"{path}.{uuid.uuid4().hex}")
    try:
        with pa.ipc.new_file(draft, rows.schema) as file:
            file.write_table(rows)
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


class AnswerFile:
    """A file of answers that grows part by part, a row group each.

    rows, unanswered  how many rows there are by now, and how many of them have no answer
    """

    def __init__(self, path: Path, suffix: str) -> None:
        """`suffix` says what is written, CSV or Parquet."""
        self.rows = self.unanswered = 0
        self._path, self._suffix = path, suffix
        self._writer: Any = None

    def append(self, part: str) -> None:
        """Write the rows of the file `part`; raises ArrowException and OSError."""
        table = pa.ipc.open_file(pa.memory_map(part)).read_all()
        if not table.num_rows:
            return
        self.rows, self.unanswered = self.rows + table.num_rows, self.unanswered + int(table.schema.metadata[UNANSWERED])
        table = table.replace_schema_metadata()
        self._writer = self._writer or _writer(self._path, table.schema, self._suffix)
        self._writer.write_table(table)

    def close(self) -> None:
        """Write the file's end; done twice, it is done once."""
        if self._writer:
            self._writer.close()


def _writer(draft: Path, schema: pa.Schema, suffix: str) -> Any:
    if suffix == ".csv":
        return csv.CSVWriter(draft, schema, write_options=csv.WriteOptions(quoting_style="needed"))
    texts = [field.name for field in schema if pa.types.is_string(field.type)]
    return parquet.ParquetWriter(draft, schema, use_dictionary=texts)
