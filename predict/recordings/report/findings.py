"""All that is said of one recording, and its numbers as NAME.json holds them."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from predict.recordings.outputs.stretches import UNREADABLE, Stretch
from predict.recordings.signal import Signal
from server.models.annotator import Annotation
from server.models.contract import AnnotationContract
from server.models.report.report import report
from server.models.report.structure import Report
from server.models.rhythm import Episode


class Numbers(Report, kw_only=True):
    """The report that the server gives too, and what it was made from."""

    lead: str
    sampling_rate_hz: float
    model_version: str
    warnings: list[str]


class Findings(NamedTuple):
    """The answers to one recording.

    stretches  episodes of rhythm and what is unreadable, in order
    warnings   what is unusual, a sentence each
    """

    signal: Signal
    annotation: Annotation
    stretches: Sequence[Stretch]
    contract: AnnotationContract
    warnings: Sequence[str]

    def numbers(self) -> Numbers:
        """The numbers, counted anew."""
        signal = self.signal
        episodes = [Episode(*one[:3], one.probability or 0.0) for one in self.stretches if one.rhythm != UNREADABLE]
        duration_s = len(signal.millivolts) / signal.sampling_rate_hz
        counted = report(self.annotation, episodes, signal.sampling_rate_hz, self.contract.classes, duration_s)
        return Numbers(
            **msgspec.structs.asdict(counted),
            lead=signal.lead,
            sampling_rate_hz=signal.sampling_rate_hz,
            model_version=self.contract.version,
            warnings=[*self.warnings],
        )
