"""Parts answered on this machine, as many at a time as it has processors."""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed

from predict.rows.resumable_parts import Part, work
from server.models.classifier import Model


def done(parts: Sequence[Part], model: Model) -> Iterator[Part]:
    """Each part once it is answered; raises BadArchive for what is no row.

    Threads are enough: reading, running and writing all let go of Python's lock, and a session is safe to share.
    """
    pool = ThreadPoolExecutor(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count())
    try:
        waiting = {pool.submit(work, part, model): part for part in parts}
        for future in as_completed(waiting):
            future.result()
            yield waiting[future]
    finally:
        pool.shutdown(cancel_futures=True)
