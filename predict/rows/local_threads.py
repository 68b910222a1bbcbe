"""Parts answered on this machine, as many at a time as it has processors."""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed

from predict.rows.resumable_parts import Part, answer_part
from server.models.classifier import Classifier


def answer_parts(parts: Sequence[Part], model: Classifier) -> Iterator[tuple[Part, str]]:
    """Each part once it is answered, with "", or with the sentence on why it cannot be.

    Threads are enough: reading, running and writing all let go of Python's lock, and a session is safe to share.
    """
    pool = ThreadPoolExecutor(processors())
    try:
        futures = {pool.submit(answer_part, part, model): part for part in parts}
        for future in as_completed(futures):
            yield futures[future], future.result()
    finally:
        pool.shutdown(cancel_futures=True)


def processors() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
