"""What the server needs, found by rule, where it is installed.

Kept are
- every module of the server itself;
- every module that a started server has loaded, and what these import anywhere, in functions too; but not what a package
  offers through a `__getattr__` of its own (PEP 562), which is for those who ask for more of it;
- every module whose name stands in a kept extension: C imports by name;
- every shared library that the interpreter and the kept extensions are linked to.
- the files of the page.
Left out is what is for someone at a terminal: help, prompts, debuggers, and the tests in their documentation.
"""

import os
import re
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterable, Iterator
from modulefinder import Module, ModuleFinder
from pathlib import Path
from tempfile import TemporaryFile
from types import CodeType

STDLIB, PACKAGES = Path(sysconfig.get_path("stdlib")), Path(sysconfig.get_path("platlib"))
FOR_A_TERMINAL = ("pydoc", "doctest", "pdb", "code", "readline", "rlcompleter", "_pyrepl")
SILENT = 2
# What is imported by a name in a string: once a response is streamed, and to encode the name of a host.
BY_NAME = {"anyio._backends._asyncio", "encodings.idna"}


class Finder(ModuleFinder):
    """Follows imports, but not those in a module's own `__getattr__`."""

    def scan_code(self, co: CodeType, m: Module) -> None:
        """Follow the imports in `co`, code of the module `m`."""
        if co.co_qualname != "__getattr__":
            super().scan_code(co, m)

    def add(self, name: str) -> None:
        """Keep the module of this full name, and all that it imports."""
        self.import_hook(name, None, ["*"] if "." in name else None)

    def files(self) -> dict[str, Path]:
        """Every kept module that has a file."""
        return {name: Path(module.__file__) for name, module in self.modules.items() if module.__file__}


def modules() -> dict[str, Path]:
    """Every module to keep, and its file."""
    finder = Finder([str(Path.cwd()), *sys.path], excludes=FOR_A_TERMINAL)
    importable = set(known()) - set(FOR_A_TERMINAL)
    wanted = loaded() & importable | own() | BY_NAME
    while wanted:
        for name in sorted(wanted):
            finder.add(name)
        files = finder.files()
        wanted = {name for path in extensions(files.values()) for name in named(path) & importable} - files.keys()
    return files


def own() -> set[str]:
    """Names of all modules of the server: some are imported by a name in a string (uvicorn's protocol)."""
    return {".".join(path.with_suffix("").parts).removesuffix(".__init__") for path in Path("server").rglob("*.py")}


def data() -> list[Path]:
    """What the server reads beside its modules: the files of its page."""
    return sorted(path for path in Path("server/page/static").iterdir() if path.is_file())


def extensions(files: Iterable[Path]) -> list[Path]:
    """Those of the files that are not Python."""
    return [path for path in files if path.suffix == ".so"]


def known() -> Iterator[str]:
    """Names of all modules that could be imported here."""
    for base in (PACKAGES, STDLIB / "lib-dynload", STDLIB):
        for path in [*base.rglob("*.py"), *base.rglob("*.so")]:
            yield ".".join(path.relative_to(base).with_name(path.name.partition(".")[0]).parts).removesuffix(".__init__")


def named(extension: Path) -> set[str]:
    """Strings in this extension that could be names of modules."""
    return {string.decode() for string in re.findall(rb"(?<=\0)[A-Za-z_][\w.]+(?=\0)", extension.read_bytes())}


def loaded() -> set[str]:
    """What a server has imported by the time that it answers."""
    with TemporaryFile("w+") as said, subprocess.Popen([sys.executable, "-v", "-m", "server"], stderr=said) as server:
        for _ in range(100):
            if (
                subprocess.run([sys.executable, "-m", "server.healthcheck"], capture_output=True, check=False).returncode
                != SILENT
            ):
                break
            time.sleep(0.1)
        server.terminate()
        if server.wait():
            raise SystemExit(f"closure: expected a server that starts and stops, it ended with {server.returncode}")
        said.seek(0)
        return set(re.findall(r"^import '([\w.]+)' #", said.read(), re.MULTILINE))


def libraries(files: Iterable[Path]) -> set[Path]:
    """Shared libraries that these are linked to, and the loader."""
    said = subprocess.run(["ldd", *map(str, files)], capture_output=True, text=True, check=True).stdout
    if "not found" in said:
        raise SystemExit(f"closure: a shared library is missing\n{said}")
    return {Path(os.path.normpath(path)) for path in re.findall(r"(/\S+) \(0x", said)}
