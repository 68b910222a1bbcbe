"""How long the networks of recordings learn."""

from typing import NamedTuple


class Steps(NamedTuple):
    """How many batches each network learns from."""

    detector: int = 5000
    classifier: int = 3000

    @classmethod
    def of(cls, epochs: int | None) -> "Steps":
        """100 for each of `epochs` for a beat classifier and 200 for the detector; those of the recipe without `epochs`."""
        return cls(200 * epochs, 100 * epochs) if epochs else cls()
