"""Names are the trade's words: of those that the project once had for itself, none names anything any more."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("server", "train", "export", "predict")

# As a part of any name. Each is a metaphor that nobody would search for.
ANYWHERE = {
    "turn": "MicroBatcher, or event loop's iteration",
    "turns": "the same",
    "exchange": "fast path",
    "bounded": "limits",
    "passage": "AccessLogMiddleware",
    "guard": "ApiKeyMiddleware",
    "room": "memory budget",
    "annotating": "AnnotatorService",
    "bulk": "time slicing",
    "drain": "graceful shutdown",
    "draining": "graceful shutdown",
    "stopping": "graceful shutdown",
    "longbody": "large body",
    "deadline": "read timeout",
    "tell": "record, report, log",
    "tells": "the same",
    "bear": "check",
    "typer": "beat classifier",
    "favour": "logit bias",
    "committee": "ensemble",
    "unsure": "excluded",
    "thinned": "with fewer normal beats",
    "snapped": "aligned to detector",
    "pictures": "plots",
}

# As a whole name only: `log_level` or `current_file` say what they mean, a bare word does not.
WHOLE = {
    "current": "hot reload",
    "watch": "watch_files",
    "level": "remove_baseline; of a log, log_level",
    "scaled": "normalise_amplitude",
    "place": "r_peak",
}

# As the whole name of a file, class or function; of a variable they are plain English.
DEFINED = {
    "service": "ClassifierService, AnnotatorService",
    "bounds": "limits",
    "block": "IoBoundClassifier",
    "together": "multiprocess, distributed",
    "shown": "page_paths",
    "operation": "operation_object",
    "curl": "curl_examples",
}

# As the verb of a function: it says what happens to what.
VERBS = {
    "rest": "pause_reading",
    "hold": "reserve",
    "take": "acquire",
    "give": "release",
}


def words(name: str) -> list[str]:
    """The words of a name in snake_case or CamelCase, in lower case."""
    return [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)]


def names(path: Path) -> Iterator[tuple[str, bool, bool]]:
    """Every name that a file gives to something, whether it is of a definition, and whether that is a function."""
    yield path.stem, True, False
    yield path.parent.name, True, False
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, True, not isinstance(node, ast.ClassDef)
        elif isinstance(node, ast.arg):
            yield node.arg, False, False
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id, False, False
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr, False, False
        elif isinstance(node, ast.alias) and node.asname:
            yield node.asname, False, False


def private_words(name: str, is_defined: bool, is_function: bool) -> Iterator[str]:
    """What is to be said instead of the words of a name that are the project's own."""
    parts = words(name)
    yield from (ANYWHERE[part] for part in parts if part in ANYWHERE)
    if len(parts) == 1:
        yield from (table[parts[0]] for table in (WHOLE, *([DEFINED] if is_defined else [])) if parts[0] in table)
    if is_function and parts and parts[0] in VERBS:
        yield VERBS[parts[0]]


@pytest.mark.parametrize("room", ROOMS)
def test_names_are_words_of_the_trade(room) -> None:
    """Of files, folders, classes, functions, arguments, variables and attributes."""
    found = {
        f"{path.relative_to(ROOT)}: {name} -> {better}"
        for path in (ROOT / room).rglob("*.py")
        for name in names(path)
        for better in private_words(*name)
    }

    assert sorted(found) == []


@pytest.mark.parametrize(
    ("name", "is_function", "is_private"),
    [
        ("Turn", False, True),
        ("_tell", True, True),
        ("is_draining", False, True),
        ("hold_body", True, True),
        ("level", False, True),
        ("log_level", False, False),
        ("return_value", False, False),
        ("acquire", True, False),
        ("MicroBatcher", False, False),
    ],
)
def test_words_of_a_name_are_found(name, is_function, is_private) -> None:
    """Whether it is written in snake_case or CamelCase, and never in the middle of another word."""
    assert bool(list(private_words(name, True, is_function))) is is_private
