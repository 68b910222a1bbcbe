"""The answers of a file in parts, each written whole, and joined once all are there: a run that was cut off is resumed.

Beside `answers.csv` stand `.answers.csv.parts/`, until the parts are joined, and `.answers.csv.done`, which says of which
file and model the answers are.
"""

import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from predict.rows.answers import UNANSWERED, answer, join_parts, require_free, write_part
from predict.rows.archive import BadArchive
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

    def join(self) -> tuple[int, int]:
        """Write the target from its parts; how many rows there are, and how many of them have no answer."""
        draft = self.target.with_name(f".{self.target.name}.draft")
        try:
            rows, unanswered = join_parts([Path(part.answers) for part in self.parts], draft, self.target.suffix)
            if not rows:
                raise BadArchive(f"{self.source}: expected rows, there are none")
            os.replace(draft, self.target)
        except (pa.ArrowException, UnicodeError) as error:
            raise BadArchive(
                f"{self.target}: expected answers that can be joined, delete {self._folder} and run again"
            ) from error
        finally:
            draft.unlink(missing_ok=True)
        self._write_mark(self._fingerprint)
        shutil.rmtree(self._folder)
        return rows, unanswered

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
        archive = open_archive(Path(part.source), model.contract.features)
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


def _fingerprint(source: Path, model: Classifier) -> str:
    """Of the file as it is now and the model: parts of others are not joined with these.

    A change of the content changes the time of the last change of status, which no program can set back; so gigabytes
    need not be read only to see that nothing has changed.
    """
    state = source.stat()
    return _digest(f"{source} {state.st_size} {state.st_mtime_ns} {state.st_ctime_ns} {model.digest}")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()[:16]
