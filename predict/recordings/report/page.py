"""The report as one page of HTML: to read on a screen, to print on A4, with nothing outside itself and no script."""

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple
from xml.etree.ElementTree import Element

import numpy as np

from predict.recordings.report import strip_figures
from predict.recordings.report.drawing import hours_chart, rr_charts, trend_chart
from predict.recordings.report.drawing.axes import clock
from predict.recordings.report.drawing.elements import document, element
from predict.recordings.report.findings import Findings, Numbers
from predict.recordings.report.tables import hour_table, model_tables, number_tables
from predict.recordings.report.wording import Wording

GENERATOR, NUMBERS = "ecg report", b'{"duration_s":'  # what the page names itself, and how NAME.json begins
HEAD_BYTES = 300  # in which both stand
POLICY = "default-src 'none'; style-src 'unsafe-inline'"


class PageOptions(NamedTuple):
    """The language of the page, `en` or `fr`, and a title that may name the patient; nothing else on it does."""

    language: str = "en"
    title: str = ""

    @property
    def settings(self) -> tuple[str, str]:
        """What the page depends on; of the title its digest."""
        return self.language, hashlib.sha256(self.title.encode(errors="surrogateescape")).hexdigest()


def page(findings: Findings, numbers: Numbers, content: str, options: PageOptions) -> bytes:
    """The page; `content` is the digest of what was read, which tells on paper which recording it is."""
    words = Wording(options.language)
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="generator", content=GENERATOR),
        element("meta", http_equiv="Content-Security-Policy", content=POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", options.title or words("report")),
        element("style", Path(__file__).with_name("style.css").read_text()),
    )
    main = element(
        "main",
        *_beginning(findings, options.title, words),
        number_tables.recording(numbers, words),
        *_trend(findings, numbers, words),
        *_tables(numbers, words),
        *_intervals_and_hours(findings, numbers, words),
        *_strips(findings, numbers, words),
        *_model(findings, content, words),
    )
    return document(element("html", head, element("body", main), lang=options.language))


def is_report(path: Path) -> bool:
    """Whether a file is such a page, or the file of its numbers."""
    with suppress(OSError), path.open("rb") as file:
        head = file.read(HEAD_BYTES)
        return head.startswith(NUMBERS) or f'content="{GENERATOR}"'.encode() in head
    return False


def _beginning(findings: Findings, title: str, words: Wording) -> Iterator[Element]:
    yield element("h1", words("report"), *([f" – {title}"] if title else []))
    yield element("p", words("made_by"), class_="device")
    for warning in findings.warnings:
        yield element("p", element("strong", words("warning")), element("span", warning, lang="en"), class_="warning")
    yield element("p", words("times"))


def _tables(numbers: Numbers, words: Wording) -> Iterator[Element]:
    yield element("h2", words("numbers"))
    ectopy = number_tables.ectopy(numbers, words)
    if ectopy is not None:
        yield ectopy
    yield number_tables.pauses_and_rhythm(numbers, words)
    yield number_tables.variability(numbers, words)
    yield element("p", words("variability_is"))
    yield element("p", words("sources"))


def _trend(findings: Findings, numbers: Numbers, words: Wording) -> Iterator[Element]:
    rate = numbers.heart_rate
    said = words("trend_said", heart_rate=words.unit("bpm", rate.mean_bpm if rate else None))
    trend = trend_chart.draw_trend(numbers.trend, findings.stretches, numbers.duration_s, said, words)
    yield element("h2", words("trend"))
    yield _figure(words("trend_is", step=words.duration(numbers.trend.step_s)), trend)


def _intervals_and_hours(findings: Findings, numbers: Numbers, words: Wording) -> Iterator[Element]:
    rr_ms, nn_ms = (np.array(found, float) for found in (numbers.rr_ms, numbers.nn_ms))  # None becomes NaN
    poincare = _figure(words("poincare_is"), rr_charts.draw_poincare(rr_ms, nn_ms, words), words("poincare"))
    histogram = _figure(words("histogram_is"), rr_charts.draw_histogram(rr_ms, nn_ms, words), words("histogram"))
    yield element("h2", words("intervals"))
    yield element("div", poincare, histogram, class_="pair")
    if len(numbers.hours) > 1:
        yield element("h2", words("by_hour"))
        yield _figure(words("by_hour_is"), hours_chart.draw_hours(numbers.hours, findings.contract.classes, words))
        yield hour_table.hours(numbers, words)


def _figure(caption: str, drawn: Element, title: str = "") -> Element:
    parts = [element("strong", f"{title}. "), caption] if title else [caption]
    return element("figure", element("figcaption", *parts), element("div", drawn, class_="wide"))


def _strips(findings: Findings, numbers: Numbers, words: Wording) -> Iterator[Element]:
    yield element("h2", words("strips"), class_="strips")
    yield element("p", words("strips_is", lead=findings.signal.lead), class_="before")
    groups = strip_figures.drawn(numbers)
    yield from strip_figures.figures(findings, groups, words)
    if others := strip_figures.onsets_not_drawn(numbers):
        yield element("p", words("strips_others", count=words.number(len(others)), times=", ".join(map(clock, others))))
    if not groups:
        yield element("p", words("strips_none"))


def _model(findings: Findings, content: str, words: Wording) -> Iterator[Element]:
    learned = findings.contract.trained_on
    yield element("h2", words("basis"))
    yield model_tables.assumed(findings, content, words)
    yield model_tables.worth(findings.contract, words)
    yield element("p", words("good_is", recordings=words.number(learned.recordings), name=learned.name, by=learned.split.by))
    if learned.synthetic:
        yield element("p", words("good_synthetic"), class_="warning")
    yield element("h3", words("fails"))
    yield element("ul", *(element("li", limit) for limit in words.all("limits_")))
    yield element("p", words("made_by"), class_="device")
