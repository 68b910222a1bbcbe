"""Rows that wait for the same run."""

import asyncio

import numpy as np

from server.models.classifier import Answer
from server.observability.counters import Counters
from server.serving.micro_batcher import PATH, MicroBatcher


class Counting:
    """A block whose network says of each row what its first number is, of 99 nothing, and counts its runs."""

    max_rows = 64

    def __init__(self) -> None:
        self.runs: list[int] = []

    def run(self, rows: list[bytes]) -> Answer:
        """Fails for a run that holds a 13."""
        features = np.frombuffer(b"".join(rows), np.float32).reshape(len(rows), -1)
        self.runs.append(len(features))
        if 13 in features:
            raise RuntimeError("13")
        return Answer(features[:, 0].astype(np.int32), np.where(features[:, 0] == 99, np.nan, 0.5).astype(np.float32))


class Heard:
    """An exchange that keeps what it is told."""

    def __init__(self) -> None:
        self.said: list[object] = []
        self.request_id = None

    def answer(self, predicted_class: int, probability: float) -> None:
        """Keep the answer."""
        self.said.append((predicted_class, probability))

    def fail(self) -> None:
        """Keep that there is none."""
        self.said.append("failed")

    def refuse_row(self) -> None:
        """Keep that there never will be one."""
        self.said.append("no answer")

    def refuse(self) -> None:
        """Keep that there is none now."""
        self.said.append("refused")


def hear(*turns: list[int]) -> tuple[list[int], list[list[object]]]:
    """How large the runs were, and what each row heard, for rows that join in these turns of the event loop."""

    async def run() -> tuple[list[int], list[list[object]]]:
        block, heard = Counting(), []
        batcher = MicroBatcher(block, asyncio.get_running_loop(), Counters([PATH]))
        for values in turns:
            for value in values:
                heard.append(Heard())
                batcher.submit(np.array([value, 0], np.float32).tobytes(), heard[-1])
            await asyncio.sleep(0)
        return block.runs, [one.said for one in heard]

    return asyncio.run(run())


def test_rows_of_one_turn_share_one_run() -> None:
    """And each hears its own answer, once; a row that comes alone does not wait for another."""
    runs, said = hear([1, 2, 3], [4], [], [5, 6])

    assert runs == [3, 1, 2]
    assert said == [[(value, 0.5)] for value in range(1, 7)]


def test_a_row_without_an_answer_is_refused_alone() -> None:
    """The others of its turn have theirs."""
    runs, said = hear([1, 99, 2])

    assert runs == [3]
    assert said == [[(1, 0.5)], ["no answer"], [(2, 0.5)]]


def test_a_run_that_fails_is_heard_by_its_rows_alone(caplog) -> None:
    """And the next turn is answered again."""
    runs, said = hear([1], [13, 2], [3])

    assert runs == [1, 2, 1]
    assert said == [[(1, 0.5)], ["failed"], ["failed"], [(3, 0.5)]]
    assert "a run of 2 rows failed" in caplog.text
