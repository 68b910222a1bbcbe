"""EDF and BDF files, plain and with annotations."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from edfio import Bdf, BdfSignal, Edf, EdfSignal, read_bdf, read_edf

from predict.recordings.signal import MILLIVOLTS, BadRecording, Signal, chosen, millivolts

warnings.filterwarnings("ignore", module="edfio")  # what it warns of is refused here
READERS: dict[bytes, Callable[..., Edf | Bdf]] = {b"0       ": read_edf, b"\xffBIOSEMI": read_bdf}
RECORDS = slice(236, 244)  # where the header says how many there are


def leads(path: Path) -> list[str]:
    """The labels of the signals in a unit of voltage."""
    with _opened(path) as file:
        return list(_signals(file))


def read(path: Path, wanted: str | None) -> Signal:
    """One signal of the file; raises BadRecording."""
    with _opened(path) as file:
        signals = _signals(file)
        lead = chosen(path, list(signals), wanted)
        signal = signals[lead]
        if signal.physical_min == signal.physical_max or signal.digital_min == signal.digital_max:
            raise BadRecording(f"{path}: expected a range of values of {lead}, found a single one: its unit is not known")
        return Signal(path.stem, lead, millivolts(signal.data, signal.physical_dimension, path), signal.sampling_frequency)


def _signals(file: Edf | Bdf) -> dict[str, EdfSignal | BdfSignal]:
    return {signal.label: signal for signal in file.signals if signal.physical_dimension in MILLIVOLTS}


@contextmanager
def _opened(path: Path) -> Iterator[Edf | Bdf]:
    try:
        with path.open("rb") as opened:
            header = opened.read(256)
        file = READERS[header[:8]](path, header_encoding="latin-1")
        if file.num_data_records != int(header[RECORDS]):
            raise BadRecording(f"{path}: expected {int(header[RECORDS])} data records, found {file.num_data_records}")
        if file.reserved[3:5] == "+D":
            raise BadRecording(f"{path}: expected a continuous recording, this one has pauses (EDF+D)")
        yield file
    except (ArithmeticError, LookupError, NameError, OSError, ValueError) as error:
        raise BadRecording(f"{path}: expected an EDF or BDF file as the standard has it") from error
