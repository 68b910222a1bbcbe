"""Which recordings are trained on and which are tested on: by patient, never by beat."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from train.errors import BadRecords
from train.recordings.reading import Recording

# De Chazal, O'Dwyer and Reilly, IEEE Trans. Biomed. Eng. 51 (2004), 1196-1206: records of the MIT-BIH Arrhythmia Database.
DS1 = (
    *("101", "106", "108", "109", "112", "114", "115", "116", "118", "119", "122"),
    *("124", "201", "203", "205", "207", "208", "209", "215", "220", "223", "230"),
)
DS2 = (
    *("100", "103", "105", "111", "113", "117", "121", "123", "200", "202", "210"),
    *("212", "213", "214", "219", "221", "222", "228", "231", "232", "233", "234"),
)
CAVEAT = "Records 201 (training) and 202 (test) are one patient: the published split keeps all others apart, not these two."
TEST_SHARE = 5
SPLITS = ("patient", "de-chazal", "cross-validation")
FOLDS = 3


@dataclass(frozen=True)
class Parts:
    """Recordings to train on and to test on, and what must be said of the split."""

    training: list[Recording]
    test: list[Recording]
    by: str
    caveat: str | None


def split(recordings: Sequence[Recording], by: str, seed: int) -> Parts:
    """Share out the recordings; `by` is one of SPLITS.

    Raises BadRecords if there are too few, or the published split's are missing.
    """
    if by == "de-chazal":
        return _published(recordings)
    if by == "cross-validation":
        if (patients := len({one.patient for one in recordings})) < FOLDS:
            raise BadRecords(f"--split cross-validation needs recordings of at least {FOLDS} patients, found {patients}")
        return Parts(list(recordings), list(recordings), by, CAVEAT if any(one.name in DS2 for one in recordings) else None)
    training, test = next(iter(_folds(recordings, TEST_SHARE, seed)))
    return Parts(training, test, "patient", None)


def described(parts: Parts) -> str:
    """How the recordings are split, in a line or two."""
    if parts.by == "cross-validation":
        told = (
            f"{len(parts.training)} recordings to train on; tested on each by networks that learned without its fold of {FOLDS}"
        )
        return f"{told}\n{parts.caveat or ''}"
    hours = sum(recording.seconds for recording in parts.training) / 3600
    summary = f"{len(parts.training)} recordings ({hours:.1f} h) to train on, {len(parts.test)} to test on, by {parts.by}"
    return f"{summary}\n{parts.caveat or ''}"


def folds(recordings: Sequence[Recording], seed: int) -> list[tuple[list[Recording], list[Recording]]]:
    """FOLDS folds for cross-validation, each with what to train on and what to test on.

    With the MIT-BIH Arrhythmia Database they leave out the published halves of it, and every other database of annotated beats,
    so that each is also learned without; other recordings are spread over them by the checksum of the patient's name. Without
    it, by patient. Raises BadRecords.
    """
    if not {*DS1, *DS2} <= {recording.name for recording in recordings}:
        return _folds(recordings, FOLDS, seed)
    fold = [_fold_of(recording) for recording in recordings]
    return [
        (
            [one for one, number in zip(recordings, fold, strict=True) if number != part],
            [one for one, number in zip(recordings, fold, strict=True) if number == part],
        )
        for part in range(FOLDS)
    ]


def _fold_of(recording: Recording) -> int:
    if recording.name in DS1 or recording.name in DS2:
        return int(recording.name in DS2)
    if (recording.classes >= 0).any():
        return FOLDS - 1
    return zlib.crc32(recording.patient.encode()) % FOLDS


def _published(recordings: Sequence[Recording]) -> Parts:
    """DS1 and every recording of another database are trained on."""
    missing = sorted({*DS1, *DS2} - {recording.name for recording in recordings})
    if missing:
        raise BadRecords(
            f"--split de-chazal needs the MIT-BIH Arrhythmia Database, these records are missing: {', '.join(missing)}"
        )
    test = [recording for recording in recordings if recording.name in DS2]
    return Parts([recording for recording in recordings if recording.name not in DS2], test, "de-chazal", CAVEAT)


def _folds(recordings: Sequence[Recording], parts: int, seed: int) -> list[tuple[list[Recording], list[Recording]]]:
    """Stratified folds by patient: patients with the same most frequent ectopic beat are spread over the folds."""
    patients = sorted({recording.patient for recording in recordings})
    if len(patients) < 2:
        raise BadRecords(f"expected recordings of at least 2 patients, found {len(patients)}")
    shuffled = [patients[i] for i in np.random.default_rng(seed).permutation(len(patients))]
    ordered = sorted(shuffled, key=lambda patient: _kind([one for one in recordings if one.patient == patient]))
    fold = {patient: number % min(parts, len(patients)) for number, patient in enumerate(ordered)}
    return [
        ([one for one in recordings if fold[one.patient] != part], [one for one in recordings if fold[one.patient] == part])
        for part in range(min(parts, len(patients)))
    ]


def _kind(recordings: Sequence[Recording]) -> tuple[str, int]:
    """The label, and the more frequent of S and V where a beat in fifty is one of them, else N."""
    classes = np.concatenate([recording.classes for recording in recordings])
    ectopic = np.bincount(classes[classes >= 0], minlength=3)[1:3]
    return recordings[0].label or "", int(ectopic.argmax()) + 1 if ectopic.sum() > 0.02 * len(classes) else 0
