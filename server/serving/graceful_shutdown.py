"""Graceful shutdown: after SIGTERM the server reports itself unhealthy for a second, then uvicorn stops."""

import asyncio
import signal
import threading
from types import FrameType

SHUTDOWN_DELAY_S = 1.0


class GracefulShutdown:
    """Delays uvicorn's own handler of SIGTERM.

    has_begun  whether SIGTERM has come: requests are still answered, health says 503, every response closes its connection
    begun      is set in the event loop then
    """

    def __init__(self) -> None:
        self.has_begun = False
        self.begun = asyncio.Event()

    def install(self) -> None:
        """Handle SIGTERM: set `has_begun`, and call uvicorn's handler SHUTDOWN_DELAY_S later; a second SIGTERM exits at once.

        The delay lets load balancers and clients with open connections see it, so that no request is on its way to a
        connection that is being closed. To be called when the application starts: uvicorn has installed its handler by then.
        """
        if threading.current_thread() is not threading.main_thread():
            return
        loop, stop = asyncio.get_running_loop(), signal.getsignal(signal.SIGTERM)
        assert callable(stop)

        def handle(sig: int, frame: FrameType | None) -> None:
            if self.has_begun:
                stop(sig, frame)
                stop(signal.SIGINT, frame)  # SIGINT after SIGTERM makes uvicorn exit without waiting for requests.
            else:
                self.has_begun = True
                loop.call_soon_threadsafe(self.begun.set)
                loop.call_soon_threadsafe(loop.call_later, SHUTDOWN_DELAY_S, stop, sig, frame)

        signal.signal(signal.SIGTERM, handle)
