"""Reads a body from the socket into one buffer, without the parser and without a copy."""

from asyncio import AbstractEventLoop, BufferedProtocol, Protocol, Transport
from collections.abc import Callable

STEP_BYTES = 262_144


class BodyReader(BufferedProtocol):
    """Takes over a connection's transport until the body is complete, then gives it back to the connection's protocol.

    body    what has arrived, and at most STEP_BYTES of buffer: memory grows with what is sent, not with what is announced
    filled  how many bytes have arrived
    """

    def __init__(
        self, transport: Transport, protocol: Protocol, loop: AbstractEventLoop, length: int, completed: Callable[[], None]
    ) -> None:
        """`length` is what Content-Length says; `completed` is called when so much has been read past the parser."""
        self.body = bytearray()
        self._transport, self._protocol, self._loop, self._completed = transport, protocol, loop, completed
        self._length = length
        self.filled = 0

    def add(self, part: bytes) -> None:
        """Append what the parser found behind the head."""
        self.body += part
        self.filled += len(part)

    def read_from_transport(self) -> None:
        """Read what is missing from the transport."""
        _set_protocol(self._transport, self)

    def get_buffer(self, sizehint: int) -> memoryview:
        """The free part of the buffer, enlarged by STEP_BYTES if there is none."""
        if self.filled == len(self.body):
            self.body += bytes(min(STEP_BYTES, self._length - self.filled))
        return memoryview(self.body)[self.filled :]

    def buffer_updated(self, nbytes: int) -> None:
        """Count what has arrived; after each step let the event loop serve other connections first."""
        self.filled += nbytes
        if self.filled == self._length:
            _set_protocol(self._transport, self._protocol)
            self._completed()
        elif self.filled == len(self.body):
            self._transport.pause_reading()
            self._loop.call_soon(self._transport.resume_reading)

    def connection_lost(self, error: Exception | None) -> None:
        """Pass it on."""
        self._protocol.connection_lost(error)

    def pause_writing(self) -> None:
        """Pass it on: an earlier response may still be being written."""
        self._protocol.pause_writing()

    def resume_writing(self) -> None:
        """Pass it on."""
        self._protocol.resume_writing()


def _set_protocol(transport: Transport, protocol: BufferedProtocol | Protocol) -> None:
    """Let `protocol` read from now on; uvloop chooses between buffered and streaming reads when reading starts."""
    transport.pause_reading()
    transport.set_protocol(protocol)
    transport.resume_reading()
