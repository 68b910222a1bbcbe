"""Micro-batching: rows of one iteration of the event loop are classified by one run."""

import asyncio

import numpy as np

from server.errors import Overloaded
from server.models.classifier import Answer
from server.observability.counters import Counters
from server.serving.micro_batcher import PATH, MicroBatcher


class FakeClassifier:
    """Answers each row with its first number as class, 99 with NaN, fails for 13, and notes the size of each batch."""

    max_rows = 4

    def __init__(self) -> None:
        self.batches: list[int] = []

    def run(self, rows: list[bytes]) -> Answer:
        """Raises RuntimeError for a batch that holds a 13."""
        features = np.frombuffer(b"".join(rows), np.float32).reshape(len(rows), -1)
        self.batches.append(len(features))
        if 13 in features:
            raise RuntimeError("13")
        return Answer(features[:, 0].astype(np.int32), np.where(features[:, 0] == 99, np.nan, 0.5).astype(np.float32))


class FakeRequest:
    """Notes the responses it is given."""

    request_id = None

    def __init__(self) -> None:
        self.responses: list[object] = []

    def answer(self, predicted_class: int, probability: float) -> None:
        """Note a prediction."""
        self.responses.append((predicted_class, probability))

    def fail(self) -> None:
        """Note a failed run."""
        self.responses.append("failed")

    def refuse_row(self) -> None:
        """Note that the output was not finite."""
        self.responses.append("not finite")

    def refuse(self) -> None:
        """Note that the batch was full."""
        self.responses.append("full")


def submit(*iterations: list[int]) -> tuple[list[int], list[list[object]], Counters]:
    """The sizes of the batches, each row's responses, and the counters, for rows submitted in these iterations of the loop."""
    counters = Counters([PATH])

    async def run() -> tuple[list[int], list[list[object]]]:
        classifier, requests = FakeClassifier(), []
        batcher = MicroBatcher(classifier, asyncio.get_running_loop(), counters)
        for values in iterations:
            for value in values:
                requests.append(FakeRequest())
                if batcher.is_full:
                    batcher.reject(requests[-1])
                else:
                    batcher.submit(np.array([value, 0], np.float32).tobytes(), requests[-1])
            await asyncio.sleep(0)
            assert not batcher.has_rows
        return classifier.batches, [request.responses for request in requests]

    return *asyncio.run(run()), counters


def test_rows_of_one_iteration_share_one_run() -> None:
    """Each gets its own answer, once; a single row does not wait for another."""
    batches, responses, _ = submit([1, 2, 3], [4], [], [5, 6])

    assert batches == [3, 1, 2]
    assert responses == [[(value, 0.5)] for value in range(1, 7)]


def test_a_full_batch_rejects_further_rows() -> None:
    """At once, and counted; the next iteration has a batch of its own."""
    batches, responses, counters = submit([1, 2, 3, 4, 5], [6])

    assert batches == [4, 1]
    assert responses == [*([(value, 0.5)] for value in range(1, 5)), ["full"], [(6, 0.5)]]
    assert counters.totals().refused[Overloaded.reason] == 1


def test_a_row_without_a_finite_output_is_refused_alone() -> None:
    """The other rows of its batch are answered."""
    batches, responses, _ = submit([1, 99, 2])

    assert batches == [3]
    assert responses == [[(1, 0.5)], ["not finite"], [(2, 0.5)]]


def test_a_run_that_fails_fails_its_rows_alone(caplog) -> None:
    """The next batch is answered again."""
    batches, responses, _ = submit([1], [13, 2], [3])

    assert batches == [1, 2, 1]
    assert responses == [[(1, 0.5)], ["failed"], ["failed"], [(3, 0.5)]]
    assert "a run of 2 rows failed" in caplog.text
