"""Work spread over the nodes of a Ray cluster, which all see the same folders."""

import logging
import socket
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

from server.models.contract import BadArtifact

Row = dict[str, Any]
PACKAGES = Path(__file__).parents[1]
CONNECT_S = 5.0
QUIET = {"RAY_USAGE_STATS_ENABLED": "0", "ORT_DISABLE_TELEMETRY": "1"}


class Model(Protocol):
    """What an artifact is loaded as."""

    digest: str


M = TypeVar("M", bound=Model)


class BadCluster(Exception):
    """There is no cluster, or it fails as a whole; the message says what was expected."""


class RayCluster:
    """A cluster that is connected to.

    address     of its head
    processors  how many it has
    """

    def __init__(self, address: str) -> None:
        """Raises BadCluster if Ray is not installed or there is no cluster at `address`."""
        _require_listening(address)
        try:
            import ray
            import ray.data
        except ImportError as error:
            raise BadCluster("--ray needs Ray: pip install --require-hashes -r requirements/ray.txt") from error
        code = {"py_modules": [str(PACKAGES / "predict"), str(PACKAGES / "server")], "env_vars": QUIET}
        try:
            ray.init(address=address, runtime_env=code, log_to_driver=False, logging_level="ERROR")
        except (ConnectionError, RuntimeError, ValueError) as error:
            raise _nobody_at(address) from error
        ray.data.DataContext.get_current().enable_progress_bars = False
        logging.getLogger("ray.data").setLevel(logging.ERROR)
        self.address, self.processors = address, int(ray.cluster_resources()["CPU"])
        self._data = ray.data

    def answers(self, worker: type[Any], arguments: Sequence[object], rows: Sequence[Row]) -> Iterator[Row]:
        """What actors of the class `worker`, each made once with `arguments`, return for each row, whichever is done first.

        A node that dies has its rows answered by others. Raises BadCluster if the cluster fails as a whole.
        """
        answered = self._data.from_items(list(rows), override_num_blocks=len(rows)).map(
            worker,
            fn_constructor_args=list(arguments),
            compute=self._data.ActorPoolStrategy(size=min(self.processors, len(rows))),
            num_cpus=1,
        )
        from ray.exceptions import RayError

        try:
            yield from answered.iter_rows()
        except RayError as error:
            reason = f"{type(error).__name__}, see its own logs"
            raise BadCluster(f"the Ray cluster at {self.address} ended the work: {reason}") from error


def _require_listening(address: str) -> None:
    """Raises BadCluster if nobody listens at HOST:PORT, of which Ray itself says nothing for minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if port.isdecimal():
        try:
            socket.create_connection((host.strip("[]"), int(port)), CONNECT_S).close()
        except (OSError, OverflowError, UnicodeError) as error:
            raise _nobody_at(address) from error


def _nobody_at(address: str) -> BadCluster:
    return BadCluster(f"expected a Ray cluster at {address}: there is none, start one with ray start --head")


def load_the_same(load: Callable[[Path], M], artifact: str, digest: str) -> M:
    """The model of an artifact on the node of an actor; raises BadArtifact if it is not the file that the command has."""
    model = load(Path(artifact))
    if model.digest != digest:
        raise BadArtifact(f"{artifact}: expected the same file on every node")
    return model
