"""HL7 aECG files, as in the implementation guide of 2005: sequence sets of a time and some leads."""

import re
from typing import Any

import numpy as np
from drawing import BEATS_WITH_HOLE, DAMAGED, HOLE_S, RecordingFile, counts, writer

AECG = "HL7 aECG (XML): several stretches of time, any prefix, origin and scale"
BROKEN = "HL7 aECG (XML): cut off, with entities or without a rhythm"
RATE_HZ, UNIT_MV = 500, 0.0025
HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<!-- <RestingECG> of Jane Doe -->
<AnnotatedECG xmlns="urn:hl7-org:v3" xmlns:voc="urn:hl7-org:v3/voc" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<componentOf><timepointEvent><componentOf><subjectAssignment><subject><trialSubject><subjectDemographicPerson>
<name>Jane Doe</name><birthTime value="19500101"/></subjectDemographicPerson></trialSubject></subject></subjectAssignment>
</componentOf></timepointEvent></componentOf>"""
LEADS = {"I": 0.5, "II": 1.0, "AVR": -0.75}
INCREMENT = '<increment value="{step}" unit="{unit}"/></value>'
ABSOLUTE = '<code code="TIME_ABSOLUTE"/><value xsi:type="GLIST_TS"><head value="{start}"/>' + INCREMENT
RELATIVE = '<code code="TIME_RELATIVE"/><value xsi:type="GLIST_PQ"><head value="{start}" unit="s"/>' + INCREMENT
CODE = '<code code="MDC_ECG_LEAD_{name}" codeSystem="2.16.840.1.113883.6.24"/>'


def _sequence(content: str) -> str:
    return f"<component><sequence>{content}</sequence></component>"


def _lead(name: str, digits: np.ndarray, scale: str, unit: str, origin: str) -> str:
    numbers = " ".join(map(str, digits))
    values = f'<origin value="{origin}" unit="{unit}"/><scale value="{scale}" unit="{unit}"/><digits>{numbers}</digits>'
    return _sequence(f'{CODE.format(name=name)}<value xsi:type="SLIST_PQ">{values}</value>')


def _set(
    start: str = "20021122091000.000", part: slice = slice(None), time: str = ABSOLUTE, step: str = "0.002", step_unit: str = "s",
    scale: str = "2.5", unit: str = "uV", origin: str = "0", shift: int = 0,
) -> str:  # fmt: skip
    """A sequence set: its time, and the leads from and to a sample."""
    drawn = [_lead(name, counts(RATE_HZ, UNIT_MV, share)[part] - shift, scale, unit, origin) for name, share in LEADS.items()]
    times = _sequence(time.format(start=start, step=step, unit=step_unit))
    return f"<component><sequenceSet>{times}{''.join(drawn)}</sequenceSet></component>"


def _series(*sets: str, code: str = "RHYTHM", derived: str = "") -> str:
    return f'<component><series><code code="{code}"/>{"".join(sets)}{derived}</series></component>'


def _document(*series: str, head: str = HEAD) -> str:
    return f"{head}{''.join(series)}</AnnotatedECG>\n"


def _prefixed(document: str) -> str:
    return re.sub(r"<(/?)(?=[A-Za-z])", r"<\1hl7:", document).replace("xmlns=", "xmlns:hl7=")


def _file(id: str, row: str, content: str | bytes, name: str = "r.xml", **right: Any) -> RecordingFile:
    told = {"lead": "II", "sampling_rate_hz": RATE_HZ, "refused_on_page": DAMAGED if "refused" in right else ""} | right
    return RecordingFile(f"aecg-{id}", row, writer({name: content}), **told)


def _millivolts() -> np.ndarray:
    return counts(RATE_HZ, UNIT_MV) * UNIT_MV


def _with_hole() -> np.ndarray:
    values = _millivolts()
    values[BEGIN:END] = np.nan
    return values


EXACT = {"millivolts": _millivolts}
HOLED = {"millivolts": _with_hole, "beats": BEATS_WITH_HOLE}
BEGIN, END = (round(second * RATE_HZ) for second in HOLE_S)
BEAT = _series(_set(part=slice(600)), code="REPRESENTATIVE_BEAT")
DERIVED = f'<derivation><derivedSeries><code code="REPRESENTATIVE_BEAT"/>{_set(part=slice(600))}</derivedSeries></derivation>'
LATER = _set("20021122091004.700", slice(END, None))
EXPANSION = '<?xml version="1.0"?><!DOCTYPE AnnotatedECG [<!ENTITY a "Jane"><!ENTITY b "&a;&a;">]><AnnotatedECG>&b;'
EXTERNAL = '<?xml version="1.0"?><!DOCTYPE AnnotatedECG [<!ENTITY a SYSTEM "file:///etc/passwd">]><AnnotatedECG>&a;'
AECG_FILES = (
    _file("plain", AECG, _document(_series(_set())), **EXACT),
    _file("augmented", AECG, _document(_series(_set())), lead="avr", lead_read="aVR",
          millivolts=lambda: counts(RATE_HZ, UNIT_MV, LEADS["AVR"]) * UNIT_MV),
    _file("millivolts", AECG, _document(_series(_set(scale="0.0025", unit="mV", step="2", step_unit="ms"))), **EXACT),
    _file("origin", AECG, _document(_series(_set(origin="250", shift=100))), **EXACT),
    _file("relative", AECG, _document(_series(_set("0", time=RELATIVE))), **EXACT),
    _file("prefixed", AECG, _prefixed(_document(_series(_set()))), **EXACT),
    _file("utf-16", AECG, _document(_series(_set())).replace("UTF-8", "UTF-16").encode("utf-16"), **EXACT),
    _file("median-beats", AECG, _document(BEAT, _series(_set(), derived=DERIVED)), "r", **EXACT),
    _file("two-series", AECG, _document(_series(_set(part=slice(2000))), _series(_set())), notes=("of 2 series",), **EXACT),
    _file("gap", AECG, _document(_series(_set(part=slice(BEGIN)), LATER)), **HOLED),
    _file("out-of-order", AECG, _document(_series(LATER, _set(part=slice(BEGIN)))), **HOLED),
    _file("overlapping", BROKEN, _document(_series(_set(), LATER)), refused="one after the other"),
    _file("cut-off", BROKEN, _document(_series(_set()))[:-5000], refused="cut off"),
    _file("no-series", BROKEN, _document(), refused="series of leads"),
    _file("beats-alone", BROKEN, _document(BEAT), refused="series of leads"),
    _file("no-time", BROKEN, _document(_series(_set(time=""))), refused="sequence of time"),
    _file("no-increment", BROKEN, _document(_series(_set(step="0"))), refused="increment"),
    _file("no-scale", BROKEN, _document(_series(_set())).replace("<scale", "<other"), refused="scale"),
    _file("word-among-digits", BROKEN, _document(_series(_set())).replace("<digits>", "<digits>1O "), refused="damaged"),
    _file("pressure", BROKEN, _document(_series(_set(unit="mm[Hg]"))), refused="mm[Hg]", refused_on_page="", lead=None),
    _file("entities", BROKEN, EXPANSION + _document(_series(_set()), head=""), refused="without entities"),
    _file("external-entity", BROKEN, EXTERNAL + _document(_series(_set()), head=""), refused="without entities"),
    _file("deep", BROKEN, _document(_series(_set()), "<a>" * 1000 + "</a>" * 1000), refused="no deeper"),
)  # fmt: skip
