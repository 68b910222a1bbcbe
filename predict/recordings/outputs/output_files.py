"""The answers to a recording: WFDB annotations, tables, a picture that says where they come from, each written whole."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from predict.recordings.outputs import provenance, wfdb_annotations
from predict.recordings.outputs.output_names import RHYTHM_ENDING, wfdb_name
from predict.recordings.outputs.provenance import Origin
from predict.recordings.outputs.stretches import Stretch
from predict.recordings.outputs.strip_plot import draw
from predict.recordings.outputs.tables import beat_table, is_answer, rhythm_table
from predict.recordings.signal import BadRecording, Signal
from server.models.annotator import Annotation
from server.models.contract import AnnotationContract


class OutputFiles:
    """The files of answers NAME.png, NAME.csv and NAME.ecg in a folder, the last under a name that WFDB allows.

    Of a file of schema 2 there is NAME.rhythm.csv too.

    target  path of the answers without an ending
    """

    def __init__(self, target: Path) -> None:
        self.target = target
        self.record = target.with_name(wfdb_name(target.name))
        self.picture, self.table = (target.with_name(f"{target.name}.{ending}") for ending in ("png", "csv"))
        self.rhythm_table = target.with_name(f"{target.name}{RHYTHM_ENDING}.csv")
        self.annotations = self.record.with_name(f"{self.record.name}.{wfdb_annotations.ANNOTATOR}")

    @property
    def is_there(self) -> bool:
        """Whether any of them is."""
        return any(path.exists() for path in (self.picture, self.table, self.annotations, self.rhythm_table))

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

    def write(
        self,
        signal: Signal,
        annotation: Annotation,
        stretches: Sequence[Stretch],
        contract: AnnotationContract,
        warnings: Sequence[str],
        origin: Origin,
    ) -> None:
        """Write all of them; raises BadRecording if another run has taken the name meanwhile."""
        folder = self.target.parent
        draft = OutputFiles(Path(tempfile.mkdtemp(prefix=".draft-", dir=folder)) / self.target.name)
        try:
            wfdb_annotations.write(draft.record, signal, annotation.beats, stretches, contract, warnings)
            beat_table(signal, annotation.beats, contract.classes).to_csv(draft.table, index=False, float_format="%.6g")
            if contract.rhythms:
                rhythm_table(stretches).to_csv(draft.rhythm_table, index=False, float_format="%.6g")
            chunk = provenance.chunk(origin, draft._beside_picture())
            draw(signal, annotation, stretches, contract.classes, warnings).savefig(draft.picture, dpi=100, metadata=chunk)
            with _locked(folder):
                if self.holder(origin):
                    raise BadRecording(f"{origin.file}: another run has written {self.table} meanwhile, run it again")
                self._replace_with(draft)
        finally:
            shutil.rmtree(draft.target.parent, ignore_errors=True)

    def _replace_with(self, draft: "OutputFiles") -> None:
        """The picture first: until the others are those that it was written with, nothing is taken for done."""
        os.replace(draft.picture, self.picture)
        if draft.rhythm_table.exists():
            os.replace(draft.rhythm_table, self.rhythm_table)
        elif is_answer(self.rhythm_table):  # of a file of schema 2, which answered before
            self.rhythm_table.unlink()
        os.replace(draft.table, self.table)
        os.replace(draft.annotations, self.annotations)

    def _read(self) -> tuple[Origin | None, bool]:
        return provenance.read(self.picture, self._beside_picture())

    def _beside_picture(self) -> Iterator[Path]:
        yield from (self.table, self.annotations)
        if is_answer(self.rhythm_table):
            yield self.rhythm_table


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
