"""Hot reload: files are polled, and an artifact that was replaced is swapped in without a restart."""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from server.models.contract import BadArtifact

POLL_S = 0.1
RELOADED, REFUSED = RELOAD_RESULTS = ("taken_up", "refused")

log = logging.getLogger(__name__)


class ModelService(Protocol):
    """A loaded model at work; `task` is its name in the log."""

    model: Any
    task: str


S = TypeVar("S", bound=ModelService)


class HotReload(Generic[S]):
    """Holds the service of the newest good artifact.

    path      of the artifact
    identity  of the file that was last loaded, good or bad
    service   answers requests; None until a good artifact was loaded
    reason    why there is no service
    """

    def __init__(
        self, path: Path, load: Callable[[Path], Any], serve: Callable[[Any], S], record_result: Callable[[str], None]
    ) -> None:
        """`load` makes a model of the file, `serve` a service of the model; each reload's result goes to `record_result`."""
        self.path = path
        self.identity: object = None
        self.service: S | None = None
        self.reason = f"there is no artifact at {path}"
        self._load, self._serve, self._record_result = load, serve, record_result

    async def reload(self) -> None:
        """Load the file and swap its service in; on BadArtifact keep the service there is and log the reason once.

        Requests in flight finish with the model that they began with.
        """
        self.identity = file_identity(self.path)
        try:
            model = await asyncio.to_thread(self._load, self.path)
        except BadArtifact as error:
            self._refuse(str(error))
            return
        if self.service is None or model.digest != self.service.model.digest:
            self.service = self._serve(model)
            self._record_result(RELOADED)
            log.info("%s loaded: model version %s", self.service.task, model.contract.version)
            log.info("%s", model.contract.intended_use)

    def _refuse(self, reason: str) -> None:
        self._record_result(REFUSED)
        if self.service is None:
            self.reason = reason
            log.error("%s", reason)
        else:
            log.error("%s; the %s keeps model version %s", reason, self.service.task, self.service.model.contract.version)


class WatchedFile(Protocol):
    """Something that is loaded from a file and can be reloaded.

    path      of the file
    identity  what `file_identity` gave when it was last loaded
    """

    path: Path
    identity: object

    async def reload(self) -> None:
        """Load the file as it is now, and keep its identity; never raises for a bad file."""


async def watch_files(*files: WatchedFile) -> None:
    """Reload each file whose identity has changed, until cancelled."""
    while True:
        await asyncio.sleep(POLL_S)
        for file in files:
            if file_identity(file.path) != file.identity:
                await file.reload()


def file_identity(path: Path) -> object:
    """Device, inode, size and modification time: differs if the file was replaced or changed; None if there is none."""
    try:
        state = path.stat()
    except OSError:
        return None
    return state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns
