"""Write the server's image: `python rootfs.py ROOT`, run where the server is installed.

Modules are kept compiled and at their places, libraries without debugging symbols; beside them the names, versions and
licences of the packages they are from, where scanners look for them. What is kept is said in closure.py.
"""

import py_compile
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from importlib.metadata import distributions
from pathlib import Path

from closure import PACKAGES, STDLIB, data, extensions, libraries, modules

LICENCE = re.compile("licen[cs]e|copying|notice", re.IGNORECASE)
LINKS = ("lib", "lib64")
LINKED = PACKAGES / "numpy.libs/linked-from-debian"  # Written by replace_openblas.sh: what it linked into a library of NumPy's.
OWN = ("/etc/os-release", "/etc/ld.so.conf", "/etc/ld.so.conf.d/libc.conf", f"{STDLIB}/LICENSE.txt")


def main(root: Path) -> None:
    """Fill the folder `root`."""
    for link in (Path("/", name) for name in LINKS):
        if link.is_symlink():
            _place(link, root).symlink_to(link.readlink())
    files = modules().values()
    interpreter = Path(sys.executable).resolve()
    binaries = {interpreter, *extensions(files)}
    shared = libraries(binaries)
    for path in files:
        if path not in binaries:
            py_compile.compile(str(path), str(_place(path, root).with_suffix(".pyc")), str(path), doraise=True)
    for path in binaries | shared:
        _keep(path, root)
    (root / "usr/local/bin/python").symlink_to(interpreter.name)
    _credit_python({*files, *shared}, root)
    _credit_debian(shared, root)
    for path in [*data(), *(Path(own) for own in OWN if Path(own).exists())]:
        _copy(path, root)
    subprocess.run(["ldconfig", "-r", str(root)], check=True)


def _place(path: Path, root: Path) -> Path:
    """Where this goes, in a folder that is there; links to folders are followed, so that each file is there once."""
    place = root / path.parent.resolve().relative_to("/") / path.name
    place.parent.mkdir(parents=True, exist_ok=True)
    return place


def _copy(path: Path, root: Path) -> Path:
    return Path(shutil.copyfile(path, _place(path, root)))


def _keep(path: Path, root: Path) -> None:
    """An interpreter, extension or library, without what only debuggers read."""
    place = _copy(path, root)
    place.chmod(0o755)
    subprocess.run(["strip", "--strip-unneeded", str(place)], check=True)


def _credit_python(files: Iterable[Path], root: Path) -> None:
    """Metadata and licences of every package that one of the files is from."""
    kept = set(files)
    for package in distributions(path=[str(PACKAGES)]):
        own = [Path(package.locate_file(file)).resolve() for file in package.files or ()]
        if kept & set(own):
            for path in own:
                if path.name == "METADATA" or (LICENCE.search(path.name) and path.suffix not in (".py", ".pyc")):
                    _copy(path, root)


def _credit_debian(shared: Iterable[Path], root: Path) -> None:
    """Status and licence of every Debian package that one of the libraries is from, or is linked into one."""
    search = ["dpkg-query", "--search", *(f"*/{path.name}" for path in shared)]
    found = subprocess.run(search, capture_output=True, text=True, check=False).stdout
    linked = LINKED.read_text().split() if LINKED.exists() else []
    for package in sorted({*linked, *(line.partition(":")[0] for line in found.splitlines() if ": " in line)}):
        status = _place(Path(f"/var/lib/dpkg/status.d/{package}"), root)
        status.write_text(subprocess.run(["dpkg-query", "--status", package], capture_output=True, text=True, check=True).stdout)
        licence = Path(f"/usr/share/doc/{package}/copyright")
        if licence.exists():
            _copy(licence, root)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
