"""What answers now, and what will once another artifact is there."""

import asyncio
import logging
from pathlib import Path

from server.contract import BadArtifact
from server.model import Model
from server.service import Service

WATCH_S = 0.1

log = logging.getLogger("uvicorn.error")


class Current:
    """The service of the newest good artifact.

    service      None as long as there was none
    reason       why not
    is_draining  whether the server was asked to stop: it still answers, and says that it will not for long
    """

    def __init__(self, path: Path) -> None:
        self.service: Service | None = None
        self.reason = ""
        self.is_draining = False
        self._path = path
        self._seen: object = None

    @property
    def is_ready(self) -> bool:
        """Whether a request would be answered, and another one after it."""
        return self.service is not None and not self.is_draining

    async def watch(self) -> None:
        """Look at the artifact again and again."""
        while True:
            await asyncio.sleep(WATCH_S)
            if _identity(self._path) != self._seen:
                await self.load()

    async def load(self) -> None:
        """Answer with the artifact as it is now; if it is no good, go on as before and say so once.

        Requests that are under way are answered by the model that they began with.
        """
        self._seen = _identity(self._path)
        try:
            model = await asyncio.to_thread(Model.load, self._path)
        except BadArtifact as error:
            self._keep(str(error))
            return
        if self.service is None or model.digest != self.service.model.digest:
            self.service = Service(model)
            log.info("answering with model version %s", model.contract.version)
            log.info("%s", model.contract.intended_use)

    def _keep(self, reason: str) -> None:
        if self.service is None:
            self.reason = reason
            log.error("%s", reason)
        else:
            log.error("%s; model version %s goes on answering", reason, self.service.model.contract.version)


def _identity(path: Path) -> object:
    """Of the file, which another one or a change in it does not have; None if there is none."""
    try:
        state = path.stat()
    except OSError:
        return None
    return state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns
