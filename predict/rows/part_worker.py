"""Parts of archives answered on a Ray cluster."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from predict.ray_cluster import RayCluster, Row, load_the_same
from predict.rows.resumable_parts import Part, answer_part
from server.models.classifier import Classifier


class PartWorker:
    """An actor: one model, which answers part after part."""

    def __init__(self, artifact: str, digest: str) -> None:
        self._model = load_the_same(Classifier.load, artifact, digest)

    def __call__(self, row: Row) -> Row:
        """Answer the part; what is wrong with it is returned, not raised, so that Ray does not try again."""
        part = Part(**{name: row[name] for name in Part._fields})
        return {"answers": part.answers, "error": answer_part(part, self._model)}


def answer_on_cluster(
    parts: Sequence[Part], model: Classifier, artifact: Path, cluster: RayCluster
) -> Iterator[tuple[Part, str]]:
    """Each part once it is answered, with "", or with the sentence on why it cannot be.

    A part is written whole, so whoever does again what a node that died has begun does no harm. Raises BadCluster.
    """
    by_name = {part.answers: part for part in parts}
    rows = [part._asdict() for part in parts]
    for row in cluster.answers(PartWorker, [str(artifact.resolve()), model.digest], rows):
        yield by_name[row["answers"]], row["error"]
