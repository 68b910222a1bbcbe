"""How often a second, in a process that does nothing else: `python -m bench.alone run|decode ARTIFACT BODY`."""

import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np

from server.models.classifier import Classifier

SECONDS = 2


class Rows(msgspec.Struct):
    """A request."""

    features: list[list[float]]


def main() -> None:
    """Print the rate."""
    what, artifact, body = sys.argv[1:]
    content = Path(body).read_bytes()
    print(rate(run(Path(artifact), content) if what == "run" else decode(content)))


def run(artifact: Path, content: bytes) -> Callable[[], object]:
    """The session the server would use, on an array that is ready."""
    model = Classifier.load(artifact)
    features = np.frombuffer(content, np.float32).reshape(-1, len(model.contract.features)).copy()
    return lambda: model.predict(features)


def decode(content: bytes) -> Callable[[], object]:
    """msgspec, to lists of floats."""
    decoder = msgspec.json.Decoder(Rows)
    return lambda: decoder.decode(content)


def rate(work: Callable[[], object]) -> float:
    """Calls a second, after a warm-up of a tenth of the time."""
    for seconds in (SECONDS / 10, SECONDS):
        count, began = 0, time.perf_counter()
        while (elapsed := time.perf_counter() - began) < seconds:
            work()
            count += 1
    return count / elapsed


if __name__ == "__main__":
    main()
