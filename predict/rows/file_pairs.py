"""Which file is answered where."""

from pathlib import Path

from predict.rows.archive import SUFFIXES, BadArchive, suffix_of

TARGETS = (".csv", ".parquet")


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
    files = [path for path in sorted(source.rglob("*")) if suffix_of(path) and not path.name.startswith(".") and path.is_file()]
    if not files:
        raise BadArchive(f"{source}: expected files that end with {', '.join(SUFFIXES)}, there are none")
    found = [(path, target / path.relative_to(source).parent / _name(path)) for path in files]
    if len({answers for _, answers in found}) < len(found):
        raise BadArchive(f"{source}: expected files of different names, rows.csv and rows.csv.gz go to the same")
    return found


def _name(path: Path) -> str:
    """A gzipped file is answered by one that is not, and the ending is in small letters: it says what is written."""
    suffix = suffix_of(path) or ""
    return path.name[: len(path.name) - len(suffix)] + suffix.removesuffix(".gz")
