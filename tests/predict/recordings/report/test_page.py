"""The page of a report: whole in itself, escaped, in two languages, readable by a screen reader."""

import itertools
import re
from html.parser import HTMLParser

import pytest

from predict.recordings.report.page import PageOptions, page
from server.models.report.structure import Stretch

DIGEST = "0123456789abcdef" * 4
VOID = {"meta"}


class Reader(HTMLParser):
    """Collects the elements of a page: tag, attributes, the tags that it is in, and its own text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None], tuple[str, ...], list[str]]] = []
        self.open: list[int] = []
        self.feed(text)

    def handle_starttag(self, tag, attributes) -> None:
        """Note an element."""
        self.elements.append((tag, dict(attributes), tuple(self.elements[i][0] for i in self.open), []))
        if tag not in VOID:
            self.open.append(len(self.elements) - 1)

    def handle_endtag(self, tag) -> None:
        """Each is ended, in order."""
        assert self.elements[self.open.pop()][0] == tag

    def handle_data(self, data) -> None:
        """Add a text to the element that it is in."""
        if self.open:
            self.elements[self.open[-1]][3].append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of the elements of a tag."""
        return [attributes for name, attributes, *_ in self.elements if name == tag]

    def texts(self, tag: str) -> list[str]:
        """The texts of the elements of a tag."""
        return ["".join(text) for name, _, _, text in self.elements if name == tag]


def written(said, language: str = "en", title: str = "") -> str:
    """The page of what is said."""
    return page(said, said.numbers(), DIGEST, PageOptions(language, title)).decode()


@pytest.mark.parametrize("language", ["en", "fr"])
def test_nothing_is_loaded_and_nothing_is_run(findings, language) -> None:
    """No script, no link, no picture but those drawn in it; a policy forbids the rest."""
    text = written(findings(), language)
    read = Reader(text)

    assert not {tag for tag, *_ in read.elements} & {"script", "link", "img", "iframe", "object", "a", "form"}
    assert not [name for _, attributes, *_ in read.elements for name in attributes if name in ("src", "href") or name[:2] == "on"]
    assert "url(" not in text
    assert "@import" not in text
    assert "default-src 'none'" in text


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_screen_reader_is_told_what_there_is(findings, language) -> None:
    """Headings in order, a caption and heads of rows and columns in each table, a text for each picture."""
    read = Reader(written(findings(7300.0), language))

    [html] = read.all("html")
    levels = [int(tag[1]) for tag, *_ in read.elements if re.fullmatch(r"h[1-6]", tag)]
    assert html["lang"] == language
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(level <= before + 1 for before, level in itertools.pairwise(levels))
    assert len(read.all("caption")) == len(read.all("table")) == 7
    assert {head["scope"] for head in read.all("th")} == {"col", "row"}
    pictures = read.all("svg")
    assert len(pictures) >= 6
    assert all(picture["role"] == "img" and picture["aria-label"] for picture in pictures)


def test_a_title_is_text_and_nothing_else_names_the_patient(findings) -> None:
    """Neither the file's name nor anything else; markup in a title or in a lead's name is shown, not followed."""
    said = findings(name="Jane Doe", lead="<script>x</script>")

    untitled, titled = written(said), written(said, title='<b>Ward 3 & "bed" 7</b>')

    assert "Doe" not in untitled + titled
    assert Reader(untitled).all("script") == Reader(titled).all("b") == []
    assert '<b>Ward 3 & "bed" 7</b>' in Reader(titled).texts("h1")[0]
    assert Reader(untitled).texts("h1") == ["ECG report"]
    assert DIGEST[:12] in untitled


def test_numbers_are_written_as_the_language_does(findings) -> None:
    """A comma for decimals in French, thousands apart."""
    said = findings(7300.0)

    english, french = (" ".join(Reader(written(said, language)).texts("td")) for language in ("en", "fr"))

    assert "20.00 %" in english
    assert "7,300 N" in english
    assert "20,00 %" in french


def test_the_page_says_what_the_numbers_say(findings) -> None:
    """Beats, mean heart rate, runs and fibrillation, by their rows."""
    said = findings()
    numbers = said.numbers()
    read = Reader(written(said))

    cells = [text for tag, text in ((tag, "".join(text)) for tag, _, _, text in read.elements) if tag in ("td", "th")]
    after = {name: cells[i + 1] for i, name in enumerate(cells[:-1])}
    assert after["Mean heart rate"] == f"{numbers.heart_rate.mean_bpm:.0f}/min"
    assert after["NN intervals"] == str(numbers.variability.nn_intervals)
    assert after["Atrial fibrillation or flutter"].startswith(f"{numbers.af.duration_s:.0f} s (")
    assert after["Episodes of it"] == "1"


def test_onsets_that_are_not_drawn_are_told(findings) -> None:
    """Where there are too many episodes of fibrillation for a strip each."""
    said = findings()
    numbers = said.numbers()
    numbers.af.episodes += [Stretch(3601.0, 3611.0), Stretch(3700.0, 3710.0)]

    told = page(said, numbers, DIGEST, PageOptions()).decode()

    assert "begins 2 times more, in shorter episodes, which are not drawn: at 1:00:01, 1:01:40." in told
    assert "which are not drawn" not in written(said)


def test_a_recording_that_cannot_be_read_has_a_page(unreadable) -> None:
    """It says so, warns, and draws no strip."""
    text = written(unreadable)

    assert "no beat was found in 60 s" in text
    assert "so there is none" in text
    assert "0 s (0.0 %)" in text


def test_a_model_of_schema_1_has_a_page(findings) -> None:
    """Nothing is said of rhythm and of what is readable."""
    said = findings()
    old = said._replace(annotation=said.annotation._replace(readable=None, rhythm_probabilities=None), stretches=[])

    text = written(old)

    assert "Mean heart rate" in text
    assert "fibrillation or flutter, 0:" not in text


def test_the_metrics_of_the_models_file_stand_on_the_page(findings, contract) -> None:
    """Sensitivity and positive predictivity of what was measured; a model of drawn signals is said to be one."""
    said = findings()
    drawn = contract.__class__(
        **{name: getattr(contract, name) for name in contract.__struct_fields__}
        | {"trained_on": contract.trained_on.__class__("built-in", "0", 1, 1, True, contract.trained_on.split)}
    )

    cells = Reader(written(said)).texts("td")

    for name in ("detection", "N", "S", "V"):
        for figure in ("sensitivity", "positive_predictivity"):
            assert f"{100 * contract.metrics[f'{name}_{figure}']:.2f} %" in cells
    assert "drawn signals alone" not in written(said)
    assert "drawn signals alone" in written(said._replace(contract=drawn))


def test_a_day_stays_small(findings) -> None:
    """Its pictures do not grow with the number of beats: two hours are not much larger than one."""
    short, long = (len(written(findings(seconds))) for seconds in (3600.0, 7200.0))

    assert long < 1.3 * short
