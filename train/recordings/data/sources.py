"""Where the recordings come from: folders, or the built-in generator."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from train.recordings.data.synthetic import labelled_recordings, synthetic_recordings
from train.recordings.reading import Recording, read, read_noise


@dataclass(frozen=True)
class Source:
    """Folders of records, or none for the built-in ones of this seed; `lead` is the one to evaluate, if it is named."""

    folders: tuple[Path, ...]
    lead: str | None
    seed: int

    def recordings(self) -> list[Recording]:
        """All of them; raises BadRecords."""
        if self.folders:
            return read(self.folders, self.lead)
        return synthetic_recordings(self.seed) + labelled_recordings(self.seed)

    def noise(self) -> list[tuple[float, np.ndarray]]:
        """Recorded noise with its sampling rate in Hz; none is built in."""
        return read_noise(self.folders)
