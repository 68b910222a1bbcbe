"""Answer archives of rows, or annotate recordings: whichever the artifact does.

  python -m predict rows.csv answers.csv                  one file; .csv, .csv.gz or .parquet in, .csv or .parquet out
  python -m predict archive/ answers/                     a folder, file by file, to the same names
  python -m predict archive/ answers/ --ray auto          the same on every node of a Ray cluster
  python -m predict 100.hea 7.edf 12.dcm beats/ --lead II recordings: WFDB, EDF, BDF, DICOM; annotations, CSV and PNG out
  python -m predict holter.csv beats/ --artifact artifacts/beats.onnx --sampling-rate 250 --unit mV
                                                          a signal as CSV, a column a lead
  python -m predict recordings/ beats/ --lead MLII        a folder of recordings, on all processors

Of rows, class, its name and probabilities come beside the columns that are no features. Columns named as the artifact's
features are the features, in any order. A line of CSV is a row; without a header it has the features in their order, and
perhaps a label last. Parquet may hold them as one column `features` of lists. What is done stays done: run the command
again after it was cut off, and it goes on where it was. The nodes of a cluster see INPUT, OUTPUT and the artifact at the
same paths.

Of recordings, OUTPUT is a folder: NAME.ecg are WFDB annotations (wfdb.rdann(NAME, "ecg")), NAME.csv a row a beat,
NAME.png the recording with its beats. A file with several leads needs --lead; units are the file's own.
"""

import argparse
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from tqdm import tqdm

from predict.recordings.file_kind import Kind, kind_of
from predict.recordings.signal import BadRecording, unit_of
from predict.rows import local_threads as here
from predict.rows import ray_cluster as cluster
from predict.rows.archive import BadArchive
from predict.rows.file_pairs import pairs
from predict.rows.resumable_parts import Part, Task
from server.models.annotator import Annotator, is_annotator
from server.models.classifier import Model
from server.models.contract import BadArtifact

STOPPED = 130


def main() -> int:
    """Run the command; 0 when all is answered, 2 for what cannot be answered, 130 if it was stopped."""
    os.environ.update(cluster.QUIET)
    args = _arguments()
    try:
        if args.annotates:
            return _annotate(args)
        model = Model.load(args.artifact)
        tasks = [Task(source, target, model) for source, target in pairs(args.input, args.output)]
        _run(tasks, model, args)
    except (BadArchive, BadArtifact, BadRecording) as error:
        print(f"predict: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"predict: {error.filename or args.output}: {error.strerror or error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("predict: stopped; what is done stays done, the same command goes on from here", file=sys.stderr)
        return STOPPED
    return 0


def _annotate(args: argparse.Namespace) -> int:
    """Recordings; drawing and reading them is imported only for them."""
    from predict.recordings import files
    from predict.recordings.annotate_all import annotate_all

    paths = [path for path, _ in files.found(args.input, args.output)]
    how = files.ReadingOptions(args.lead or _asked(paths), args.sampling_rate, args.unit)
    return 0 if annotate_all(paths, how, Annotator.load(args.artifact), args.output) else 2


def _asked(paths: list[Path]) -> str | None:
    """The lead that somebody at a terminal says, where one file has several."""
    from predict.recordings import files

    if len(paths) != 1 or not sys.stdin.isatty() or len(leads := files.leads(paths[0])) < 2:
        return None
    return input(f"{paths[0]} has the leads {', '.join(leads)}. Which? ").strip()


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
    parser.add_argument("input", type=Path, nargs="+", metavar="INPUT", help="a file of rows, or recordings, or a folder")
    parser.add_argument("output", type=Path, metavar="OUTPUT", help="where the answers go: a file, or a folder")
    parser.add_argument(
        "--artifact",
        type=Path,
        metavar="PATH",
        help="the ONNX file to answer with (default artifacts/ecg.onnx for rows, artifacts/beats.onnx for recordings)",
    )
    parser.add_argument("--ray", metavar="ADDRESS", help="a Ray cluster to work on: auto, or the address of its head")
    parser.add_argument("--lead", metavar="NAME", help="of recordings: the lead to annotate")
    parser.add_argument("--sampling-rate", type=float, metavar="HZ", help="of a recording that does not say it")
    parser.add_argument("--unit", type=unit_of, help="of a recording that does not say it: mV, uV, V or nV")
    return _decided(parser, parser.parse_intermixed_args())


def _decided(parser: argparse.ArgumentParser, args: argparse.Namespace) -> argparse.Namespace:
    """With the artifact to use and whether it `annotates`: as it says itself, or as the input wants it."""
    holds_recordings = any(_holds_recordings(path) for path in args.input)
    args.artifact = args.artifact or Path("artifacts/beats.onnx" if holds_recordings else "artifacts/ecg.onnx")
    try:
        args.annotates = is_annotator(args.artifact.read_bytes())
    except (OSError, BadArtifact):
        args.annotates = holds_recordings
    if holds_recordings and not args.annotates:
        parser.error(f"{args.artifact} classifies rows, expected an artifact that annotates recordings")
    if args.annotates and args.ray:
        parser.error("--ray is for archives of rows")
    if not args.annotates and (args.lead or args.sampling_rate or args.unit or len(args.input) > 1):
        parser.error("--lead, --sampling-rate, --unit and several inputs are for recordings, expected INPUT and OUTPUT")
    args.input = args.input if args.annotates else args.input[0]
    return args


def _holds_recordings(path: Path) -> bool:
    if path.is_dir():
        return any(_holds_recordings(inside) for inside in path.rglob("*") if inside.is_file())
    try:
        return kind_of(path) is not Kind.CSV
    except (BadRecording, OSError):
        return False


if __name__ == "__main__":
    sys.exit(main())
