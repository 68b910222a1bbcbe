"""The body of a request: complete, decompressed, in time, and never longer than the limit; and whether its client is there."""

import asyncio
import zlib
from collections.abc import AsyncIterator, Coroutine
from typing import Any, TypeVar

from starlette.requests import ClientDisconnect, Request

from server.api.memory_budget import Reservation
from server.errors import MalformedRequest, Overloaded, TooLarge, TooSlow, UnsupportedEncoding, WrongMediaType

STEP_BYTES = 65_536
GZIP_WINDOW_BITS = 31  # zlib's way to say: with gzip's header and checksum, the largest window.

T = TypeVar("T")


def media_type(request: Request, *expected: str) -> str:
    """The media type of the body; raises WrongMediaType if it is none of those expected or not in UTF-8."""
    given, _, parameters = request.headers.get("content-type", "").lower().partition(";")
    charset = parameters.strip().removeprefix("charset=").strip('"')
    if given.strip() not in expected or charset not in ("", "utf-8", "utf8"):
        raise WrongMediaType(f"expected Content-Type: {' or '.join(expected)}, in UTF-8")
    return given.strip()


async def read(request: Request) -> bytearray:
    """The whole body, decompressed if it is gzip; its bytes count in the memory budget until the request is answered.

    Raises UnsupportedEncoding for another coding, MalformedRequest if the gzip is damaged, TooLarge as soon as the body is
    known to be over the limit, TooSlow if it does not arrive in time, Overloaded if the memory budget is used up.
    """
    coding = _coding(request)
    limit: int = request.state.body_limit.max_bytes
    length = int(request.headers.get("content-length", 0))
    if length > limit:
        raise _too_large(limit)
    if hasattr(request.state, "body"):  # Read, and counted in the memory budget, by the protocol.
        body: bytearray = request.state.body
        del request.state.body
        return body
    if coding == "identity":
        _reserve(request.state.reservation, length)
    try:
        async with asyncio.timeout(request.state.request_seconds) as timeout:
            return await _collect(request, timeout, coding, limit, reserved=length if coding == "identity" else 0)
    except TimeoutError as error:
        raise TooSlow(f"expected the whole request within {request.state.request_seconds} seconds") from error


async def while_connected(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """What `work` returns; cancels it, and raises ClientDisconnect, once the client has gone away."""
    working, leaving = asyncio.ensure_future(work), asyncio.ensure_future(_disconnect(request))
    try:
        await asyncio.wait((working, leaving), return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise ClientDisconnect
        return working.result()
    finally:
        working.cancel()
        leaving.cancel()


async def _disconnect(request: Request) -> None:
    """Return when the client has closed the connection; the body must have been read."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _coding(request: Request) -> str:
    coding = request.headers.get("content-encoding", "identity").strip().lower().removeprefix("x-")
    if coding not in ("identity", "gzip"):
        raise UnsupportedEncoding("expected Content-Encoding: gzip, or none")
    return coding


async def _collect(request: Request, timeout: asyncio.Timeout, coding: str, limit: int, reserved: int) -> bytearray:
    received = _limited(request, timeout, limit)
    body = bytearray()
    async for part in received if coding == "identity" else _decompress(received):
        if len(body) + len(part) > limit:
            raise _too_large(limit)
        _reserve(request.state.reservation, len(body) + len(part) - max(reserved, len(body)))
        body += part
    return body


async def _limited(request: Request, timeout: asyncio.Timeout, limit: int) -> AsyncIterator[bytes]:
    """The parts of the body as they arrive, to which `timeout` is adapted; raises TooLarge once they are over the limit."""
    received, began = 0, asyncio.get_running_loop().time()
    async for part in request.stream():
        received += len(part)
        if received > limit:
            raise _too_large(limit)
        timeout.reschedule(began + request.state.body_limits.seconds(received))
        yield part


async def _decompress(received: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """What gzip members hold, at most STEP_BYTES at a time, yielding to the event loop in between."""
    decoder = zlib.decompressobj(GZIP_WINDOW_BITS)
    try:
        async for received_part in received:
            part = received_part
            while True:
                if decoder.eof and part:
                    decoder = zlib.decompressobj(GZIP_WINDOW_BITS)  # Another member follows.
                unpacked = decoder.decompress(part, STEP_BYTES)
                yield unpacked
                part = decoder.unused_data if decoder.eof else decoder.unconsumed_tail
                if not part and len(unpacked) < STEP_BYTES:
                    break
                await asyncio.sleep(0)
    except zlib.error as error:
        raise MalformedRequest("expected a body that is gzip, as Content-Encoding says, it is damaged or none") from error
    if not decoder.eof:
        raise MalformedRequest("expected a whole gzip body, it ends too early")


def _reserve(reservation: Reservation, size: int) -> None:
    if size > 0 and not reservation.acquire(size):
        raise Overloaded("too many long bodies are held, expected fewer or shorter ones at a time")


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"expected a body of at most {limit} bytes")
