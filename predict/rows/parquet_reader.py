"""Parquet: a column a feature, of any numbers, or one column `features` of lists."""

import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import compute, parquet

from predict.rows.archive import RUN_ROWS, BadArchive, Batch, key_columns, split

BATCH_BYTES = 2**24  # of features
RANGE_ROWS = 65_536
LISTS = "features"


class ParquetFile:
    """A row group is the least that can be read alone."""

    def __init__(self, path: Path, features: Sequence[str]) -> None:
        self.path = path
        self._features = list(features)
        self._metadata = None
        with self._open() as file:
            schema, self._metadata = file.schema_arrow, file.metadata
            groups = [file.metadata.row_group(number).num_rows for number in range(file.metadata.num_row_groups)]
        self._starts = [0, *np.cumsum(groups, dtype=int).tolist()]
        self._lists = LISTS in schema.names and LISTS not in features and _is_list(schema.field(LISTS).type)
        self.keys = [name for name in schema.names if name != LISTS] if self._lists else key_columns(path, schema.names, features)
        self.nested = [name for name in self.keys if pa.types.is_nested(schema.field(name).type)]
        self._require_numbers(schema)

    def ranges(self) -> list[tuple[int, int]]:
        """Rows, cut between row groups where enough have come together."""
        cuts = [0]
        for start in self._starts[1:]:
            if start - cuts[-1] >= RANGE_ROWS or start == self._starts[-1]:
                cuts.append(start)
        return [(first, last) for first, last in itertools.pairwise(cuts) if last > first]

    def batches(self, first: int, last: int) -> Iterator[Batch]:
        """The rows from `first` up to `last`."""
        groups = range(self._starts.index(first), self._starts.index(last))
        columns = [*self.keys, *([LISTS] if self._lists else self._features)]
        with self._open() as file:
            try:
                for batch in file.iter_batches(self._batch_rows, row_groups=list(groups), columns=columns, use_threads=False):
                    yield self._rows(batch)
            except (pa.ArrowException, OSError, UnicodeError) as error:
                raise BadArchive(f"{self.path}: expected Parquet, rows {first} to {last} cannot be read") from error

    @property
    def _batch_rows(self) -> int:
        """About BATCH_BYTES, and 16 rows: columns that lie a power of two apart would share lines of the processor's cache."""
        return max(1, BATCH_BYTES // (4 * len(self._features)) // RUN_ROWS) * RUN_ROWS + 16

    def _rows(self, batch: pa.RecordBatch) -> Batch:
        if self._lists:
            matrix = self._matrix(batch.column(LISTS))
            slices = (matrix[first : first + RUN_ROWS] for first in range(0, len(matrix), RUN_ROWS))
            return Batch({name: batch.column(name) for name in self.keys}, slices)
        kinds = [batch.column(name).type for name in self._features]
        if any(kind != pa.float32() for kind in kinds):
            fields = [(name, batch.column(name).type if name in self.keys else pa.float32()) for name in batch.schema.names]
            batch = batch.cast(pa.schema(fields), safe=False)
        return split(batch, self.keys, self._features)

    def _matrix(self, lists: pa.Array) -> np.ndarray:
        """Float32 (rows, n) of a column of lists, a row without a list all NaN."""
        n = len(self._features)
        if not compute.all(compute.equal(compute.list_value_length(lists), n)).as_py() and lists.null_count < len(lists):
            raise BadArchive(f"{self.path}: expected lists of {n} numbers in the column {LISTS}, some are not")
        values = lists.flatten().to_numpy(zero_copy_only=False).astype(np.float32, copy=False).reshape(-1, n)
        if not lists.null_count:
            return np.ascontiguousarray(values)
        matrix = np.full((len(lists), n), np.nan, np.float32)
        matrix[lists.is_valid().to_numpy(zero_copy_only=False)] = values
        return matrix

    def _require_numbers(self, schema: pa.Schema) -> None:
        for name in [LISTS] if self._lists else self._features:
            kind = schema.field(name).type.value_type if self._lists else schema.field(name).type
            if not (pa.types.is_floating(kind) or pa.types.is_integer(kind)):
                raise BadArchive(f"{self.path}: expected numbers in the column {name}, it holds {kind}")

    def _open(self) -> parquet.ParquetFile:
        try:
            return parquet.ParquetFile(self.path, memory_map=True, metadata=self._metadata)
        except (pa.ArrowException, OSError, UnicodeError) as error:
            raise BadArchive(f"{self.path}: expected Parquet, it cannot be read") from error


def _is_list(kind: pa.DataType) -> bool:
    return pa.types.is_fixed_size_list(kind) or pa.types.is_list(kind) or pa.types.is_large_list(kind)
