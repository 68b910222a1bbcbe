"""What answers now, and what will once another artifact is there."""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from server.models.contract import BadArtifact
from server.serving.file_watcher import identity

log = logging.getLogger(__name__)


class Serving(Protocol):
    """What answers with an artifact, `model`, of whichever task; `does` says in a word what it is doing."""

    model: Any
    does: str


S = TypeVar("S", bound=Serving)


class Current(Generic[S]):
    """The service of the newest good artifact.

    path         where the artifact is
    seen         the identity of the file that was last looked at
    service      None as long as there was none
    reason       why not
    is_draining  whether the server was asked to stop: it still answers, and says that it will not for long
    """

    def __init__(self, path: Path, load: Callable[[Path], Any], serve: Callable[[Any], S], tell: Callable[[str], None]) -> None:
        """`load` makes a model of the file, `serve` what answers with it; `tell` is told one of RESULTS."""
        self.path = path
        self.seen: object = None
        self.service: S | None = None
        self._load, self._serve, self._tell = load, serve, tell
        self.reason = f"there is no artifact at {path}"
        self.is_draining = False

    @property
    def is_ready(self) -> bool:
        """Whether a request would be answered, and another one after it."""
        return self.service is not None and not self.is_draining

    async def load(self) -> None:
        """Answer with the artifact as it is now; if it is no good, go on as before and say so once.

        Requests that are under way are answered by the model that they began with.
        """
        self.seen = identity(self.path)
        try:
            model = await asyncio.to_thread(self._load, self.path)
        except BadArtifact as error:
            self._keep(str(error))
            return
        if self.service is None or model.digest != self.service.model.digest:
            self.service = self._serve(model)
            self._tell("taken_up")
            log.info("%s with model version %s", self.service.does, model.contract.version)
            log.info("%s", model.contract.intended_use)

    def _keep(self, reason: str) -> None:
        self._tell("refused")
        if self.service is None:
            self.reason = reason
            log.error("%s", reason)
        else:
            version, does = self.service.model.contract.version, self.service.does
            log.error("%s; model version %s goes on %s", reason, version, does)
