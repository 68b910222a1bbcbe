"""Micro-batching: rows of one iteration of the event loop are classified by one run."""

import asyncio

import numpy as np

from server.errors import Overloaded
from server.models.classifier import Answer
from server.observability.counters import Counters
from server.serving import load_shedding
from server.serving.load_shedding import RECENT_BATCHES, RESUMED_AT_ONCE, LoadShedder
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

    request_id = trace_id = None

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
        """Note that others are before it."""
        self.responses.append("refused")


def row(value: int) -> bytes:
    """A row that begins with this number."""
    return np.array([value, 0], np.float32).tobytes()


def submit(*iterations: list[int]) -> tuple[list[int], list[list[object]], Counters]:
    """The sizes of the batches, each row's responses, and the counters, for rows submitted in these iterations of the loop."""
    counters = Counters([PATH])

    async def run() -> tuple[list[int], list[list[object]]]:
        classifier, requests = FakeClassifier(), []
        batcher = MicroBatcher(classifier, (loop := asyncio.get_running_loop()), counters, LoadShedder(loop, 1))
        for values in iterations:
            for value in values:
                requests.append(FakeRequest())
                batcher.submit(row(value), requests[-1])
            await asyncio.sleep(0)
            assert not batcher.has_rows
        return classifier.batches, [request.responses for request in requests]

    return *asyncio.run(run()), counters


def test_rows_of_one_iteration_share_one_run() -> None:
    """Each gets its own answer, once; a single row does not wait for another."""
    batches, responses, _ = submit([1, 2, 3], [4], [], [5, 6])

    assert batches == [3, 1, 2]
    assert responses == [[(value, 0.5)] for value in range(1, 7)]


def test_rows_over_one_batch_run_in_the_iterations_that_follow() -> None:
    """In the order they came, and none is refused; what the loop has to do besides goes between the runs."""

    async def run() -> tuple[list[int], list[list[object]], list[int]]:
        classifier, requests, seen = FakeClassifier(), [FakeRequest() for _ in range(10)], []
        batcher = MicroBatcher(classifier, (loop := asyncio.get_running_loop()), Counters([PATH]), LoadShedder(loop, 1))
        for value, request in enumerate(requests):
            batcher.submit(row(value), request)
        while batcher.has_rows:
            await asyncio.sleep(0)
            seen.append(len(classifier.batches))
        return classifier.batches, [request.responses for request in requests], seen

    batches, responses, seen = asyncio.run(run())

    assert batches == [4, 4, 2]
    assert responses == [[(value, 0.5)] for value in range(10)]
    assert seen == [1, 2, 3]


def test_overload_is_a_time(monkeypatch) -> None:
    """Where a run takes 0.1 s and a row may wait for 0.25 s, three full batches are too many; until that is known, none are."""
    clock = [0.0]
    monkeypatch.setattr(load_shedding, "perf_counter", lambda: clock[0])

    class SlowClassifier(FakeClassifier):
        def run(self, rows: list[bytes]) -> Answer:
            clock[0] += 0.1
            return super().run(rows)

    async def run() -> tuple[list[bool], list[int], FakeRequest, Counters]:
        counters = Counters([PATH])
        batcher = MicroBatcher(SlowClassifier(), (loop := asyncio.get_running_loop()), counters, LoadShedder(loop, 0.25))

        def fill(batches: int) -> None:
            for _ in range(4 * batches):
                batcher.submit(row(0), FakeRequest())

        fill(2 + RECENT_BATCHES)
        seen, queued = [batcher.is_overloaded], []
        while batcher.has_rows:
            await asyncio.sleep(0)
        for _ in range(5):
            while not batcher.is_overloaded:
                fill(1)
            queued.append(len(batcher._full))
            await asyncio.sleep(0)
        batcher.reject(refused := FakeRequest())
        while batcher.has_rows:
            await asyncio.sleep(0)
        return [*seen, batcher.is_overloaded], queued, refused, counters

    seen, queued, refused, counters = asyncio.run(run())

    assert seen == [False, False]
    assert queued == [3] * 5
    assert refused.responses == ["refused"]
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


def test_who_asks_again_at_once_is_not_read_at_once() -> None:
    """Only so many clients at a time, in turn, until all are read again."""
    resumed: list[int] = []

    async def run() -> list[int]:
        shedder, seen = LoadShedder(asyncio.get_running_loop(), 1), []
        for number in range(2 * RESUMED_AT_ONCE + 1):
            shedder.defer(lambda number=number: resumed.append(number))
        while len(resumed) < 2 * RESUMED_AT_ONCE + 1:
            await asyncio.sleep(0)
            seen.append(len(resumed))
        return sorted(set(seen))

    assert asyncio.run(run()) == [0, RESUMED_AT_ONCE, 2 * RESUMED_AT_ONCE, 2 * RESUMED_AT_ONCE + 1]
    assert resumed == sorted(resumed)
