"""A table of HTML with heads, and one that says in each row how it is counted."""

from collections.abc import Iterable, Sequence
from xml.etree.ElementTree import Element

from predict.recordings.report.drawing.elements import element
from predict.recordings.report.wording import Wording

Row = tuple[str, ...]  # a key of the wording, its values; what is under the key with `_is` behind it is its definition


def defined(title: str, rows: Iterable[Row], words: Wording, columns: Sequence[str] = ()) -> Element:
    """A table with a definition in each row; `columns` are the heads of the values, where there are several."""
    head = [words("what"), *(columns or [words("value")]), words("definition")]
    return table(title, head, [(words(key), *values, words(f"{key}_is")) for key, *values in rows], "defined")


def table(title: str, head: Sequence[str], rows: Iterable[Sequence[str]], kind: str) -> Element:
    """A table whose first column names the rows; its kind is the style sheet's."""
    return element(
        "table",
        element("caption", title),
        element("thead", element("tr", *(element("th", name, scope="col") for name in head))),
        element("tbody", *(_row(cells) for cells in rows)),
        class_=kind,
    )


def _row(cells: Sequence[str]) -> Element:
    name, *values = cells
    return element("tr", element("th", name, scope="row"), *(element("td", value) for value in values))
