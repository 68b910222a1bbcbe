"""The command line of `python -m train`."""

import argparse
from pathlib import Path

ROWS = ("test", "label", "group", "drop", "keep")
RECORDINGS = ("split", "lead")


def arguments(description: str) -> argparse.Namespace:
    """Parse the command line; options of one task are refused for the other."""
    parser = argparse.ArgumentParser(
        prog="python -m train", description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    _add_common(parser)
    _add_rows(parser.add_argument_group("rows (--task classification)"))
    _add_recordings(parser.add_argument_group("recordings (--task annotation)"))
    args = parser.parse_args()
    rows, recordings = ([name for name in names if getattr(args, name)] for names in (ROWS, RECORDINGS))
    if recordings if args.task == "classification" else rows:
        parser.error("--test, --label, --group, --drop and --keep are of rows; --split and --lead of --task annotation")
    if (rows or recordings) and not args.data:
        parser.error("--test, --label, --group, --drop, --keep, --split and --lead need --data")
    args.split = args.split or "patient"
    return args


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--task", choices=("classification", "annotation"), default="classification", help="rows, or recordings")
    parser.add_argument(
        "--data",
        type=Path,
        nargs="+",
        metavar="PATH",
        help="files of rows, or folders of recordings, to train on; built-in ones without it",
    )
    parser.add_argument(
        "--epochs",
        type=_positive,
        metavar="N",
        help="passes over the rows, or hundreds of batches of recordings; chosen by itself without it",
    )
    parser.add_argument("--seed", type=_seed, default=0, metavar="N", help="same seed, same weights (default 0)")
    parser.add_argument(
        "--out", type=Path, default=Path("artifacts"), metavar="FOLDER", help="where to write (default artifacts)"
    )


def _add_rows(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--test", type=Path, metavar="PATH", help="the official test half of --data")
    group.add_argument(
        "--label", metavar="NAME", help="the label column, if it is not called Label; without a header its number, from 1"
    )
    group.add_argument("--group", metavar="NAME", help="the column whose equal values are rows that stay together")
    group.add_argument("--drop", metavar="NAME", nargs="+", default=[], help="columns that are no features")
    group.add_argument("--keep", metavar="NAME", nargs="+", default=[], help="columns that are features, whatever they look like")


def _add_recordings(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--split",
        choices=("patient", "de-chazal", "cross-validation"),
        help="by patient (default), the published one, or learn from all and test in folds",
    )
    group.add_argument("--lead", metavar="NAME", help="the lead to evaluate; MLII, else the first, without it")


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError("expected a whole number of at least 1")
    return int(text)


def _seed(text: str) -> int:
    if not text.isdecimal() or int(text) >= 2**31:
        raise argparse.ArgumentTypeError(f"expected a whole number from 0 to {2**31 - 1}")
    return int(text)
