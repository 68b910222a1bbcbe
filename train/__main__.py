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
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from train.arguments import arguments
from train.cluster_config import Worker, this_worker
from train.errors import BadRecords, TrainingError
from train.tensorflow_setup import import_quietly


def main() -> int:
    """Run the command; 0 when trained, 1 when another worker was lost, 2 for what cannot be trained on."""
    os.environ.update(TF_CPP_MIN_LOG_LEVEL="3")
    args = arguments(str(__doc__))
    try:
        return _train_on_recordings(args) if args.task == "annotation" else _train_on_rows(args)
    except TrainingError as error:
        print(f"train: {error}", file=sys.stderr)
        return error.exit_code


def _train_on_rows(args: argparse.Namespace) -> int:
    """TensorFlow is imported after the data was found good."""
    from train.rows.data.identifiers import Choices
    from train.rows.data.synthetic import synthetic
    from train.rows.reading import read
    from train.rows.split import described, split

    worker = this_worker(os.environ.get("TF_CONFIG"))
    choices = Choices(args.label, args.group, tuple(args.drop), tuple(args.keep))
    records = read(args.data, args.test, choices) if args.data else synthetic(args.seed)
    parts = split(records, args.seed)
    if worker is None or worker.is_chief:
        _make_folder(args.out)
    print(described(records, parts), flush=True)
    print(*(f"train: {note}" for note in records.notes), sep="\n", end="\n" * bool(records.notes), file=sys.stderr)
    os.environ.update(TF_ENABLE_ONEDNN_OPTS="0")
    import_quietly()
    return _fit_and_report(records, parts, args, worker)


def _fit_and_report(records: Any, parts: Any, args: argparse.Namespace, worker: Worker | None) -> int:
    from train.rows.calibration import calibrate
    from train.rows.evaluate import evaluate
    from train.rows.fit import train
    from train.rows.model_card import facts, outcome
    from train.rows.network import probabilities
    from train.rows.save import save

    trained = train(records, parts, args.epochs, args.seed, worker)
    if worker and not worker.is_chief:
        print(f"{worker.name} is done; the chief writes.")
        return 0
    features, labels = records.features, records.labels
    temperature = calibrate(trained.network, features[parts.validation], labels[parts.validation])
    test = features[parts.test]
    evaluation = evaluate(test, labels[parts.test], probabilities(trained.network, test), records.classes)
    known = facts(records, parts, evaluation, trained.recipe, temperature, args.seed)
    save(trained.network, known, evaluation, trained.history, records, to=args.out)
    print(outcome(known, evaluation, args.out))
    return 0


def _train_on_recordings(args: argparse.Namespace) -> int:
    """TensorFlow is imported after the data was found good."""
    from train.recordings.data.sources import Source
    from train.recordings.split import described, split

    source = Source(tuple(args.data or ()), args.lead, args.seed)
    recordings = source.recordings()
    parts = split(recordings, args.split, args.seed)
    _make_folder(args.out)
    print(described(parts), flush=True)
    graph, predictions, steps = _learn_and_predict(source, parts, args)
    from train.recordings.fit import recipe
    from train.recordings.model_card import facts, outcome
    from train.recordings.save import save

    known = facts(recordings, parts, predictions, recipe(steps), args.seed)
    save(graph, known, predictions, to=args.out)
    print(outcome(known, args.out))
    return 0


def _learn_and_predict(source: Any, parts: Any, args: argparse.Namespace) -> tuple[Any, Any, Any]:
    """The graph, what it says of the recordings that it is tested on, and how many steps it learned."""
    from train.recordings.cross_validate import CrossValidation
    from train.recordings.steps import Steps

    steps = Steps.of(args.epochs)
    if parts.by == "cross-validation":  # Processes that learn beside each other share the processors.
        os.environ.update(TF_NUM_INTRAOP_THREADS="1", TF_NUM_INTEROP_THREADS="1")
    with CrossValidation(source, steps, args.seed) if parts.by == "cross-validation" else nullcontext() as folds:
        import_quietly()
        from train.recordings.evaluate import predict_leads
        from train.recordings.fit import train

        if folds:
            folds.wait_for_processor()
        graph = train(parts.training, steps, args.seed, source.noise())
        if folds:
            return graph, folds.predictions(parts.test), steps
        return graph, [found for recording in parts.test for found in predict_leads(graph, recording)], steps


def _make_folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadRecords(f"{path}: cannot write there ({error.strerror or error})") from error


if __name__ == "__main__":
    sys.exit(main())
