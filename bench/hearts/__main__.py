"""Everything that a file which annotates recordings is held to, on real recordings and on generated ones.

  python -m bench.hearts                                         artifacts/beats.onnx on ../shared/data, a quarter of an hour
  python -m bench.hearts --model other.onnx --only device holters
  python -m bench.hearts --only leads                            what a consensus of the leads is worth, in 20 s
  python -m bench.hearts --out hearts.json                       the figures as JSON, too

The functions behind it take anything that annotates, and records by name: counts of cross-validation folds can be added.

  graph = lambda signal, rate: network.annotate(tf.constant(signal), tf.constant([rate], tf.float32))
  counts = total(device.count(graph, read(data / "cinc2017", names)) for graph, names in folds)
  device.figures(counts)
"""

import argparse
import json
from pathlib import Path

from bench.accuracy import DATA
from bench.hearts import device, holters, leads, no_heart, regular, stress
from bench.hearts.annotate import Annotate, onnx_annotator
from bench.hearts.records import read
from train.recordings.split import DS2

PARTS = ("device", "mitdb", "svdb", "cudb", "regular", "no_heart", "stress", "leads")


def main() -> None:
    """Measure the parts that are asked for, print their figures as they come, write them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=Path("artifacts/beats.onnx"))
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    annotate, figures = onnx_annotator(args.model), {}
    for part in args.only:
        measured = measure(part, annotate, args.data)
        print(
            f"\n| {part} | |\n|---|---|", *(f"| {name} | {value:.4f} |" for name, value in measured.items()), sep="\n", flush=True
        )
        figures |= measured
    if args.out:
        args.out.write_text(json.dumps(figures, indent=1) + "\n")


def measure(part: str, annotate: Annotate, data: Path) -> dict[str, float]:
    """The figures of one of PARTS."""
    if part == "device":
        return device.figures(device.count(annotate, read(data / "cinc2017")))
    if part == "regular":
        return regular.figures(regular.count(annotate, [*read(data / "mitdb"), *read(data / "svdb")]))
    if part == "no_heart":
        return no_heart.figures(no_heart.count(annotate, read(data / "nstdb")))
    if part == "stress":
        return stress.figures(stress.count(annotate, read(data / "mitdb", DS2), read(data / "nstdb")))
    if part == "leads":
        of_strips = leads.strip_figures(annotate, data / "import")
        return holters.figures(leads.count(annotate, read(data / "mitdb", DS2))) | of_strips
    return holters.figures(holters.count(annotate, read(data / part)))


if __name__ == "__main__":
    main()
