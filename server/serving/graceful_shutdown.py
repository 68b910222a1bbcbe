"""Asked to stop, the server says so before it does, so that nobody loses an answer."""

import asyncio
import signal
import threading
from types import FrameType

from server.serving.classifier_service import Service
from server.serving.hot_reload import Current

DRAIN_S = 1.0


def drain_first(current: Current[Service]) -> None:
    """From now on SIGTERM makes `current` drain for DRAIN_S before uvicorn stops; a second signal ends it at once.

    While it drains, health says so and every answer ends its connection, so that none is left open on which another request
    might be on its way when it is closed. Called when the application starts: uvicorn has its handler by then.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    loop, stop = asyncio.get_running_loop(), signal.getsignal(signal.SIGTERM)
    assert callable(stop)

    def asked(sig: int, frame: FrameType | None) -> None:
        if current.is_draining:
            stop(sig, frame)
            stop(signal.SIGINT, frame)  # By this uvicorn knows that somebody will not wait.
        else:
            current.is_draining = True
            loop.call_soon_threadsafe(loop.call_later, DRAIN_S, stop, sig, frame)

    signal.signal(signal.SIGTERM, asked)
