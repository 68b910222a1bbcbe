"""`WS /stream`: a signal in packets as it comes, to messages with its beats, rhythm and readability."""

import asyncio
import logging
from urllib.parse import urlsplit

from msgspec import UNSET
from starlette.websockets import WebSocket, WebSocketDisconnect

from server.api.predictions import encode
from server.errors import ForeignOrigin, WrongShape
from server.live.live_stream import LiveStream
from server.live.stream_errors import NoSignal, Restarting, StreamError
from server.live.stream_messages import PacketReader, read_query
from server.live.stream_pace import SILENCE_S, StreamPace
from server.live.stream_scheduler import StreamScheduler
from server.models.annotator import BadSignal
from server.serving.annotator_service import require_annotator

PROTOCOL = "ecg"
NORMAL = 1000

log = logging.getLogger(__name__)


async def stream(websocket: WebSocket) -> None:
    """Answer the packets of one stream until one side ends it; raises RequestError if the handshake is refused."""
    _require_known_origin(websocket)
    query, service = read_query(websocket.query_params), require_annotator(websocket)
    scheduler: StreamScheduler = websocket.state.stream_scheduler
    try:
        one = LiveStream(service.model, query.sampling_rate, scheduler)
    except BadSignal as error:
        raise WrongShape(str(error)) from error
    with scheduler.slot():
        headers = [(name.lower().encode(), value.encode()) for name, value in service.headers.items()]
        await websocket.accept(PROTOCOL if PROTOCOL in websocket.scope["subprotocols"] else None, headers)
        try:
            code, reason = await _converse(websocket, one, PacketReader(query))
            await websocket.close(code, reason)
        except WebSocketDisconnect:
            pass  # The client went away.


def _require_known_origin(websocket: WebSocket) -> None:
    """Browsers let the pages of any site open a WebSocket: raises ForeignOrigin for those of sites that are not allowed."""
    headers, origin = websocket.headers, websocket.headers.get("origin")
    own = (headers.get("host"), headers.get("x-forwarded-host"))  # No page can set either.
    if origin is not None and urlsplit(origin).netloc not in own and not {origin, "*"} & set(websocket.state.origins):
        raise ForeignOrigin("expected a page of this server, or of a site that ECG_CORS_ORIGINS names")


async def _converse(websocket: WebSocket, one: LiveStream, reader: PacketReader) -> tuple[int, str]:
    """Read packets and send messages until one side ends it; what is known is sent then. Returns the code and the reason."""
    reading = asyncio.create_task(_read(websocket, one, reader))
    answering = asyncio.create_task(_answer(websocket, one))
    shutdown = asyncio.create_task(websocket.state.shutdown.begun.wait())
    tasks = (reading, answering, shutdown)
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        ended = reading if reading.done() else answering if answering.done() else shutdown
        error = Restarting("the server stops, another one may answer") if ended is shutdown else ended.exception()
        if isinstance(error, StreamError | None):
            one.end()
            await answering
        return _code_and_reason(error)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _code_and_reason(error: BaseException | None) -> tuple[int, str]:
    """What a stream that ended with this is closed with; raises WebSocketDisconnect if the client has closed it."""
    if error is None:
        return NORMAL, ""
    if isinstance(error, WebSocketDisconnect):
        raise error
    if not isinstance(error, StreamError):
        log.error("a stream failed", exc_info=error)
        return StreamError.code, "the server failed to answer, its log says why"
    return error.code, str(error)


async def _read(websocket: WebSocket, one: LiveStream, reader: PacketReader) -> None:
    """Read packets until the last, no faster than they may come; raises StreamError or WebSocketDisconnect."""
    clock = asyncio.get_running_loop().time
    pace = StreamPace(one.sampling_rate, clock())
    is_end = False
    while not is_end:
        try:
            async with asyncio.timeout_at(pace.silent_until):
                message = await websocket.receive()
        except TimeoutError as error:
            raise NoSignal(f"expected at least a second of signal in {SILENCE_S:.0f} s") from error
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message["code"], message.get("reason"))
        samples, is_end = reader.read(message["text"] if message.get("bytes") is None else message["bytes"])
        await one.add(samples, clock())
        if wait_s := pace.record(len(samples), clock()):
            await asyncio.sleep(wait_s)


async def _answer(websocket: WebSocket, one: LiveStream) -> None:
    """Send messages until the last."""
    clock, counters = asyncio.get_running_loop().time, websocket.state.counters
    is_last = False
    while not is_last:
        message = await one.message()
        await websocket.send_text(encode(message).decode())
        counters.record_delays(one.delays(message, clock()))
        is_last = message.summary is not UNSET
