"""Answer archives of rows with an artifact: class, its name and probabilities beside the columns that are no features.

  python -m predict rows.csv answers.csv                  one file; .csv, .csv.gz or .parquet in, .csv or .parquet out
  python -m predict archive/ answers/                     a folder, file by file, to the same names
  python -m predict archive/ answers/ --ray auto          the same on every node of a Ray cluster

Columns named as the artifact's features are the features, in any order. A line of CSV is a row; without a header it has
the features in their order, and perhaps a label last. Parquet may hold them as one column `features` of lists. What is
done stays done: run the command again after it was cut off, and it goes on where it was. The nodes of a cluster see
INPUT, OUTPUT and the artifact at the same paths.
"""

import argparse
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from tqdm import tqdm

from predict import cluster, here
from predict.archive import BadArchive
from predict.folders import pairs
from predict.parts import Part, Task
from server.contract import BadArtifact
from server.model import Model

STOPPED = 130


def main() -> int:
    """Run the command; 0 when all is answered, 2 for what cannot be answered, 130 if it was stopped."""
    os.environ.update(cluster.QUIET)
    args = _arguments()
    try:
        model = Model.load(args.artifact)
        tasks = [Task(source, target, model) for source, target in pairs(args.input, args.output)]
        _run(tasks, model, args)
    except (BadArchive, BadArtifact) as error:
        print(f"predict: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"predict: {error.filename or args.output}: {error.strerror or error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("predict: stopped; what is done stays done, the same command goes on from here", file=sys.stderr)
        return STOPPED
    return 0


def _run(tasks: list[Task], model: Model, args: argparse.Namespace) -> None:
    """Answer what is not answered yet, and put each file together as soon as its parts are there."""
    left = [task for task in tasks if not task.is_done]
    for task in (task for task in tasks if task.is_done):
        print(f"{task.target}: already done")
    for task in left:
        task.begin()
    parts = [part for task in left for part in task.parts]
    waiting = [part for part in parts if not part.is_done]
    if len(waiting) < len(parts):
        print(f"{len(parts) - len(waiting)} of {len(parts)} parts are done already")
    answered = cluster.done(waiting, model, args.artifact, args.ray) if args.ray and waiting else here.done(waiting, model)
    with tqdm(total=sum(part.size for part in parts), unit="B", unit_scale=True, disable=None) as bar:
        bar.update(sum(part.size for part in parts) - sum(part.size for part in waiting))
        for task in _whole(left, answered, bar):
            rows, unanswered = task.finish()
            bar.write(f"{task.target}: {rows} rows" + (f", {unanswered} without an answer: not finite" if unanswered else ""))


def _whole(tasks: list[Task], answered: Iterator[Part], bar: "tqdm[None]") -> Iterator[Task]:
    """Each task, once all its parts are done."""
    missing = {task: {part.answers for part in task.parts if not part.is_done} for task in tasks}
    owners = {part.answers: task for task in tasks for part in task.parts}
    yield from (task for task in tasks if not missing[task])
    for part in answered:
        bar.update(part.size)
        task = owners[part.answers]
        missing[task].discard(part.answers)
        if not missing[task]:
            yield task


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m predict", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("input", type=Path, metavar="INPUT", help="a file of rows, or a folder of such files")
    parser.add_argument("output", type=Path, metavar="OUTPUT", help="where the answers go: a file, or a folder")
    parser.add_argument(
        "--artifact",
        type=Path,
        default=Path("artifacts/ecg.onnx"),
        metavar="PATH",
        help="the ONNX file to answer with (default artifacts/ecg.onnx)",
    )
    parser.add_argument("--ray", metavar="ADDRESS", help="a Ray cluster to work on: auto, or the address of its head")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
