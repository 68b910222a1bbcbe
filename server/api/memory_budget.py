"""The memory budget: how long a body may be, and how many bytes of bodies the server holds at once (backpressure)."""

from collections.abc import Mapping
from typing import NamedTuple

from starlette.types import ASGIApp, Receive, Scope, Send

MAX_BODIES = 16
MAX_RECORDINGS = 2


class MemoryBudget:
    """Caps the bytes of request bodies held at once."""

    def __init__(self, max_bytes: int) -> None:
        self._free_bytes = max_bytes

    def acquire(self, size: int) -> bool:
        """Reserve so many bytes; False, and nothing reserved, if there are not so many left."""
        if size > self._free_bytes:
            return False
        self._free_bytes -= size
        return True

    def release(self, size: int) -> None:
        """Give back so many bytes."""
        self._free_bytes += size


class BodyLimit(NamedTuple):
    """How long a body may be, and the budget that it counts in."""

    max_bytes: int
    budget: MemoryBudget


class BodyLimits:
    """The limits of bodies, and of recordings sent as bytes; neither takes the memory of the other.

    bodies      MAX_BODIES of the longest are held at once, or more shorter ones
    recordings  MAX_RECORDINGS of the longest, or more shorter ones
    """

    def __init__(
        self, max_body_bytes: int, max_recording_bytes: int, recording_paths: tuple[str, ...], request_seconds: float
    ) -> None:
        """`recording_paths` are how the paths begin to which recordings are sent; in `request_seconds` the others must come."""
        self.bodies = BodyLimit(max_body_bytes, MemoryBudget(MAX_BODIES * max_body_bytes))
        self.recordings = BodyLimit(max_recording_bytes, MemoryBudget(MAX_RECORDINGS * max_recording_bytes))
        self._recording_paths = recording_paths
        self._request_seconds = request_seconds

    def of(self, path: str, headers: Mapping[bytes, bytes]) -> BodyLimit:
        """The limit of a request; JSON is no recording as bytes, and takes several times its length until it is decoded."""
        media_type = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
        is_bytes = media_type == b"application/octet-stream" or b"inference-header-content-length" in headers
        return self.recordings if is_bytes and path.startswith(self._recording_paths) else self.bodies

    def seconds(self, received: int) -> float:
        """How long a request may have taken of which so many bytes have come: a long recording keeps the longest body's pace."""
        return self._request_seconds * max(1.0, received / self.bodies.max_bytes)


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
    """Gives each request a `body_limit` and a `reservation` in its state, and releases that when the request is answered.

    The reservation of a body that the protocol has read comes with it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        state = scope["state"]
        limit = state["body_limit"] = state["body_limits"].of(scope["path"], dict(scope["headers"]))
        reservation = state.setdefault("reservation", Reservation(limit.budget))
        try:
            await self._app(scope, receive, send)
        finally:
            reservation.release()
