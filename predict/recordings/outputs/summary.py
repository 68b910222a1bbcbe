"""summary.csv: a line for each recording of a folder, from the files of numbers beside its answers."""

import os
from collections.abc import Iterable
from operator import attrgetter
from pathlib import Path

import msgspec
import pandas as pd

from predict.recordings.outputs.output_files import OutputFiles
from predict.recordings.outputs.output_names import SUMMARY
from predict.recordings.outputs.tables import is_answer, summary_row
from predict.recordings.report.findings import Numbers
from predict.recordings.signal import BadRecording


def write(folder: Path, outputs: Iterable[OutputFiles]) -> None:
    """Write it into the folder of the answers; raises BadRecording if a file of its name is another's."""
    target = folder / f"{SUMMARY}.csv"
    if target.exists() and not is_answer(target):
        raise BadRecording(f"{target}: expected an earlier summary or no file, this is another")
    rows = []
    for output in sorted(outputs, key=attrgetter("target")):
        numbers = msgspec.json.decode(output.numbers.read_bytes(), type=Numbers)
        rows.append(summary_row(os.path.relpath(output.target, folder), numbers))
    if not rows:
        return
    draft = target.with_name(f".{target.name}-{os.getpid()}")
    pd.DataFrame(rows).to_csv(draft, index=False, float_format="%.6g")
    os.replace(draft, target)
