"""XML as a tree, read safely: entities are refused, nothing outside the file is opened, size and depth have limits."""

from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from predict.recordings.file_kind import whole_file
from predict.recordings.signal import BadRecording

DEEPEST = 100  # elements within each other


class _Refused(Exception):
    """What a recording has no use for, and an attack has."""


def read_tree(path: Path) -> Element:
    """The root of a document; names of elements and attributes are without namespaces and prefixes. Raises BadRecording."""
    try:
        return _parse(whole_file(path))
    except expat.ExpatError as error:
        raise BadRecording(f"{path}: expected XML, it is cut off or damaged in line {error.lineno}") from error
    except _Refused as error:
        raise BadRecording(f"{path}: expected XML without entities, no deeper than {DEEPEST} elements") from error


def text_of(parent: Element, path: str) -> str:
    """The text of the element at a path, without blanks around it; empty where there is none."""
    return (parent.findtext(path) or "").strip()


def number_of(parent: Element, path: str) -> float | None:
    """The number at a path; None where there is none."""
    try:
        return float(text_of(parent, path))
    except ValueError:
        return None


def _parse(content: bytes) -> Element:
    parser, builder, open_elements = expat.ParserCreate(), TreeBuilder(), [0]

    def start(name: str, attributes: dict[str, str]) -> None:
        open_elements[0] += 1
        if open_elements[0] > DEEPEST:
            raise _Refused
        builder.start(_local(name), {_local(key): value for key, value in attributes.items()})

    def end(name: str) -> None:
        open_elements[0] -= 1
        builder.end(_local(name))

    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, builder.data
    parser.EntityDeclHandler = _refuse  # without a declaration there is no entity, none of another file either
    parser.Parse(content, True)
    return builder.close()


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _refuse(*_: Any) -> None:
    raise _Refused
