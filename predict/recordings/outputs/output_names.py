"""Names for the answers to recordings: decided for all before anything is written, no two alike, each telling its file.

A file's own name without its ending where that is unique; else with its ending, else with as many of its folders as tell
the files apart: `ecg`, `ecg-edf`, `ward1-ecg`. None ends as the table of another's rhythms does, or is that of the summary. The
answers to single leads gain the lead's name, as in `ecg.II`.
"""

import hashlib
import os
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from predict.recordings.signal import BadRecording

LONGEST = 180  # bytes; file systems take 255, of which endings, a lead's name and a digest have their share
LONGEST_LEAD = 24
SUMMARY = "summary"  # of summary.csv, a line a recording
RHYTHM_ENDING = ".rhythm"  # of the table NAME.rhythm.csv, beside NAME.csv
_NOT_OF_LEADS = re.compile(r"[^A-Za-z0-9_+-]+")  # no letter that a file system minds
_OF_WFDB = re.compile(r"[A-Za-z0-9_-]+")  # what WFDB allows in the name of a record


def targets(
    places: Sequence[tuple[Path, Path]],
    holder: Callable[[Path, Path], str | None],
    of_leads: Mapping[Path, Sequence[str]] = MappingProxyType({}),
) -> list[Path]:
    """The path of each recording's answers without an ending, all of them different.

    places    for each recording its file, and the folder that its answers go to
    holder    is given such a path and the recording's file: the name of another file whose answers are there, or None
    of_leads  for a file whose leads are answered too what their names end with, see `lead_endings`: these have to be free as well

    Raises BadRecording if there is no name that is free.
    """
    groups: dict[str, list[tuple[Path, Path]]] = {}
    for file, folder in places:
        groups.setdefault(_compared(folder / stem(file)), []).append((file, folder))
    found: dict[tuple[Path, Path], Path] = {}
    taken: set[str] = set()
    for group in sorted(groups.values(), key=len):
        names = _names(group, taken, holder, of_leads)
        taken |= {_compared(name) for name, _ in _with_leads(group, names, of_leads)}
        found |= zip(group, names, strict=True)
    return [found[pair] for pair in places]


def stem(file: Path) -> str:
    """A file's name without its ending."""
    return file.name.removesuffix(".gz").rpartition(".")[0] or file.name


def wfdb_name(name: str) -> str:
    """The name as WFDB allows it for a record: itself, or its allowed letters and a digest that tells it from others alike."""
    return name if _OF_WFDB.fullmatch(name) else f"{'-'.join(_OF_WFDB.findall(name)) or 'record'}-{_digest(name)}"


def lead_endings(leads: Sequence[str]) -> list[str]:
    """What the names of the answers to each lead end with, all different: `.II`; numbered where letters had to be left out."""
    names = [_NOT_OF_LEADS.sub("-", lead).strip("-")[:LONGEST_LEAD] for lead in leads]
    compared = {name.casefold() for name in names} - {"", RHYTHM_ENDING[1:]}
    if len(compared) < len(names):
        names = [f"{name}-{number}".lstrip("-") for number, name in enumerate(names, 1)]
    return [f".{name}" for name in names]


def of_lead(target: Path, ending: str) -> Path:
    """The path of the answers to one lead, without an ending."""
    return target.with_name(target.name + ending)


def _with_leads(
    group: Sequence[tuple[Path, Path]], names: Sequence[Path], of_leads: Mapping[Path, Sequence[str]]
) -> Iterator[tuple[Path, Path]]:
    """Every path that files of these names go to, each with the recording's file."""
    for (file, _), name in zip(group, names, strict=True):
        yield from ((of_lead(name, ending), file) for ending in ("", *of_leads.get(file, ())))


def _names(
    group: Sequence[tuple[Path, Path]],
    taken: set[str],
    holder: Callable[[Path, Path], str | None],
    of_leads: Mapping[Path, Sequence[str]],
) -> list[Path]:
    """Of files whose names are alike, the shortest that differ and are free."""
    files = [file for file, _ in group]
    held = {holder(folder / stem(file), file) for file, folder in group}
    endings = [file.name[len(stem(file)) :].lower() for file in files]
    by_ending = len(set(endings)) == len(group) and not held & {file.name for file in files}
    for candidate in _candidates(files, endings if by_ending else None):
        names = [folder / _short(name) for (_, folder), name in zip(group, candidate, strict=True)]
        whole = list(_with_leads(group, names, of_leads))
        free = len({_compared(name) for name, _ in whole} - taken) == len(whole)
        free &= not any(_compared(name).endswith(RHYTHM_ENDING) or name.name.casefold() == SUMMARY for name, _ in whole)
        if free and not any(holder(name, file) for name, file in whole):
            return names
    raise BadRecording(f"{files[0]}: every name for its answers is taken by those to other files: expected another OUTPUT")


def _candidates(files: Sequence[Path], endings: Sequence[str] | None) -> Iterator[list[str]]:
    folders = [Path(os.path.realpath(file)).parent.parts[1:] for file in files]
    for depth in range(1 + max(map(len, folders))):
        names = [
            "-".join([*folder[max(0, len(folder) - depth) :], stem(file)]) for file, folder in zip(files, folders, strict=True)
        ]
        yield names
        if endings:
            yield [name + ending.replace(".", "-") for name, ending in zip(names, endings, strict=True)]
    yield [f"{stem(file)}-{_digest(os.path.realpath(file))}" for file in files]


def _compared(path: Path) -> str:
    """As file systems compare names that do not tell capital letters or the ways to write an accent."""
    return unicodedata.normalize("NFC", str(path)).casefold()


def _short(name: str) -> str:
    whole = name.encode(errors="surrogateescape")
    return name if len(whole) <= LONGEST else f"{whole[:LONGEST].decode(errors='ignore')}-{_digest(name)}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()[:8]
