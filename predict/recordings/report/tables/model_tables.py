"""What was assumed of a recording, and what the model that annotated it is worth, by its own file."""

from xml.etree.ElementTree import Element

import numpy as np

from predict.recordings.report.findings import Findings
from predict.recordings.report.tables.html_table import table
from predict.recordings.report.wording import Wording
from server.models.contract import AnnotationContract

SENSITIVITY, PREDICTIVITY = "_sensitivity", "_positive_predictivity"  # ends of the names of a contract's metrics


def assumed(findings: Findings, content: str, words: Wording) -> Element:
    """Lead, gain, rate, model; `content` is the digest of what was read."""
    signal, contract = findings.signal, findings.contract
    low, high = (float(edge(signal.millivolts)) for edge in (np.nanmin, np.nanmax))
    rows = [
        ("lead", signal.lead, words("lead_is", lead=contract.lead or words("no_value"))),
        ("gain", words("gain_value", low=words.number(low, 2), high=words.number(high, 2)), words("gain_is")),
        ("rate", f"{signal.sampling_rate_hz:g} Hz", words("rate_is")),
        ("model", contract.version, words("model_is", created=contract.created[:10])),
        ("content", content[:12], words("content_is")),
    ]
    head = [words(name) for name in ("what", "value", "definition")]
    return table(words("assumed"), head, [(words(name), value, said) for name, value, said in rows], "defined")


def worth(contract: AnnotationContract, words: Wording) -> Element:
    """The metrics in the model's own file: of beats and classes, then of each database's rhythms."""
    metrics = contract.metrics
    names = [name.removesuffix(SENSITIVITY) for name in metrics if name.endswith(SENSITIVITY)]
    rows = [
        (_figure(name, words), *(words.percent(metrics.get(name + end), 2) for end in (SENSITIVITY, PREDICTIVITY)))
        for name in names
        if metrics[name + SENSITIVITY] is not None
    ]
    return table(words("good"), [words(name) for name in ("what", "sensitivity", "predictivity")], rows, "figures")


def _figure(name: str, words: Wording) -> str:
    """What a metric is of: `detection`, a class, or a rhythm behind the name of a database."""
    database, _, rhythm = name.rpartition("_")
    if not database:
        return words.known("figure", name)
    return words("figure_rhythm", rhythm=words.known("rhythm", rhythm), name=database)
