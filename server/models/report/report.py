"""The report of a recording from its annotation."""

from collections.abc import Sequence

from server.models.annotator import Annotation
from server.models.report.structure import Report
from server.models.rhythm import Episode


def report(
    annotation: Annotation, episodes: Sequence[Episode], sampling_rate: float, classes: Sequence[str], duration_s: float
) -> Report:
    """The numbers of a recording and the strips to look at.

    episodes       its rhythms, as `rhythm.episodes` gives them
    sampling_rate  Hz
    classes        names of the classes, in the order of the annotation's
    """
    raise NotImplementedError
