"""The floor below the floor: uvloop and httptools, which parse every request, and constant bytes; no ASGI."""

import asyncio
import sys

import httptools
import uvloop

BODY = b'{"predicted_class":0,"probability":0.9989275336265564}'
RESPONSE = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(BODY), BODY)


class Connection(asyncio.Protocol):
    """Answers each request the same once it is complete."""

    def connection_made(self, transport: asyncio.Transport) -> None:
        """A parser of its own."""
        self.transport = transport
        self.parser = httptools.HttpRequestParser(self)

    def data_received(self, data: bytes) -> None:
        """Parse it."""
        self.parser.feed_data(data)

    def on_message_complete(self) -> None:
        """Answer."""
        self.transport.write(RESPONSE)


async def main() -> None:
    """Listen until the process is ended."""
    server = await asyncio.get_running_loop().create_server(Connection, "127.0.0.1", int(sys.argv[1]), backlog=2048)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main())
