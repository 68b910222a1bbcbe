"""The answers of a file come in parts: each is put into place whole, and the file once all its parts are there."""

import hashlib
import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
from pyarrow import csv, parquet

from predict.rows.answers import answer, require_free
from predict.rows.archive import BadArchive, open_archive
from server.models.classifier import Model

UNANSWERED = b"unanswered"


class Part(NamedTuple):
    """The rows of a file from `first` up to `last`, as its archive counts them, and where their answers go."""

    source: str
    first: int
    last: int
    answers: str
    size: int

    @property
    def is_done(self) -> bool:
        """Whether they are there."""
        return os.path.exists(self.answers)


class Task:
    """One file to answer.

    source, target  the file, and the file of its answers
    parts           what there is to do, done or not
    """

    def __init__(self, source: Path, target: Path, model: Model) -> None:
        """Raises BadArchive if the file cannot be answered by this model."""
        archive = open_archive(source, model.contract.features)
        require_free(source, archive.keys, model.contract.classes)
        if target.suffix == ".csv" and archive.nested:
            raise BadArchive(f"{source}: expected an output that ends with .parquet, CSV cannot hold {archive.nested[0]}")
        self.source, self.target = source, target
        self._fingerprint = _fingerprint(source, model)
        self._folder = target.with_name(f".{target.name}.parts")
        self._mark = target.with_name(f".{target.name}.done")
        self.parts = self._parts(archive.ranges())

    @property
    def is_done(self) -> bool:
        """Whether the target holds the answers of this model to this very file."""
        return self.target.exists() and self._mark.exists() and self._mark.read_text() == self._fingerprint

    def begin(self) -> None:
        """Make room; parts that another model or an older file left behind are no longer wanted."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for path in self._folder.iterdir():
            if not path.name.startswith(self._fingerprint):
                path.unlink()

    def finish(self) -> tuple[int, int]:
        """Put the parts together; how many rows there are, and how many of them have no answer."""
        draft = self.target.with_name(f".{self.target.name}.draft")
        rows, unanswered = _join([Path(part.answers) for part in self.parts], draft, self.target.suffix)
        if not rows:
            raise BadArchive(f"{self.source}: expected rows, there are none")
        os.replace(draft, self.target)
        self._mark.write_text(self._fingerprint)
        shutil.rmtree(self._folder)
        return rows, unanswered

    def _parts(self, ranges: list[tuple[int, int]]) -> list[Part]:
        names = [f"{self._fingerprint}-{first:015}-{last:015}.arrow" for first, last in ranges]
        share = self.source.stat().st_size / max((last for _, last in ranges), default=1)
        return [
            Part(str(self.source), first, last, str(self._folder / name), round((last - first) * share))
            for name, (first, last) in zip(names, ranges, strict=True)
        ]


def work(part: Part, model: Model) -> None:
    """Answer the rows of a part; raises BadArchive for what is no row. Whoever does it again does the same."""
    archive = open_archive(Path(part.source), model.contract.features)
    answered = list(answer(archive.batches(part.first, part.last), model))
    rows = pa.Table.from_batches([rows for rows, _ in answered]) if answered else pa.table({})
    unanswered = sum(count for _, count in answered)
    rows = rows.replace_schema_metadata({UNANSWERED: str(unanswered)})
    draft = f"{part.answers}.{uuid.uuid4().hex}"
    with pa.ipc.new_file(draft, rows.schema) as file:
        file.write_table(rows)
    os.replace(draft, part.answers)


def _join(parts: list[Path], draft: Path, suffix: str) -> tuple[int, int]:
    """Row group after row group into the file `draft`; rows, and those without an answer."""
    rows = unanswered = 0
    writer: Any = None
    for table in _tables(parts):
        rows, unanswered = rows + table.num_rows, unanswered + int(table.schema.metadata[UNANSWERED])
        table = table.replace_schema_metadata()
        writer = writer or _writer(draft, table.schema, suffix)
        writer.write_table(table)
    if writer:
        writer.close()
    return rows, unanswered


def _tables(parts: list[Path]) -> Iterator[pa.Table]:
    return (table for path in parts if (table := pa.ipc.open_file(pa.memory_map(str(path))).read_all()).num_rows)


def _writer(draft: Path, schema: pa.Schema, suffix: str) -> Any:
    if suffix == ".csv":
        return csv.CSVWriter(draft, schema, write_options=csv.WriteOptions(quoting_style="needed"))
    texts = [field.name for field in schema if pa.types.is_string(field.type)]
    return parquet.ParquetWriter(draft, schema, use_dictionary=texts)


def _fingerprint(source: Path, model: Model) -> str:
    """Of the file as it is now and the model: parts of others are not put together with these."""
    state = source.stat()
    return hashlib.sha256(f"{source.name} {state.st_size} {state.st_mtime_ns} {model.digest}".encode()).hexdigest()[:16]
