"""What annotating recordings is worth, by patients it was not trained on.

  python -m bench.annotation              cross-validation by patient within DS1 of the MIT-BIH Arrhythmia Database
  python -m bench.annotation svdb         the same with the records of the supraventricular database, which are tried too

This is how everything about the networks was chosen; DS2 is not read. The published split is what training itself reports:
python -m train --task annotation --data mitdb svdb --split de-chazal
"""

import os
import sys
from collections.abc import Sequence

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from bench.accuracy import DATA
from train.recordings.ec57_scoring.confusion import PredictedBeats, confusion
from train.recordings.evaluate import evaluate, predict_beats
from train.recordings.fit import Steps, train
from train.recordings.reading import read
from train.recordings.split import DS1, folds

FOLDS = 4
SHOWN = ("detection_sensitivity", "detection_positive_predictivity", "accuracy", "macro_f1")
SHOWN = (*SHOWN, *(f"{name}_{figure}" for name in "SV" for figure in ("sensitivity", "positive_predictivity")))


def main(more: Sequence[str]) -> None:
    """Train FOLDS times, each on the patients that the others leave, and print the figures of each database."""
    recordings = [one for one in read([DATA / name for name in ("mitdb", *more)]) if one.name in DS1 or one.origin != "mitdb"]
    predictions: list[PredictedBeats] = []
    for number, (training, tried) in enumerate(folds(recordings, FOLDS, seed=0)):
        graph = train(training, Steps(), seed=0)
        predictions += [predict_beats(graph, one) for one in tried]
        print(f"fold {number + 1}: {_figures(predictions[-len(tried) :])}", flush=True)
    for origin in sorted({one.recording.origin for one in predictions}):
        own = [one for one in predictions if one.recording.origin == origin]
        print(f"{origin}: {_figures(own)}", flush=True)


def _figures(predictions: Sequence[PredictedBeats]) -> str:
    gross = evaluate([one.recording.name for one in predictions], np.stack([confusion(one) for one in predictions])).gross
    return "  ".join(f"{name} {gross[name]:.4f}" for name in SHOWN)


if __name__ == "__main__":
    main(sys.argv[1:])
