"""What the documents name is there: links, headings, pictures, files, tests."""

import itertools
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted(
    path
    for pattern in ("*.md", "docs/*.md", "bench/*.md", "embed/*.md", "artifacts/*.md", "deploy/*/*.md")
    for path in ROOT.glob(pattern)
)
LINK = re.compile(r"\]\(([^)\s]+)\)")
IN_CODE = re.compile(r"`((?:[\w.-]+/)+[\w.-]+\.(?:py|js|mjs|json|yaml|yml|md|onnx|txt|conf))`")
TESTS = re.compile(r"(?<![\w/])tests/[\w/]+\.py\b")
# Written by training and export, or the user's own.
NOT_COMMITTED = re.compile(r"artifacts/ecg\.|artifacts/example\.json|artifacts/report/|ecg5000/")


def slug(heading: str) -> str:
    """The anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def prose(document: Path) -> str:
    """A document without what is between fences."""
    return re.sub(r"```.*?```", "", document.read_text(), flags=re.DOTALL)


def anchors(document: Path) -> set[str]:
    """The anchors of all headings of a document."""
    return {slug(heading) for heading in re.findall(r"(?m)^#+ (.+)$", prose(document))}


@pytest.mark.parametrize("document", DOCUMENTS, ids=[str(path.relative_to(ROOT)) for path in DOCUMENTS])
def test_what_a_document_links_to_is_there(document) -> None:
    """Files and folders, and headings within documents; other sites are not asked."""
    for link in LINK.findall(prose(document)):
        name, _, anchor = link.partition("#")
        if ":" in name:
            continue
        target = (document.parent / name).resolve() if name else document
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("document", DOCUMENTS, ids=[str(path.relative_to(ROOT)) for path in DOCUMENTS])
def test_files_that_a_document_names_are_there(document) -> None:
    """From the root or from beside the document."""
    text = document.read_text()
    for name in [*IN_CODE.findall(prose(document)), *TESTS.findall(text)]:
        assert NOT_COMMITTED.match(name) or (ROOT / name).exists() or (document.parent / name).exists(), name


@pytest.mark.parametrize("document", DOCUMENTS, ids=[str(path.relative_to(ROOT)) for path in DOCUMENTS])
def test_a_document_has_one_title_and_no_level_is_left_out(document) -> None:
    """The title first, then headings at most one level deeper than the one before."""
    levels = [len(marks) for marks in re.findall(r"(?m)^(#+) ", prose(document))]

    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


@pytest.mark.parametrize("document", DOCUMENTS, ids=[str(path.relative_to(ROOT)) for path in DOCUMENTS])
def test_tables_are_whole(document) -> None:
    """Each line has as many cells as the head of its table, or it would be cut when it is shown."""
    for table in re.findall(r"(?m)(?:^\|.*\n)+", prose(document)):
        cells = [len(re.sub(r"\\\||`[^`]*`", "", line).strip().strip("|").split("|")) for line in table.splitlines()]

        assert set(cells) == {cells[0]}, table
        assert re.fullmatch(r"[|: -]+", table.splitlines()[1]), table


def test_every_promise_names_a_test_that_is_there() -> None:
    """Each line of the table in docs/trust.md links to at least one; a link that names a function names one of that file."""
    text = (ROOT / "docs/trust.md").read_text()
    table = text.partition("| promise |")[2].partition("\n\n")[0].splitlines()[2:]

    assert len(table) >= 19
    for line in table:
        tests = re.findall(r"\[([\w ]+)\]\((\.\./tests/[^)]+\.py)\)", line)
        assert tests, line
        for name, path in tests:
            assert name.replace(" ", "_") in (ROOT / "docs" / path).read_text() or name == Path(path).stem, (name, path)


def test_pictures_are_small() -> None:
    """Below 150 kB each, and every one of docs/ is shown by a document."""
    shown = {name for document in DOCUMENTS for name in re.findall(r"!\[[^\]]+\]\(([^)]+\.png)\)", document.read_text())}

    for picture in ROOT.glob("docs/*.png"):
        assert picture.stat().st_size < 150_000, picture
        assert {picture.name, f"docs/{picture.name}"} & shown, picture
