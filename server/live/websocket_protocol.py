"""uvicorn's WebSocket protocol, as this server needs it; chosen in `server.__main__`.

wsproto is the lighter of the two libraries that uvicorn knows: 0.5 MB of memory against 0.9, 0.2 MB of files against 2.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.websockets.wsproto_impl import WSProtocol
from wsproto.connection import ConnectionState
from wsproto.events import CloseConnection

if TYPE_CHECKING:
    from uvicorn.config import Config
    from uvicorn.server import ServerState

silent = logging.getLogger(f"{__name__}.uvicorn")  # It would write who asked for what, which is in the access log already.
silent.setLevel(logging.ERROR)


class StreamProtocol(WSProtocol):
    """One connection that has become a WebSocket.

    idle_since  None: a stream is never closed as idle connections are; the endpoint closes it if no signal comes
    """

    idle_since: float | None = None

    def __init__(self, config: Config, server_state: ServerState, app_state: dict[str, Any]) -> None:
        super().__init__(config, server_state, app_state)
        self.logger = silent

    def close_idle(self) -> None:
        """Nothing: it is never idle."""

    def handle_close(self, event: CloseConnection) -> None:
        """Go on as uvicorn does; to what is no frame, which comes as a close that the client did not send, say why."""
        if not self.close_sent and self.conn.state is ConnectionState.OPEN:
            self.transport.write(self.conn.send(CloseConnection(code=event.code, reason=event.reason)))
        super().handle_close(event)

    def shutdown(self) -> None:
        """Leave the end to the endpoint, which has seen the shutdown begin; refuse what has no endpoint yet."""
        if not self.handshake_complete:
            super().shutdown()
