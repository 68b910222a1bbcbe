"""HL7 aECG: annotated ECG of HL7 version 3, as FDA's submissions have it (ANSI/HL7 V3 AECG, R1-2004).

Of a file only the leads are read: never subject, trial or dates other than when a stretch begins after the first.
"""

import re
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from xml.etree.ElementTree import Element

import numpy as np

from predict.recordings.readers.xml.xml_tree import read_tree
from predict.recordings.signal import LONGEST_S, BadRecording, Channel, OpenRecording, Samples

SECONDS = {"s": 1.0, "ms": 1e-3, "us": 1e-6}
SHORTEST_S = 1e-5  # between two samples
_LEAD = re.compile(r"MDC_ECG_(?:LEAD|ELEC_POTL)_(\w+)")
_AUGMENTED = {"AVR": "aVR", "AVL": "aVL", "AVF": "aVF"}
_TIME = re.compile(r"(\d{14})(\.\d+)?([+-]\d{4})?")


class Stretch(NamedTuple):
    """A lead for a time: when it begins and the interval of its samples, in s, and the element with its digits."""

    start_s: float
    interval_s: float
    value: Element


def open_recording(path: Path) -> OpenRecording:
    """The leads of the longest series that is no representative beat; raises BadRecording."""
    all_series = read_tree(path).findall("component/series")
    rhythms = [found for series in all_series if (found := _leads(path, series)) and _code(series) != "REPRESENTATIVE_BEAT"]
    if not rhythms:
        raise BadRecording(f"{path}: expected an HL7 aECG file with a series of leads, this one has none")
    leads = max(rhythms, key=lambda found: max(map(_length_s, found.values())))
    notes = (f"of {len(rhythms)} series the longest is taken",) if len(rhythms) > 1 else ()
    channels = [Channel(name, _attribute(path, found[0].value, "scale", "unit")) for name, found in leads.items()]
    return OpenRecording(channels, lambda index: _read(path, list(leads.values())[index], notes))


def _leads(path: Path, series: Element) -> dict[str, list[Stretch]]:
    """The stretches of each lead, in the order in which they stand in the file."""
    leads: dict[str, list[Stretch]] = {}
    for sequences in series.findall("component/sequenceSet"):
        values = {_code(sequence): sequence.find("value") for sequence in sequences.findall("component/sequence")}
        start_s, interval_s = _times(path, values)
        for code, value in values.items():
            if (lead := _LEAD.fullmatch(code)) and value is not None and value.find("digits") is not None:
                leads.setdefault(_AUGMENTED.get(lead[1], lead[1]), []).append(Stretch(start_s, interval_s, value))
    return leads


def _code(coded: Element) -> str:
    code = coded.find("code")
    return "" if code is None else code.get("code", "").strip().upper()


def _times(path: Path, values: dict[str, Element | None]) -> tuple[float, float]:
    """When a set of sequences begins, and the interval of its samples, in s."""
    value = next((value for code, value in values.items() if code.startswith("TIME_")), None)
    if value is None:
        raise BadRecording(f"{path}: expected a sequence of time beside the leads, found none")
    interval_s = _number(path, value, "increment") * SECONDS.get(_attribute(path, value, "increment", "unit"), 0.0)
    if not SHORTEST_S < interval_s < 1:
        raise BadRecording(f"{path}: expected the increment of time in s, ms or us, as of an ECG")
    head = value.find("head")
    if head is None:
        return 0.0, interval_s
    if "unit" in head.attrib:
        return _number(path, value, "head") * SECONDS.get(head.attrib["unit"], 0.0), interval_s
    return _clock_s(head.get("value", "")), interval_s


def _clock_s(text: str) -> float:
    """Seconds of a time stamp like 20021122091000.000; 0 where it is none."""
    stamp = _TIME.fullmatch(text.strip())
    if stamp is None:
        return 0.0
    return datetime.strptime(stamp[1] + (stamp[3] or "+0000"), "%Y%m%d%H%M%S%z").timestamp() + float(stamp[2] or 0)


def _attribute(path: Path, value: Element, name: str, key: str) -> str:
    element = value.find(name)
    if element is None or key not in element.attrib:
        raise BadRecording(f"{path}: expected an HL7 aECG file with a {name} and its {key} in each sequence")
    return element.attrib[key].strip()


def _number(path: Path, value: Element, name: str) -> float:
    return float(_attribute(path, value, name, "value"))


def _digits(value: Element) -> np.ndarray:
    return np.array((value.findtext("digits") or "").split(), np.float64)


def _length_s(stretches: list[Stretch]) -> float:
    return sum(stretch.interval_s * len(_digits(stretch.value)) for stretch in stretches)


def _read(path: Path, stretches: list[Stretch], notes: tuple[str, ...]) -> Samples:
    """The stretches, each where it begins; nan between them."""
    stretches = sorted(stretches, key=lambda stretch: stretch.start_s)
    first_s, interval_s = stretches[0].start_s, stretches[0].interval_s
    placed, end = [], 0
    for stretch in stretches:
        begin = round((stretch.start_s - first_s) / interval_s)
        if begin < end or begin * interval_s > LONGEST_S or abs(stretch.interval_s - interval_s) > 1e-9:
            raise BadRecording(f"{path}: expected the stretches of a lead one after the other, at one sampling rate")
        values = _physical(path, stretch.value)
        placed += [np.full(begin - end, np.nan), values]
        end = begin + len(values)
    return Samples(placed, 1 / interval_s, notes)


def _physical(path: Path, value: Element) -> np.ndarray:
    """Origin + scale x digits, in the unit of the scale; float64 (samples,)."""
    origin = _number(path, value, "origin") if value.find("origin") is not None else 0.0
    if origin and _attribute(path, value, "origin", "unit") != _attribute(path, value, "scale", "unit"):
        raise BadRecording(f"{path}: expected the origin of a lead in the unit of its scale")
    return origin + _number(path, value, "scale") * _digits(value)
