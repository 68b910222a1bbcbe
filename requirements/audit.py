"""Known faults of the packages in a lock, from an export of the OSV database, where no database can be asked.

  python requirements/audit.py EXPORT [LOCK]     EXPORT: PyPI/all.zip of OSV, or a folder of its JSON files

OSV's format, and where its exports are: https://ossf.github.io/osv-schema/ and https://google.github.io/osv.dev/data/
"""

import argparse
import json
import re
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

LOCK = Path(__file__).with_name("dev.txt")


def main() -> int:
    """Print the faults, and how new the export is; 0 without faults, 1 with, 2 for what is no export."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("export", type=Path, metavar="EXPORT")
    parser.add_argument("lock", type=Path, nargs="?", default=LOCK, metavar="LOCK")
    arguments = parser.parse_args()
    try:
        advisories = list(read(arguments.export))
        newest = max(advisory["modified"] for advisory in advisories)
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        print(f"audit: {arguments.export}: expected an export of the OSV database ({type(error).__name__})", file=sys.stderr)
        return 2
    pinned = pins(arguments.lock)
    found = sorted({fault for advisory in advisories for fault in faults(advisory, pinned)})
    for fault in found:
        print(" ".join(fault))
    print(f"{len(found)} known faults of {len(pinned)} packages, as of {newest}, the newest of {len(advisories):,} advisories")
    return 1 if found else 0


def read(export: Path) -> Iterator[dict[str, Any]]:
    """The advisories of an export; raises OSError, ValueError or BadZipFile if it cannot be read."""
    if export.is_dir():
        yield from (json.loads(path.read_bytes()) for path in export.glob("*.json"))
        return
    with zipfile.ZipFile(export) as archive:
        yield from (json.loads(archive.read(name)) for name in archive.namelist() if name.endswith(".json"))


def pins(lock: Path) -> dict[str, str]:
    """The version of each package of a lock."""
    return dict(re.findall(r"^([a-z0-9-]+)==([^ ;\\]+)", lock.read_text(), re.MULTILINE))


def faults(advisory: dict[str, Any], pinned: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    """Package, version and name of the advisory, for each pinned version that it says is affected."""
    if "withdrawn" in advisory:
        return
    for affected in advisory.get("affected", []):
        package = affected.get("package", {})
        name = canonicalize_name(package.get("name", ""))
        if package.get("ecosystem") == "PyPI" and name in pinned and is_affected(affected, pinned[name]):
            yield name, pinned[name], advisory["id"]


def is_affected(affected: dict[str, Any], version: str) -> bool:
    """Whether a version is listed, or lies in a range of versions."""
    ranges = [one["events"] for one in affected.get("ranges", []) if one["type"] == "ECOSYSTEM"]
    return version in affected.get("versions", []) or any(_is_within(events, Version(version)) for events in ranges)


def _is_within(events: list[dict[str, str]], version: Version) -> bool:
    """Whether the last event up to a version introduced the fault: OSV's own way to evaluate a range."""
    is_within = False
    for kind, at in sorted((item for event in events for item in event.items()), key=lambda item: _version(item[1])):
        if kind == "introduced" and version >= _version(at):
            is_within = True
        elif (kind == "fixed" and version >= _version(at)) or (kind == "last_affected" and version > _version(at)):
            is_within = False
    return is_within


def _version(text: str) -> Version:
    """A version of an event; one that is none of Python's is before all others, and so hides no fault."""
    try:
        return Version(text)
    except InvalidVersion:
        return Version("0")


if __name__ == "__main__":
    sys.exit(main())
