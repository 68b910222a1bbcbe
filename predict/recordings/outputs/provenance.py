"""Where answers come from: which file, read how, by which model. It stands in the picture, in a text chunk of the PNG."""

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image, UnidentifiedImageError

CHUNK = "ecg"  # the keyword of the text chunk


class Origin(NamedTuple):
    """What the answers to a recording depend on, and where it lies.

    file         name of the file
    path_digest  digest of its absolute path: folders may be named after people
    content      SHA-256 of the file, of a WFDB record with its signals
    options      lead, sampling rate and unit as they were asked for, and what the page depends on
    model        SHA-256 of the artifact
    """

    file: str
    path_digest: str
    content: str
    options: tuple[str | float | None, ...]
    model: str

    def answers_the_same(self, other: "Origin") -> bool:
        """Whether the same answers would come out."""
        return (self.content, self.options, self.model) == (other.content, other.options, other.model)

    def is_of_one_file(self, other: "Origin") -> bool:
        """Whether the file is the same: it has the same content, or lies where the other lay."""
        return self.content == other.content or self.path_digest == other.path_digest


def origin(path: Path, options: Sequence[str | float | None], model: str) -> Origin:
    """The origin of the answers to a recording as it is now; raises OSError if it cannot be read."""
    content = hashlib.sha256()
    for part in sorted(set(files_of(path))):
        with part.open("rb") as file:
            content.update(hashlib.file_digest(file, "sha256").digest())
    path_digest = hashlib.sha256(os.path.realpath(path).encode(errors="surrogateescape")).hexdigest()
    name = path.name.encode(errors="replace").decode()
    return Origin(name, path_digest, content.hexdigest(), tuple(options), model)


def chunk(origin: Origin, others: Iterator[Path]) -> dict[str, str]:
    """The text chunk for the picture beside the files `others`, whose digests it holds: so none can be of another origin."""
    return {CHUNK: json.dumps(origin._asdict() | {"others": _digests(others)})}


def read(picture: Path, others: Iterator[Path]) -> tuple[Origin | None, bool]:
    """The origin that a picture tells, if it is one of ours, and whether the files beside it are those it was written with."""
    try:
        with Image.open(picture) as opened:
            document: dict[str, Any] = json.loads(opened.info[CHUNK])
        digests = document.pop("others")
        return Origin(**document | {"options": tuple(document["options"])}), digests == _digests(others)
    except (OSError, UnidentifiedImageError, LookupError, TypeError, ValueError, SyntaxError):
        return None, False


def _digests(files: Iterator[Path]) -> list[str]:
    return [hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else "" for file in files]


def files_of(path: Path) -> Iterator[Path]:
    """The files of a recording: itself, and of a WFDB header the signals and segments that it names."""
    yield path
    if path.suffix.lower() != ".hea":
        return
    for line in path.read_text("latin-1").splitlines()[1:]:
        name = line.split(maxsplit=1)[0] if line.strip() and not line.startswith("#") else ""
        if name and (path.parent / name).is_file():
            yield path.parent / name
        elif name and (segment := path.parent / f"{name}.hea").is_file() and segment.name != path.name:
            yield from files_of(segment)
