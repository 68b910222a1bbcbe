"""The French README says what the English one says: the same commands, the same tables, the same numbers."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ENGLISH, FRENCH = ((ROOT / name).read_text() for name in ("README.md", "README.fr.md"))
ITSELF = {"README.md", "README.fr.md", "#the-page", "#la-page"}


def blocks(text: str) -> list[str]:
    """Everything between fences: commands, their answers, programs, the tree."""
    return re.findall(r"```(.*?)```", text, re.DOTALL)


def prose(text: str) -> str:
    """What is not between fences."""
    return re.sub(r"```.*?```", "", text, flags=re.DOTALL)


def rows(text: str) -> list[list[str]]:
    """The cells of every line of a table."""
    return [line.strip("| ").split(" | ") for line in prose(text).splitlines() if line.startswith("|")]


def test_it_shows_the_same_commands() -> None:
    """And the same answers, to the letter."""
    assert blocks(FRENCH) == blocks(ENGLISH)


def test_its_tables_have_the_same_lines() -> None:
    """Named alike in the first column; with as many cells, and the same numbers."""
    english, french = rows(ENGLISH), rows(FRENCH)

    assert [line[0] for line in french] == [line[0] for line in english]
    assert [len(line) for line in french] == [len(line) for line in english]
    for one, other in zip(english, french, strict=True):
        measured = [cell for cell in one[1:] if re.fullmatch(r"[\d.]+", cell)]
        assert [cell for cell in other[1:] if re.fullmatch(r"[\d.]+", cell)] == measured, other


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


@pytest.mark.parametrize("text", [ENGLISH, FRENCH], ids=["English", "French"])
def test_the_pictures_are_there_and_small(text) -> None:
    """Four states of the page, each below 150 kB."""
    pictures = re.findall(r"!\[[^\]]+\]\((docs/page-[^)]+\.png)\)", text)

    assert len(set(pictures)) == 4
    assert all((ROOT / picture).stat().st_size < 150_000 for picture in pictures)
