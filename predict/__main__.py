"""Answer archives of rows, or annotate recordings: whichever the artifact does.

  python -m predict rows.csv answers.csv                  one file; .csv, .csv.gz or .parquet in, .csv or .parquet out
  python -m predict archive/ answers/                     a folder, file by file, to the same names
  python -m predict archive/ answers/ --ray auto          the same on every node of a Ray cluster
  python -m predict 100.hea 7.edf 12.dcm beats/ --lead II recordings (WFDB, EDF, DICOM, SCP-ECG, …): annotations, CSV, PNG out
  python -m predict holter.csv beats/ --sampling-rate 250 --unit mV
                                                          a signal as CSV or text, a column a lead
  python -m predict recordings/ beats/ --lead MLII        a folder of recordings, folders in it as well, on all processors
  python -m predict recordings/ beats/ --ray auto         the same on every node of a Ray cluster
  python -m predict 100.hea beats/ --lead MLII --language fr --title "Ward 3, bed 7"
                                                          the report in French, under this title
  python -m predict 12.dcm beats/ --lead all              every lead, and what they say together
  python -m predict --live ws://127.0.0.1:5000/stream 100.hea
                                                          a recording played to a server as if it came now

Rows: class, its name and probabilities are written beside the columns that are no features. Columns named as the artifact's
features are the features, in any order. A line of CSV is a row, its cells parted by commas, semicolons or tabs; without a
header it has the features in their order, and perhaps a label last. Parquet may hold the features as one column `features`
of lists. A run that was cut off is resumed by the same command. The nodes of a cluster see INPUT, OUTPUT and the artifact
at the same paths.

Recordings: OUTPUT is a folder. NAME.ecg holds WFDB annotations (wfdb.rdann(NAME, "ecg")), NAME.csv a row a beat, NAME.png
the recording with its beats, NAME.html a report to read and to print, NAME.json its numbers; a folder ends with summary.csv,
a line a recording. NAME is the file's own; where files of one name meet it gains their ending or folder, and the line printed
for each file says what was written. A file with several leads needs --lead; with --lead all the answers to a lead are
NAME.LEAD.csv and so on, those of NAME the consensus of the leads. Unit and sampling rate are the file's own, where it has them.

A file that cannot be answered is told of in one line on standard error, the others are answered, and the exit code is 2. What
is unusual is a line that begins with `predict: warning:`. Answers to another file are never replaced.
"""

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from predict.command_line import FOR_RECORDINGS, artifact_and_task, parser, says_of_recordings
from predict.messages import print_error
from predict.ray_cluster import QUIET, BadCluster, RayCluster
from predict.recordings.signal import BadRecording
from predict.rows import local_threads
from predict.rows.answer_all import answer_all
from predict.rows.archive import BadArchive
from predict.rows.part_worker import answer_on_cluster
from predict.rows.resumable_parts import Part
from server.models.annotator import Annotator
from server.models.classifier import Classifier
from server.models.contract import BadArtifact

STOPPED = 130


def main() -> int:
    """Run the command; 0 when all is answered, 2 for what cannot be answered, 130 if it was stopped."""
    if any(argument.partition("=")[0] == "--live" for argument in sys.argv[1:]):
        from predict import live  # what speaks to servers: imported only where it is needed

        return live.main()
    os.environ.update(QUIET)
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # a TextIOWrapper; file names may be no text
    commands = parser(__doc__)
    args = commands.parse_intermixed_args()
    try:
        return 0 if _run(commands, args) else 2
    except (BadArchive, BadArtifact, BadCluster, BadRecording) as error:
        print_error(str(error))
    except OSError as error:
        print_error(f"{error.filename or args.output}: {error.strerror or error}")
    except KeyboardInterrupt:
        print_error("stopped; what is done stays done, the same command goes on from here")
        return STOPPED
    return 2


def _run(commands: argparse.ArgumentParser, args: argparse.Namespace) -> bool:
    """Do what the artifact does; whether all could be answered."""
    artifact, is_annotator = artifact_and_task(args)
    if is_annotator:
        return _annotate_recordings(args, artifact)
    if len(args.input) > 1 or says_of_recordings(args):
        commands.error(f"{FOR_RECORDINGS} and several inputs are for recordings, expected INPUT and OUTPUT")
    return _answer_rows(args, artifact)


def _annotate_recordings(args: argparse.Namespace, artifact: Path) -> bool:
    # What draws and reads: imported only where it is needed.
    from predict.recordings.annotate import Report, Task
    from predict.recordings.annotate_all import annotate_all
    from predict.recordings.files import ReadingOptions
    from predict.recordings.local_processes import annotate_here
    from predict.recordings.report.page import PageOptions
    from predict.recordings.share_worker import annotate_on_cluster

    annotator = Annotator.load(artifact)

    def answers(tasks: Sequence[Task]) -> Iterator[tuple[Task, Report]]:
        if args.ray and tasks:
            return annotate_on_cluster(tasks, annotator, artifact, RayCluster(args.ray))
        return annotate_here(tasks, annotator)

    options = ReadingOptions(args.lead, args.sampling_rate, args.unit)
    page = PageOptions(args.language or "en", args.title or "")
    return annotate_all(args.input, options, annotator.digest, args.output, page, answers)


def _answer_rows(args: argparse.Namespace, artifact: Path) -> bool:
    model = Classifier.load(artifact)

    def answers(parts: Sequence[Part]) -> Iterator[tuple[Part, str]]:
        if args.ray and parts:
            return answer_on_cluster(parts, model, artifact, RayCluster(args.ray))
        return local_threads.answer_parts(parts, model)

    return answer_all(args.input[0], args.output, model, answers)


if __name__ == "__main__":
    sys.exit(main())
