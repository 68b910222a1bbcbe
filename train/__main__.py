"""Train the network on a file of ECG rows, or on built-in synthetic beats, and report what it is worth.

  python -m train                                        built-in synthetic beats: for trying things out
  python -m train --data ecg.csv                         no header, the label is the last column
  python -m train --data beats.csv                       a header: F1,F2,…,Fn,Label and perhaps patient
  python -m train --data beats.csv.gz --label rhythm     the label column has another name
  python -m train --data ECG5000_TRAIN.txt --test ECG5000_TEST.txt
                                                         UCR text: label first, white space, official test half

Files may be gzipped; several of the same columns are read one after another; commas, semicolons or tabs, decimal points
or commas. Labels may be numbers or words. Without --test a fifth of the rows is kept for testing.

Columns that say whose row it is (patient_id, Subject, MRN, …; else record, ecg_id, filename, …) are no features: rows with
the same value stay on one side of the split. What looks like a running number under another name is refused until --group,
--drop or --keep says what it is.

  python -m train --task annotation                      whole recordings: finds beats and names them; built-in ones
  python -m train --task annotation --data mitdb svdb --split de-chazal
                                                         folders of WFDB records with annotated beats (.atr)

Recordings are split by patient, never by beat.

With TF_CONFIG set, rows are trained on by several workers together: start the same command on each; the chief writes.
"""

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from train.cluster_config import BadCluster, Worker, WorkerLost, this_worker
from train.rows.data.identifiers import Choices
from train.rows.data.records import BadRecords, Records
from train.rows.data.synthetic import synthetic
from train.rows.reading import read
from train.rows.split import Split, split


def main() -> int:
    """Run the command; 0 when trained, 1 when another worker was lost, 2 for what cannot be trained on."""
    args = _arguments()
    return _annotation(args) if args.task == "annotation" else _classification(args)


def _annotation(args: argparse.Namespace) -> int:
    """Recordings; TensorFlow is imported after the data was found good."""
    os.environ.update(TF_CPP_MIN_LOG_LEVEL="3")
    from train.recordings.reading import read as read_recordings
    from train.recordings.split import split as split_recordings
    from train.recordings.synthetic import synthetic_recordings

    try:
        recordings = read_recordings(args.data, args.lead) if args.data else synthetic_recordings(args.seed)
        parts = split_recordings(recordings, args.split, args.seed)
        args.out.mkdir(parents=True, exist_ok=True)
    except BadRecords as error:
        return _refuse(str(error))
    except OSError as error:
        return _refuse(f"{args.out}: cannot write there ({error.strerror or error})")
    from train.recordings.command import Steps, annotate

    annotate(recordings, parts, Steps.of(args.epochs), args.seed, to=args.out)
    return 0


def _classification(args: argparse.Namespace) -> int:
    try:
        worker = this_worker(os.environ.get("TF_CONFIG"))
        records = (
            read(args.data, args.test, Choices(args.label, args.group, tuple(args.drop), tuple(args.keep)))
            if args.data
            else synthetic(args.seed)
        )
        parts = split(records, args.seed)
        if worker is None or worker.is_chief:
            args.out.mkdir(parents=True, exist_ok=True)
    except (BadCluster, BadRecords) as error:
        return _refuse(str(error))
    except OSError as error:
        return _refuse(f"{args.out}: cannot write there ({error.strerror or error})")
    print(described(records, parts), flush=True)
    for note in records.notes:
        print(f"train: {note}", file=sys.stderr)
    try:
        _train(records, parts, args, worker)
    except BadCluster as error:
        return _refuse(str(error))
    except WorkerLost as error:
        return _refuse(str(error), code=1)
    return 0


def described(records: Records, parts: Split) -> str:
    """What was read, which columns are no features, and how the rows are split."""
    column = records.groups.column if records.groups and parts.by != "row" else None
    left_out = f"; left out: {', '.join(records.left_out)}" if records.left_out else ""
    caveat = f"; {parts.caveat}" if parts.caveat else ""
    return (
        f"{records.name}: {len(records.labels)} rows, {len(records.feature_names)} features, "
        f"classes {', '.join(records.classes)}, split by {parts.by}"
        f"{f' (rows with the same {column} stay together)' if column else ''}{left_out}{caveat}"
    )


