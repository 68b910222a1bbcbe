"""The French README says what the English one says: the same commands, the same tables, the same numbers."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ENGLISH, FRENCH = ((ROOT / name).read_text() for name in ("README.md", "README.fr.md"))
# Links to the other language, and to headings.
ITSELF = {"README.md", "README.fr.md", "#what-it-is-worth", "#ce-quil-vaut"}


def blocks(text: str) -> list[str]:
    """Everything between fences: commands, their answers, programs, the tree."""
    return re.findall(r"```(.*?)```", text, re.DOTALL)


def prose(text: str) -> str:
    """What is not between fences."""
    return re.sub(r"```.*?```", "", text, flags=re.DOTALL)


def rows(text: str) -> list[list[str]]:
    """The cells of every line of a table."""
    return [line.strip("| ").split(" | ") for line in prose(text).splitlines() if line.startswith("|")]


def numbers(english: str) -> list[str]:
    """The figures of a text, thousands without a comma."""
    return re.findall(r"\d+(?:\.\d+)?", re.sub(r"(?<=\d),(?=\d{3})", "", english))


def as_in_english(french: str) -> str:
    r"""5\u202f076 and 99,91 become 5,076 and 99.91."""
    return re.sub(r"(?<=\d)\u202f(?=\d{3})", "", re.sub(r"(?<=\d),(?=\d)", ".", french))


def test_it_shows_the_same_commands() -> None:
    """And the same answers, to the letter."""
    assert blocks(FRENCH) == blocks(ENGLISH)


def test_its_tables_have_the_same_lines() -> None:
    """As many, with as many cells, the same names in code and the same numbers, those with a decimal comma in French."""
    english, french = rows(ENGLISH), rows(FRENCH)

    assert [len(line) for line in french] == [len(line) for line in english]
    for one, other in zip(english, french, strict=True):
        for cell, translated in zip(one, other, strict=True):
            assert re.findall(r"`[^`]+`", translated) == re.findall(r"`[^`]+`", cell)
            assert numbers(as_in_english(translated)) == numbers(cell), translated


@pytest.mark.parametrize(
    "pattern", [r"(?m)^#+ ", r"`[^`\n]+`", r"\]\(([^)]+)\)", r"\*\*"], ids=["heads", "code", "links", "bold"]
)
def test_it_has_the_same_parts(pattern) -> None:
    """As many headings and as much in bold, everything named in code, and the same links."""
    english, french = (
        sorted(found for found in re.findall(pattern, prose(text)) if found not in ITSELF) for text in (ENGLISH, FRENCH)
    )

    assert french == english


def test_each_paragraph_is_translated() -> None:
    """No line of prose is the same in both, and there are as many."""
    lines = [[line for line in prose(text).splitlines() if line and line[0] not in "|#"] for text in (ENGLISH, FRENCH)]

    assert len(lines[0]) == len(lines[1])
    assert set(lines[0]).isdisjoint(lines[1])


def test_each_names_the_other() -> None:
    """At the top."""
    assert "\n[Français](README.fr.md)\n" in ENGLISH[:100]
    assert "\n[English](README.md)\n" in FRENCH[:100]


def test_both_are_short() -> None:
    """A reader decides within a minute whether to stay."""
    assert len(ENGLISH.splitlines()) <= 200
    assert len(FRENCH.splitlines()) == len(ENGLISH.splitlines())
