"""Recordings annotated on a Ray cluster: each by one actor or, where they are few, long ones in shares by several."""

import math
import pickle
from collections.abc import Iterator, Sequence
from pathlib import Path

from tqdm import tqdm

from predict.ray_cluster import RayCluster, Row, load_the_same
from predict.recordings import annotate
from predict.recordings.annotate import Report, Share, Task
from predict.recordings.answer import answer, sentence
from predict.recordings.files import ALL_LEADS
from predict.recordings.outputs.provenance import Origin, files_of, origin
from predict.recordings.signal import BadRecording
from server.models.annotator import Annotation, Annotator

SHARES_A_PROCESSOR = 2  # so that none waits long for the last
SHARE_BYTES = 1 << 22  # A smaller share is not worth that it, too, reads the file.
WHOLE = Share()
Found = tuple[Origin, list[Annotation]]  # what is said of a share, and of which content


class ShareWorker:
    """An actor: one model, which annotates recording after recording, or shares of them."""

    def __init__(self, artifact: str, digest: str) -> None:
        self._annotator = load_the_same(Annotator.load, artifact, digest)

    def __call__(self, row: Row) -> Row:
        """Annotate the share; what is wrong with a recording is returned, not raised, so that Ray does not try again."""
        task, share = pickle.loads(row["work"])
        if share == WHOLE:
            return {"number": row["number"], "answer": pickle.dumps(answer(task, self._annotator, _no_progress))}
        return {"number": row["number"], "answer": pickle.dumps(self._annotated(task, share))}

    def _annotated(self, task: Task, share: Share) -> Found | Report:
        try:
            came_from = origin(task.path, task.settings, self._annotator.digest)
            return came_from, list(annotate.run(annotate.read(task, self._annotator), self._annotator, share, _no_progress))
        except Exception as error:
            return Report("", fault=sentence(task.path, error))


def annotate_on_cluster(
    tasks: Sequence[Task], annotator: Annotator, artifact: Path, cluster: RayCluster
) -> Iterator[tuple[Task, Report]]:
    """Each recording once it is annotated, with what is to be said of it; shares are joined and written here.

    Answers are written whole, so whoever does again what a node that died has begun does no harm. Raises BadCluster.
    """
    cut = {task: shares(task, len(tasks), cluster.processors) for task in tasks}
    work = [(task, share) for task in tasks for share in cut[task]]
    rows = [{"number": number, "work": pickle.dumps(one)} for number, one in enumerate(work)]
    found: dict[Task, dict[Share, Found | Report]] = {task: {} for task in tasks}
    with tqdm(total=len(work), unit="part", disable=None) as bar:
        for row in cluster.answers(ShareWorker, [str(artifact.resolve()), annotator.digest], rows):
            task, share = work[row["number"]]
            bar.update()
            found[task][share] = pickle.loads(row["answer"])
            if len(found[task]) == len(cut[task]):
                whole = found.pop(task)
                yield task, _joined(task, annotator, [whole[share] for share in cut[task]])


def shares(task: Task, tasks: int, processors: int) -> list[Share]:
    """What a recording is cut into: one where all processors have a recording, it is short or all leads are asked for."""
    if task.options.lead == ALL_LEADS:  # which are annotated together
        return [WHOLE]
    try:
        size = sum(path.stat().st_size for path in files_of(task.path))
    except OSError:  # told of when it is to be annotated
        size = 0
    count = max(1, min(math.ceil(SHARES_A_PROCESSOR * processors / tasks), size // SHARE_BYTES))
    return [Share(number / count, (number + 1) / count) for number in range(count)]


def _joined(task: Task, annotator: Annotator, answers: Sequence[Found | Report]) -> Report:
    """The answers to a recording, written from what is said of its shares, if they are all of the content it has now."""
    reports = [one for one in answers if isinstance(one, Report)]
    if reports:
        return reports[0]
    shares = [one for one in answers if not isinstance(one, Report)]
    try:
        came_from = origin(task.path, task.settings, annotator.digest)
        if any(other != came_from for other, _ in shares):
            raise BadRecording(f"{task.path}: expected a file that stays as it is, it changed meanwhile: run it again")
        annotations = [annotation for _, of_share in shares for annotation in of_share]
        return annotate.finish(task, annotator, came_from, annotate.read(task, annotator), annotations).report
    except Exception as error:
        return Report("", fault=sentence(task.path, error))


def _no_progress(read_s: float, annotated_s: float) -> None:
    """An actor shows no bar: the command does."""
