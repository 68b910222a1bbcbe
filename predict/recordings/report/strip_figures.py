"""The strips of a report: which are drawn, and what is said over each."""

from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element

import numpy as np

from predict.recordings.report.drawing import strip
from predict.recordings.report.drawing.axes import clock
from predict.recordings.report.drawing.elements import element
from predict.recordings.report.findings import Findings, Numbers
from predict.recordings.report.wording import Wording
from server.models.report.structure import Strip

BEFORE_S, BEHIND_S = 0.5, 2.0  # a strip shows what begins so far within it: it is not drawn twice


def drawn(numbers: Numbers) -> list[list[Strip]]:
    """The strips that are drawn, in their order, each with others that show the same seconds."""
    groups: list[list[Strip]] = []
    for one in numbers.strips:
        shown = next((group for group in groups if _shows(group[0], one)), None)
        if shown is None:
            groups.append([one])
        else:
            shown.append(one)
    return groups


def _shows(strip: Strip, other: Strip) -> bool:
    return strip.start_s + BEFORE_S <= other.at_s <= strip.end_s - BEHIND_S


def figures(findings: Findings, groups: Sequence[Sequence[Strip]], words: Wording) -> Iterator[Element]:
    """A figure for each strip that is drawn: what it shows, when, and the ten seconds to scale."""
    for first, *others in groups:
        said = ", ".join(_name(one, findings, words) for one in (first, *others))
        start, end = clock(first.start_s), clock(first.end_s)
        when = words("from_to", start=start, end=end)
        caption = element("figcaption", element("strong", said[0].upper() + said[1:]), f", {when}")
        seen = words("strip_said", kind=said, start=start, end=end, classes=_counted(findings, first) or words("strip_none"))
        drawing = strip.draw(findings, first.start_s, seen)
        yield element("figure", caption, element("div", drawing, class_="wide", tabindex="0", role="group", aria_label=said))


def onsets_not_drawn(numbers: Numbers) -> list[float]:
    """Where episodes of AF begin that have no strip, s: of very many the longest have one."""
    shown = {one.at_s for one in numbers.strips}
    return [one.start_s for one in (numbers.af.episodes if numbers.af else ()) if one.start_s not in shown]


def _name(one: Strip, findings: Findings, words: Wording) -> str:
    """What a strip shows; of a beat the model was not sure of, what it says of it."""
    beats = findings.annotation.beats
    i = int(np.abs(beats.sample - one.at_s * findings.signal.sampling_rate_hz).argmin()) if len(beats.sample) else None
    if one.kind != "least sure" or i is None:
        return words(f"strip {one.kind}")
    named = findings.contract.classes[beats.predicted_class[i]]
    return words(f"strip {one.kind}", **{"class": named, "probability": words.number(float(beats.probability[i]), 2)})


def _counted(findings: Findings, one: Strip) -> str:
    """How many beats of each class the strip has: 11 N, 1 V."""
    beats, rate = findings.annotation.beats, findings.signal.sampling_rate_hz
    inside = slice(*np.searchsorted(beats.sample, [one.start_s * rate, one.end_s * rate]))
    counts = np.bincount(beats.predicted_class[inside], minlength=len(findings.contract.classes))
    return ", ".join(f"{count} {name}" for count, name in zip(counts, findings.contract.classes, strict=True) if count)
