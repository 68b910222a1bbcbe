"""The answers to a recording: WFDB annotations, tables, a report, a picture that says where they come from, each whole."""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from predict.recordings.outputs import provenance, wfdb_annotations
from predict.recordings.outputs.output_names import RHYTHM_ENDING, wfdb_name
from predict.recordings.outputs.provenance import Origin
from predict.recordings.outputs.strip_plot import draw
from predict.recordings.outputs.tables import beat_table, is_answer, rhythm_table
from predict.recordings.report.findings import Findings
from predict.recordings.report.page import PageOptions, is_report, page
from predict.recordings.signal import BadRecording

DRAFT = ".draft-"
ABANDONED_S = 86_400.0  # No answers take so long to write.


class OutputFiles:
    """The files of answers NAME.png, .csv, .html, .json and .ecg in a folder, the last under a name that WFDB allows.

    Of a file of schema 2 there is NAME.rhythm.csv too.

    target  path of the answers without an ending
    """

    def __init__(self, target: Path) -> None:
        self.target = target
        self.record = target.with_name(wfdb_name(target.name))
        endings = ("png", "csv", "html", "json")
        self.picture, self.table, self.page, self.numbers = (target.with_name(f"{target.name}.{one}") for one in endings)
        self.rhythm_table = target.with_name(f"{target.name}{RHYTHM_ENDING}.csv")
        self.annotations = self.record.with_name(f"{self.record.name}.{wfdb_annotations.ANNOTATOR}")

    @property
    def is_there(self) -> bool:
        """Whether any of them is."""
        return any(path.exists() for path in (self.picture, self.rhythm_table, *self._beside_rhythm()))

    def holder(self, origin: Origin) -> str | None:
        """The name of another file whose answers are there, or of what predict did not write; None if there is none."""
        if not self.is_there:
            return None
        found, _ = self._read()
        if found is None or any(path.exists() and not is_report(path) for path in (self.page, self.numbers)):
            return self.target.name
        return None if found.is_of_one_file(origin) else found.file

    def are_of(self, origin: Origin) -> bool:
        """Whether all answers are there, whole, and what would come out again."""
        found, whole = self._read()
        return whole and found is not None and found.answers_the_same(origin)

    def write(self, findings: Findings, origin: Origin, options: PageOptions) -> None:
        """Write all of them; raises BadRecording if another run has taken the name meanwhile."""
        folder = self.target.parent
        draft = OutputFiles(Path(tempfile.mkdtemp(prefix=DRAFT, dir=folder)) / self.target.name)
        try:
            draft._write_all(findings, origin, options)
            with _locked(folder):
                if self.holder(origin):
                    raise BadRecording(f"{origin.file}: another run has written {self.table} meanwhile, run it again")
                self._replace_with(draft)
        finally:
            shutil.rmtree(draft.target.parent, ignore_errors=True)

    def _write_all(self, findings: Findings, origin: Origin, options: PageOptions) -> None:
        """The picture last: it holds the digests of the others."""
        signal, annotation, stretches, contract, warnings = findings
        wfdb_annotations.write(self.record, signal, annotation.beats, stretches, contract, warnings)
        beat_table(signal, annotation.beats, contract.classes).to_csv(self.table, index=False)
        if contract.rhythms:
            rhythm_table(stretches).to_csv(self.rhythm_table, index=False, float_format="%.6g")
        numbers = findings.numbers()
        self.numbers.write_bytes(msgspec.json.encode(numbers) + b"\n")
        self.page.write_bytes(page(findings, numbers, origin.content, options))
        chunk = provenance.chunk(origin, self._beside_picture())
        draw(signal, annotation, stretches, contract.classes, warnings).savefig(self.picture, dpi=100, metadata=chunk)

    def _replace_with(self, draft: "OutputFiles") -> None:
        """The picture first: until the others are those that it was written with, nothing is taken for done."""
        os.replace(draft.picture, self.picture)
        if draft.rhythm_table.exists():
            os.replace(draft.rhythm_table, self.rhythm_table)
        elif is_answer(self.rhythm_table):  # of a file of schema 2, which answered before
            self.rhythm_table.unlink()
        for made, path in zip(draft._beside_rhythm(), self._beside_rhythm(), strict=True):
            os.replace(made, path)

    def _read(self) -> tuple[Origin | None, bool]:
        return provenance.read(self.picture, self._beside_picture())

    def _beside_rhythm(self) -> tuple[Path, ...]:
        return self.table, self.annotations, self.page, self.numbers

    def _beside_picture(self) -> Iterator[Path]:
        yield from self._beside_rhythm()
        if is_answer(self.rhythm_table):
            yield self.rhythm_table


def remove_abandoned_drafts(folder: Path) -> None:
    """Remove what processes that were killed while they wrote have left in a folder of answers."""
    for draft in folder.glob(f"{DRAFT}*"):
        with suppress(OSError):  # another run has removed it
            if draft.stat().st_mtime < time.time() - ABANDONED_S:
                shutil.rmtree(draft, ignore_errors=True)


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
