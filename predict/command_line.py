"""The arguments of `python -m predict`, and whether they ask for recordings to be annotated or rows to be classified."""

import argparse
import math
from collections.abc import Sequence
from pathlib import Path

from predict.recordings.file_kind import Kind, kind_of
from predict.recordings.files import leads
from predict.recordings.report.wording import LANGUAGES
from predict.recordings.signal import BadRecording, unit_of
from predict.rows.archive import BadArchive
from predict.rows.csv_dialect import are_rows
from predict.rows.csv_reader import first_lines
from predict.rows.file_pairs import TARGETS, has_rows_suffix, is_parquet
from server.models.annotator import is_annotator
from server.models.classifier import Classifier
from server.models.contract import BadArtifact
from server.models.onnx_session import load_artifact

ROWS, RECORDINGS = Path("artifacts/ecg.onnx"), Path("artifacts/beats.onnx")
FOR_RECORDINGS = "--lead, --sampling-rate, --unit, --language, --title"
MOST_LEADS = 32  # more columns are hardly leads


def parser(description: str | None) -> argparse.ArgumentParser:
    """The parser of the command line."""
    found = argparse.ArgumentParser(
        prog="python -m predict", description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    found.add_argument("input", type=Path, nargs="+", metavar="INPUT", help="a file of rows, or recordings, or a folder")
    found.add_argument("output", type=Path, metavar="OUTPUT", help="where the answers go: a file, or a folder")
    found.add_argument(
        "--artifact",
        type=Path,
        metavar="PATH",
        help=f"the ONNX file to answer with (default {ROWS} for rows, {RECORDINGS} for recordings)",
    )
    found.add_argument("--ray", metavar="ADDRESS", help="a Ray cluster to work on: auto, or the address of its head")
    found.add_argument("--live", metavar="URL", help="play a recording to a server: python -m predict --live --help")
    add_reading_options(found)
    found.add_argument("--language", choices=LANGUAGES, help="of a recording's report (default en)")
    found.add_argument("--title", metavar="TEXT", help="over a recording's report, which else names nobody")
    return found


def add_reading_options(found: argparse.ArgumentParser) -> None:
    """Add what a recording may leave open."""
    found.add_argument("--lead", metavar="NAME", help="of recordings: the lead to annotate, by its name or its number, or all")
    found.add_argument("--sampling-rate", type=_rate_hz, metavar="HZ", help="of a recording that does not say it")
    found.add_argument("--unit", type=_unit, metavar="UNIT", help="of a recording that does not say it: mV, µV, uV, V or nV")


def _rate_hz(text: str) -> float:
    try:
        rate = float(text)
    except ValueError:
        rate = math.nan
    if not 0 < rate < math.inf:
        raise argparse.ArgumentTypeError("expected a number of Hz, such as 250")
    return rate


def _unit(text: str) -> str:
    try:
        return unit_of(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{error}") from error


def artifact_and_task(args: argparse.Namespace) -> tuple[Path, bool]:
    """The artifact to answer with, and whether it annotates recordings: as it says, or as the inputs want it.

    Raises BadArtifact if it cannot be read, or does not do what the inputs want; BadRecording for a file of no known kind.
    """
    recordings = any(map(_is_recording, args.input))
    if args.artifact is None and not any(path.exists() for path in args.input):
        raise BadRecording(f"{args.input[0]}: expected a file or a folder, there is no such file")
    if args.artifact is None:
        signals = recordings or says_of_recordings(args) or any(_is_signal(path, args.output) for path in args.input)
        artifact, annotates = (RECORDINGS, True) if signals else (ROWS, False)
    else:
        artifact, annotates = args.artifact, load_artifact(is_annotator, args.artifact)
    if recordings and not annotates:
        raise BadArtifact(f"{artifact} classifies rows, expected an artifact that annotates recordings")
    if not annotates:
        _require_text_or_parquet(args.input)
    return artifact, annotates


def says_of_recordings(args: argparse.Namespace) -> bool:
    """Whether an argument is there that only recordings have."""
    return args.sampling_rate is not None or any((args.lead, args.unit, args.language, args.title))


def _is_recording(path: Path) -> bool:
    """Whether a file can be nothing else, or a folder holds such a file."""
    if path.is_dir():
        return any(_is_recording(inside) for inside in path.rglob("*") if inside.is_file() and not has_rows_suffix(inside))
    try:
        return kind_of(path) is not Kind.CSV
    except (BadRecording, OSError):
        return False


def _require_text_or_parquet(paths: Sequence[Path]) -> None:
    """Raises BadRecording for a file of another kind, which it names."""
    for path in paths:
        if path.is_file() and not has_rows_suffix(path) and not is_parquet(path):
            try:
                kind_of(path)
            except BadRecording as error:
                raise BadRecording(f"{error}, or rows as CSV or Parquet") from error


def _is_signal(path: Path, output: Path) -> bool:
    """Whether a text, or the first in a folder, is rather a signal than rows of the default artifact: few columns, others."""
    if path.is_dir():
        path = next((inside for inside in sorted(path.rglob("*")) if inside.is_file() and has_rows_suffix(inside)), path)
    try:
        features = Classifier.load(ROWS).contract.features if ROWS.exists() else ()
        if are_rows(first_lines(path), features) or output.suffix in TARGETS:
            return False
    except (BadArchive, BadArtifact):  # no rows, but perhaps a signal: in another encoding, or before there is a model of rows
        pass
    try:
        return 0 < len(leads(path)) <= MOST_LEADS
    except (BadRecording, OSError):
        return False
