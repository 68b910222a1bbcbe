"""How much of what clients send may be held at a time."""

BODIES = 16


class Room:
    """Bytes for bodies: BODIES of the longest there may be, or more of shorter ones."""

    def __init__(self, longest_bytes: int) -> None:
        self._left = BODIES * longest_bytes

    def take(self, size: int) -> bool:
        """Whether there is room for so many more; it is taken if so."""
        if size > self._left:
            return False
        self._left -= size
        return True

    def give(self, size: int) -> None:
        """Nobody holds these any more."""
        self._left += size
