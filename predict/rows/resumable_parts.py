"""The answers of a file in parts, each written whole, and joined once all are there: a run that was cut off is resumed.

Beside `answers.csv` stand `.answers.csv.parts/`, until the parts are joined, and `.answers.csv.done`, which says of which
file and model the answers are.
"""

import hashlib
import json
import os
import shutil
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from predict.rows.answers import UNANSWERED, AnswerFile, answer, require_free, write_part
from predict.rows.archive import Archive, BadArchive
from predict.rows.file_pairs import open_archive
from server.models.classifier import Classifier


class Part(NamedTuple):
    """The rows of a file from `first` up to `last`, as its archive counts them, and where their answers go."""

    source: str
    first: int
    last: int
    answers: str
    size: int

    @property
    def is_done(self) -> bool:
        """Whether the answers are there."""
        return os.path.exists(self.answers)


class Task:
    """One file to answer.

    source, target  the file, and the file of its answers
    parts           what there is to do, done or not
    """

    def __init__(self, source: Path, target: Path, model: Classifier) -> None:
        """Raises BadArchive if the file cannot be answered by this model."""
        archive = open_archive(source, model.contract.features)
        require_free(source, archive.keys, model.contract.classes)
        if target.suffix == ".csv" and archive.nested:
            raise BadArchive(f"{source}: expected an output that ends with .parquet, CSV cannot hold {archive.nested[0]}")
        self.source, self.target = source, target
        self._fingerprint = _fingerprint(source, model)
        self._folder = target.with_name(f".{target.name}.parts")
        self._mark = target.with_name(f".{target.name}.done")
        self._draft = target.with_name(f".{target.name}.draft")
        self._joined, self._next = AnswerFile(self._draft, target.suffix), 0
        self.parts = self._parts(archive.ranges())

    @property
    def is_done(self) -> bool:
        """Whether the target holds the answers of this model to this very file as it is now."""
        return self._marked() == self._state(self._fingerprint)

    def require_own_target(self) -> None:
        """Raises BadArchive if a file that is not of answers to this source would be replaced."""
        if self.target.exists() and self.target.stat().st_size and self._marked().get("source") != _digest(str(self.source)):
            raise BadArchive(
                f"{self.target}: holds something other than answers to {self.source}, expected another OUTPUT, or delete it first"
            )

    def prepare(self) -> None:
        """Make the folder of the parts, without parts that another model or an older file left behind."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for path in self._folder.iterdir():
            if not path.name.startswith(self._fingerprint):
                path.unlink()
        self._write_mark(fingerprint=None)

    def join_ahead(self) -> None:
        """Join the parts that are done, up to the first that is not: beside others that are being answered."""
        try:
            while self._next < len(self.parts) and self.parts[self._next].is_done:
                self._joined.append(self.parts[self._next].answers)
                self._next += 1
        except (pa.ArrowException, UnicodeError) as error:
            raise BadArchive(
                f"{self.target}: expected answers that can be joined, delete {self._folder} and run again"
            ) from error

    def join(self) -> tuple[int, int]:
        """Write the target from its parts, all done; how many rows there are, and how many of them have no answer."""
        self.join_ahead()
        self._joined.close()
        if not self._joined.rows:
            raise BadArchive(f"{self.source}: expected rows, there are none")
        os.replace(self._draft, self.target)
        self._write_mark(self._fingerprint)
        shutil.rmtree(self._folder)
        return self._joined.rows, self._joined.unanswered

    def discard_draft(self) -> None:
        """Delete what was joined, if it is not the target by now; the parts stay."""
        self._joined.close()
        self._draft.unlink(missing_ok=True)

    def _parts(self, ranges: list[tuple[int, int]]) -> list[Part]:
        names = [f"{self._fingerprint}-{first:015}-{last:015}.arrow" for first, last in ranges]
        share = self.source.stat().st_size / max((last for _, last in ranges), default=1)
        return [
            Part(str(self.source), first, last, str(self._folder / name), round((last - first) * share))
            for name, (first, last) in zip(names, ranges, strict=True)
        ]

    def _state(self, fingerprint: str | None) -> dict[str, Any]:
        """What the mark says: whose answers the target holds, and how many bytes; without a fingerprint they are not whole."""
        size = self.target.stat().st_size if self.target.exists() else None
        return {"source": _digest(str(self.source)), "fingerprint": fingerprint, "bytes": size}

    def _marked(self) -> dict[str, Any]:
        try:
            found = json.loads(self._mark.read_bytes())
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def _write_mark(self, fingerprint: str | None) -> None:
        draft = self._mark.with_name(f"{self._mark.name}.draft")
        draft.write_text(json.dumps(self._state(fingerprint)))
        os.replace(draft, self._mark)


def answer_part(part: Part, model: Classifier) -> str:
    """Answer the rows of a part: "", or the sentence on why that cannot be. Whoever does it again does the same."""
    try:
        archive = _open(part.source, _fingerprint(Path(part.source), model), model.contract.features)
        answered = list(answer(archive.batches(part.first, part.last), model))
        rows = pa.Table.from_batches([rows for rows, _ in answered]) if answered else pa.table({})
        unanswered = sum(count for _, count in answered)
        write_part(rows.replace_schema_metadata({UNANSWERED: str(unanswered)}), part.answers)
    except BadArchive as error:
        return str(error)
    except (pa.ArrowException, UnicodeError):
        return f"{part.source}: expected rows that can be read, those from {part.first} to {part.last} cannot"
    except OSError as error:
        return f"{part.answers}: {error.strerror or error}"
    return ""


@lru_cache(maxsize=4)
def _open(source: str, fingerprint: str, features: tuple[str, ...]) -> Archive:
    """The file as it is now, by its fingerprint: opened once for its many parts, for what is at its end may be long."""
    return open_archive(Path(source), features)


def _fingerprint(source: Path, model: Classifier) -> str:
    """Of the file as it is now and the model: parts of others are not joined with these.

    A change of the content changes the time of the last change of status, which no program can set back; so gigabytes
    need not be read only to see that nothing has changed.
    """
    state = source.stat()
    return _digest(f"{source} {state.st_size} {state.st_mtime_ns} {state.st_ctime_ns} {model.digest}")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()[:16]
