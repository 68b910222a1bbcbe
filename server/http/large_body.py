"""A long body, read from the socket into its place: no copy on the way, and no parser to pass through."""

from __future__ import annotations

from asyncio import BufferedProtocol, Transport
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from server.http.fast_path import Connection


STEP_BYTES = 262_144


class LongBody(BufferedProtocol):
    """Takes over a connection's transport until the body is whole, then gives it back.

    body  what has come, and at most a step of room for what has not: who promises much and sends little takes little
    """

    def __init__(self, connection: Connection, length: int) -> None:
        self.body = bytearray()
        self._connection = connection
        self._length = length
        self._filled = 0

    def add(self, part: bytes) -> None:
        """Keep a part that came in the packet of the head."""
        self.body += part
        self._filled += len(part)

    def read_the_rest(self) -> None:
        """Read what is missing from the transport."""
        _switch(self._connection.transport, self)

    def get_buffer(self, sizehint: int) -> memoryview:
        """The room there is, a step of it if there was none."""
        if self._filled == len(self.body):
            self.body += bytes(min(STEP_BYTES, self._length - self._filled))
        return memoryview(self.body)[self._filled :]

    def buffer_updated(self, nbytes: int) -> None:
        """Count what has come; after each step let others have their turn."""
        self._filled += nbytes
        transport = self._connection.transport
        if self._filled == self._length:
            _switch(transport, self._connection)
            self._connection.long_body_is_whole(parsed=False)
        elif self._filled == len(self.body):
            transport.pause_reading()
            self._connection.loop.call_soon(transport.resume_reading)

    def connection_lost(self, error: Exception | None) -> None:
        """The client is gone."""
        self._connection.connection_lost(error)

    def pause_writing(self) -> None:
        """What is still to be written of an answer before is uvicorn's matter."""
        self._connection.pause_writing()

    def resume_writing(self) -> None:
        """The same."""
        self._connection.resume_writing()


def _switch(transport: Transport, protocol: BufferedProtocol | Connection) -> None:
    """Let `protocol` read from now on; a transport chooses its way of reading when it starts to."""
    transport.pause_reading()
    transport.set_protocol(protocol)
    transport.resume_reading()
