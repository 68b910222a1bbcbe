"""Which files hold rows, in what format, and which file the answers of each go to."""

from collections.abc import Sequence
from pathlib import Path

from predict.rows.archive import Archive, BadArchive
from predict.rows.csv_reader import CsvFile
from predict.rows.parquet_reader import ParquetFile

SUFFIXES = (".csv", ".csv.gz", ".parquet")  # what is looked for in a folder; a file that is named may have any
TARGETS = (".csv", ".parquet")
PARQUET = b"PAR1"


def open_archive(path: Path, features: Sequence[str]) -> Archive:
    """The file, by its first bytes, else by its suffix; raises BadArchive if it does not hold these features."""
    try:
        return ParquetFile(path, features) if is_parquet(path) or _suffix(path) == ".parquet" else CsvFile(path, features)
    except OSError as error:
        raise BadArchive(f"{path}: {error.strerror}") from error


def is_parquet(path: Path) -> bool:
    """Whether the file begins as Parquet does."""
    with path.open("rb") as file:
        return file.read(len(PARQUET)) == PARQUET


def pairs(source: Path, target: Path) -> list[tuple[Path, Path]]:
    """Each file and the file of its answers; raises BadArchive if there is none, or one would be written over another."""
    if not source.exists():
        raise BadArchive(f"{source}: expected a file or a folder, there is none")
    if source.is_dir():
        return _folder(source.resolve(), target.resolve())
    if target.is_dir():
        target = target / _name(source)
    if target.suffix not in TARGETS:
        raise BadArchive(f"{target}: expected an output that ends with {' or '.join(TARGETS)}, or a folder that is there")
    if source.resolve() == target.resolve():
        raise BadArchive(f"{target}: expected an output that is not the input")
    return [(source.resolve(), target.resolve())]


def _folder(source: Path, target: Path) -> list[tuple[Path, Path]]:
    if target.is_relative_to(source) or target.is_file():
        raise BadArchive(f"{target}: expected a folder for the answers, outside of {source}")
    files = [
        path for path in sorted(source.rglob("*")) if has_rows_suffix(path) and not path.name.startswith(".") and path.is_file()
    ]
    if not files:
        raise BadArchive(f"{source}: expected files that end with {', '.join(SUFFIXES)}, there are none")
    found = [(path, target / path.relative_to(source).parent / _name(path)) for path in files]
    if len({answers for _, answers in found}) < len(found):
        raise BadArchive(f"{source}: expected files of different names, rows.csv and rows.csv.gz go to the same")
    return found


def has_rows_suffix(path: Path) -> bool:
    """Whether the name is that of a file of rows."""
    return _suffix(path) is not None


def _suffix(path: Path) -> str | None:
    return next((suffix for suffix in SUFFIXES if path.name.lower().endswith(suffix)), None)


def _name(path: Path) -> str:
    """A gzipped file is answered by one that is not, and the ending is in small letters: it says what is written."""
    suffix = _suffix(path)
    return f"{path.stem}.csv" if suffix is None else path.name[: len(path.name) - len(suffix)] + suffix.removesuffix(".gz")
