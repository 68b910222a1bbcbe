"""The memory budget: how many bytes of request bodies the server holds at once (backpressure)."""

from starlette.types import ASGIApp, Receive, Scope, Send

MAX_BODIES = 16


class MemoryBudget:
    """Caps the bytes of request bodies held at once: MAX_BODIES of the longest allowed, or more shorter ones."""

    def __init__(self, max_body_bytes: int) -> None:
        self._free_bytes = MAX_BODIES * max_body_bytes

    def acquire(self, size: int) -> bool:
        """Reserve so many bytes; False, and nothing reserved, if there are not so many left."""
        if size > self._free_bytes:
            return False
        self._free_bytes -= size
        return True

    def release(self, size: int) -> None:
        """Give back so many bytes."""
        self._free_bytes += size


class Reservation:
    """What one request has reserved of a budget."""

    def __init__(self, budget: MemoryBudget) -> None:
        self._budget = budget
        self._bytes = 0

    def acquire(self, size: int) -> bool:
        """Reserve so many bytes more; False if there are not so many left."""
        if not self._budget.acquire(size):
            return False
        self._bytes += size
        return True

    def release(self) -> None:
        """Give back all of it."""
        self._budget.release(self._bytes)
        self._bytes = 0


class MemoryBudgetMiddleware:
    """Gives each request a `reservation` in its state, and releases it when the request is answered."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        reservation = scope["state"]["reservation"] = Reservation(scope["state"]["memory_budget"])
        try:
            await self._app(scope, receive, send)
        finally:
            reservation.release()
