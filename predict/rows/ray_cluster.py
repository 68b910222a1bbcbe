"""Parts answered on the nodes of a Ray cluster, which all see the same folders."""

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from predict.rows.archive import BadArchive
from predict.rows.resumable_parts import Part, answer_part
from server.models.classifier import Classifier
from server.models.contract import BadArtifact

PACKAGES = Path(__file__).parents[2]
QUIET = {"RAY_USAGE_STATS_ENABLED": "0", "ORT_DISABLE_TELEMETRY": "1"}


class Worker:
    """An actor: one model, which answers part after part."""

    def __init__(self, artifact: str, digest: str) -> None:
        self._model = Classifier.load(Path(artifact))
        if self._model.digest != digest:
            raise BadArtifact(f"{artifact}: expected the same file on every node")

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        """Answer the part; what is wrong with it is returned, not raised, so that Ray does not try again."""
        part = Part(**{name: row[name] for name in Part._fields})
        return {"answers": part.answers, "error": answer_part(part, self._model)}


def answer_parts(parts: Sequence[Part], model: Classifier, artifact: Path, address: str) -> Iterator[tuple[Part, str]]:
    """Each part once it is answered, with "", or with the sentence on why it cannot be.

    A node that dies has its parts answered by others: a part is written whole. Raises BadArchive if there is no cluster
    at `address`, or it fails as a whole.
    """
    data, processors = _connect(address)
    by_name = {part.answers: part for part in parts}
    rows = data.from_items([part._asdict() for part in parts], override_num_blocks=len(parts)).map(
        Worker,
        fn_constructor_args=[str(artifact.resolve()), model.digest],
        compute=data.ActorPoolStrategy(size=min(processors, len(parts))),
        num_cpus=1,
    )
    from ray.exceptions import RayError

    try:
        for row in rows.iter_rows():
            yield by_name[row["answers"]], row["error"]
    except RayError as error:
        raise BadArchive(f"the Ray cluster at {address} ended the work: {type(error).__name__}, see its own logs") from error


def _connect(address: str) -> tuple[Any, int]:
    """Ray Data on the cluster, and how many processors that has."""
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise BadArchive("--ray needs Ray: pip install --require-hashes -r requirements/ray.txt") from error
    code = {"py_modules": [str(PACKAGES / "predict"), str(PACKAGES / "server")], "env_vars": QUIET}
    try:
        ray.init(address=address, runtime_env=code, log_to_driver=False, logging_level="ERROR")
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise BadArchive(f"expected a Ray cluster at {address}: there is none, start one with ray start --head") from error
    ray.data.DataContext.get_current().enable_progress_bars = False
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    return ray.data, int(ray.cluster_resources()["CPU"])
