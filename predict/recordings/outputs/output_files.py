"""The answers to a recording: WFDB annotations, CSV and a picture, each written whole, the picture with where they come from."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import pandas as pd
import wfdb

from predict.recordings.outputs import provenance
from predict.recordings.outputs.output_names import wfdb_name
from predict.recordings.outputs.provenance import Origin
from predict.recordings.outputs.strip_plot import draw
from predict.recordings.signal import BadRecording, Signal
from server.models.annotator import Beats
from server.models.contract import AnnotationContract

ANNOTATOR = "ecg"  # the ending of a WFDB annotation file: wfdb.rdann(NAME, "ecg")
NOTE = '"'  # the symbol of a WFDB annotation that is a comment
NOTE_AT = 1  # the sample that a note of the whole recording is put at: at 0 wfdb.rdann leaves notes out
LONGEST_NOTE = 255  # letters, each of one byte
COLUMNS = ("sample", "time_s", "predicted_class", "class", "probability")


class OutputFiles:
    """The files of answers NAME.png, NAME.csv and NAME.ecg in a folder, the last under a name that WFDB allows.

    target  path of the answers without an ending
    """

    def __init__(self, target: Path) -> None:
        self.target = target
        self.record = target.with_name(wfdb_name(target.name))
        self.picture, self.table = (target.with_name(f"{target.name}.{ending}") for ending in ("png", "csv"))
        self.annotations = self.record.with_name(f"{self.record.name}.{ANNOTATOR}")

    @property
    def is_there(self) -> bool:
        """Whether any of the three is."""
        return any(path.exists() for path in (self.picture, self.table, self.annotations))

    def holder(self, origin: Origin) -> str | None:
        """The name of another file whose answers are there, or of what predict did not write; None if there is none."""
        if not self.is_there:
            return None
        found, _ = self._read()
        if found is None:
            return self.target.name
        return None if found.is_of_one_file(origin) else found.file

    def are_of(self, origin: Origin) -> bool:
        """Whether all answers are there, whole, and what would come out again."""
        found, whole = self._read()
        return whole and found is not None and found.answers_the_same(origin)

    def write(self, signal: Signal, beats: Beats, contract: AnnotationContract, warnings: Sequence[str], origin: Origin) -> None:
        """Write all three; raises BadRecording if another run has taken the name meanwhile."""
        folder = self.target.parent
        draft = OutputFiles(Path(tempfile.mkdtemp(prefix=".draft-", dir=folder)) / self.target.name)
        try:
            _write_annotations(draft.record, signal, beats, contract, warnings)
            table(signal, beats, contract.classes).to_csv(draft.table, index=False, float_format="%.6g")
            chunk = provenance.chunk(origin, draft._beside_picture())
            draw(signal, beats, contract.classes, warnings).savefig(draft.picture, dpi=100, metadata=chunk)
            with _locked(folder):
                if self.holder(origin):
                    raise BadRecording(f"{origin.file}: another run has written {self.table} meanwhile, run it again")
                # The picture first: until the others are those that it was written with, nothing is taken for done.
                os.replace(draft.picture, self.picture)
                os.replace(draft.table, self.table)
                os.replace(draft.annotations, self.annotations)
        finally:
            shutil.rmtree(draft.target.parent, ignore_errors=True)

    def _read(self) -> tuple[Origin | None, bool]:
        return provenance.read(self.picture, self._beside_picture())

    def _beside_picture(self) -> Iterator[Path]:
        yield from (self.table, self.annotations)


def holds_answers(path: Path) -> bool:
    """Whether a CSV file is such a table, and so no recording."""
    with suppress(OSError), path.open("rb") as file:
        return file.read(64).decode("latin-1").startswith(",".join(COLUMNS))
    return False


def table(signal: Signal, beats: Beats, classes: tuple[str, ...]) -> pd.DataFrame:
    """A row a beat."""
    named = np.array(classes)[beats.predicted_class]
    seconds = np.round(beats.sample / signal.sampling_rate_hz, 4)
    values = (beats.sample, seconds, beats.predicted_class, named, beats.probability)
    columns = dict(zip(COLUMNS, values, strict=True))
    return pd.DataFrame(columns | {f"probability_{name}": beats.probabilities[:, i] for i, name in enumerate(classes)})


def _write_annotations(record: Path, signal: Signal, beats: Beats, contract: AnnotationContract, warnings: Sequence[str]) -> None:
    """One annotation a beat, and before them a note for each warning; the first says the lead and the model."""
    names = [contract.classes[number] for number in beats.predicted_class]
    # A WFDB annotation file holds at least one annotation: where there is no beat, a note.
    notes = [*warnings] if warnings or names else ["no beat"]
    samples = np.concatenate([np.full(len(notes), NOTE_AT), beats.sample.astype(int)])
    texts, symbols = [*notes, *[""] * len(names)], [NOTE] * len(notes) + names
    order = np.argsort(samples, kind="stable")
    samples, texts, symbols = samples[order], [texts[i] for i in order], [symbols[i] for i in order]
    texts[0] = "; ".join(text for text in (f"{signal.lead}, ecg {contract.version}", texts[0]) if text)
    texts = [text.encode("latin-1", "replace")[:LONGEST_NOTE].decode("latin-1") for text in texts]
    wfdb.wrann(
        *(record.name, ANNOTATOR, samples, symbols),
        aux_note=texts,
        fs=signal.sampling_rate_hz,
        write_dir=str(record.parent),
    )


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Keep other runs from writing into the folder, where the system can."""
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    opened = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # not every network file system locks
            fcntl.flock(opened, fcntl.LOCK_EX)
        yield
    finally:
        os.close(opened)