def _train(records: Records, parts: Split, args: argparse.Namespace, worker: Worker | None) -> None:
    """Build and fit; the chief, or who trains alone, goes on. TensorFlow is imported here, after the data was found good."""
    os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", TF_ENABLE_ONEDNN_OPTS="0")
    from train.distributed import agree, together
    from train.rows import fit, network

    features, labels, classes = records.features, records.labels, len(records.classes)
    training, validation = ((features[part], labels[part]) for part in (parts.training, parts.validation))
    epochs = args.epochs or fit.default_epochs(len(parts.training))

    with together(worker):
        fit.make_deterministic(args.seed)
        agree(training, epochs, args.seed)
        ecg = network.build(training[0], classes)
        history = fit.fit(ecg, training, validation, classes, epochs, args.seed)
    recipe = fit.recipe(training[0], epochs)
    if worker is None:
        _report(ecg, history, recipe, records, parts, args)
    elif worker.is_chief:
        alone = network.copied(ecg, training[0], classes)
        _report(alone, history, {**recipe, "workers": worker.count}, records, parts, args)
    else:
        print(f"{worker.name} is done; the chief writes.")


def _report(
    ecg: Any, history: dict[str, list[float]], recipe: dict[str, Any], records: Records, parts: Split, args: argparse.Namespace
) -> None:
    """Calibrate, evaluate, save, and say what came out."""
    from train.rows import model_card as card
    from train.rows import network
    from train.rows.evaluate import evaluate
    from train.rows.save import save

    features, labels = records.features, records.labels
    temperature = network.calibrate(ecg, features[parts.validation], labels[parts.validation])
    test = features[parts.test]
    evaluation = evaluate(test, labels[parts.test], network.probabilities(ecg, test), records.classes)
    facts = card.facts(records, parts, evaluation, recipe, temperature, args.seed)
    save(ecg, facts, evaluation, history, records, to=args.out)

    print(evaluation.text)
    print(
        "  ".join(
            f"{name} {evaluation.metrics[name]:.4f}"
            for name in ("accuracy", "macro_f1", "roc_auc", "ece")
            if evaluation.metrics[name] is not None
        )
    )
    print(
        f"{facts['intended_use']}\nWritten to {args.out}: ecg.keras, ecg.json, report/. Next: python -m export --out {args.out}"
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m train", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--task", choices=("classification", "annotation"), default="classification", help="rows, or recordings")
    parser.add_argument(
        "--data",
        type=Path,
        nargs="+",
        metavar="PATH",
        help="rows, or folders of recordings, to train on; built-in ones without it",
    )
    parser.add_argument("--test", type=Path, metavar="PATH", help="the official test half of --data")
    parser.add_argument("--label", metavar="NAME", help="the label column, if it is not called Label in any case")
    parser.add_argument(
        "--group", metavar="NAME", help="the column whose equal values are rows of one patient, which stay together"
    )
    parser.add_argument("--drop", metavar="NAME", nargs="+", default=[], help="columns that are no features")
    parser.add_argument(
        "--keep", metavar="NAME", nargs="+", default=[], help="columns that are features, though they count the rows"
    )
    parser.add_argument(
        "--split", choices=("patient", "de-chazal"), help="of recordings: by patient (default), or the published one"
    )
    parser.add_argument("--lead", metavar="NAME", help="of recordings: the lead to evaluate; MLII, else the first, without it")
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
    args = parser.parse_args()
    rows, recordings = args.test or args.label or args.group or args.drop or args.keep, args.split or args.lead
    if (args.task == "annotation" and rows) or (args.task == "classification" and recordings):
        parser.error("--test, --label, --group, --drop and --keep are of rows; --split and --lead of --task annotation")
    if (rows or recordings) and not args.data:
        parser.error("--test, --label, --group, --drop, --keep, --split and --lead need --data")
    args.split = args.split or "patient"
    return args


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError("expected a whole number of at least 1")
    return int(text)


def _seed(text: str) -> int:
    if not text.isdecimal() or int(text) >= 2**31:
        raise argparse.ArgumentTypeError(f"expected a whole number from 0 to {2**31 - 1}")
    return int(text)


def _refuse(sentence: str, code: int = 2) -> int:
    print(f"train: {sentence}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
