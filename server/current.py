"""What answers now, and what will once another artifact is there."""

import asyncio
import logging
from pathlib import Path

from server.contract import BadArtifact
from server.counts import Counts
from server.model import Model
from server.service import Service
from server.watch import identity

log = logging.getLogger(__name__)


class Current:
    """The service of the newest good artifact.

    path         where the artifact is
    seen         the identity of the file that was last looked at
    service      None as long as there was none
    reason       why not
    is_draining  whether the server was asked to stop: it still answers, and says that it will not for long
    """

    def __init__(self, path: Path, counts: Counts) -> None:
        self.path = path
        self.seen: object = None
        self.service: Service | None = None
        self.reason = ""
        self.is_draining = False
        self._counts = counts

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
            model = await asyncio.to_thread(Model.load, self.path)
        except BadArtifact as error:
            self._keep(str(error))
            return
        if self.service is None or model.digest != self.service.model.digest:
            self.service = Service(model, self._counts)
            self._counts.artifact("taken_up")
            log.info("answering with model version %s", model.contract.version)
            log.info("%s", model.contract.intended_use)

    def _keep(self, reason: str) -> None:
        self._counts.artifact("refused")
        if self.service is None:
            self.reason = reason
            log.error("%s", reason)
        else:
            log.error("%s; model version %s goes on answering", reason, self.service.model.contract.version)
