"""One model and everything that works for it."""

import asyncio
import logging
from typing import Any

from starlette.requests import Request

from server.bulk import Bulk
from server.contract import BadArtifact
from server.errors import Unavailable
from server.model import Model
from server.rows import Reader
from server.settings import Settings
from server.turn import Turn

log = logging.getLogger("uvicorn.error")


class Service:
    """What a request needs to be answered.

    model   answers rows
    reader  reads them from a body
    turn    gathers those that come alone
    bulk    takes its time over those that come together
    """

    def __init__(self, model: Model) -> None:
        self.model = model
        self.reader = Reader(model.contract.features)
        self.turn = Turn(model, asyncio.get_running_loop())
        self.bulk = Bulk(self.turn)


def state(settings: Settings) -> dict[str, Any]:
    """The application's state: the service of the artifact, or why there is none; the server starts all the same."""
    service, reason = None, None
    try:
        service = Service(Model.load(settings.artifact_path))
        log.info("answering with model version %s", service.model.contract.version)
        log.info("%s", service.model.contract.intended_use)
    except BadArtifact as error:
        reason = str(error)
        log.error("%s", reason)
    return {"service": service, "reason": reason, "max_body_bytes": settings.max_body_bytes}


def service(request: Request) -> Service:
    """The service that answers `request`; raises Unavailable if there is none."""
    found: Service | None = request.state.service
    if found is None:
        raise Unavailable(request.state.reason)
    return found
