"""One model and everything that works for it."""

import asyncio
import time

from starlette.requests import Request

from server.api.rows import Reader
from server.errors import Unavailable
from server.models.classifier import Model
from server.observability.counters import Counts
from server.serving.io_binding import Block
from server.serving.micro_batcher import Turn

VERSION_FIELD = "Model-Version"
MOST_ROWS = 64


class Service:
    """What a request needs to be answered.

    model   answers rows
    since   when it began to, in seconds since 1970
    reader  reads them from a body
    turn    gathers those that come alone
    fields  header fields that say which model answered
    """

    does = "answering"

    def __init__(self, model: Model, counts: Counts) -> None:
        model.tell = counts.ran
        self.model = model
        self.since = time.time()
        self.reader = Reader(model.contract.features)
        self.turn = Turn(Block(model, MOST_ROWS), asyncio.get_running_loop(), counts)
        self.fields = {VERSION_FIELD: model.contract.version}


def service(request: Request) -> Service:
    """The service that answers `request`; raises Unavailable if there is none."""
    found: Service | None = request.state.current.service
    if found is None:
        raise Unavailable(request.state.current.reason)
    return found
