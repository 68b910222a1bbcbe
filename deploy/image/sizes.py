"""Print what an image weighs, by part: `python deploy/image/sizes.py [IMAGE]`, for an image that Docker has.

Unpacked is the sum of its files; gzipped is what `docker save IMAGE | gzip -6` gives, and for a part what its files give alone.
"""

import io
import json
import re
import subprocess
import sys
import tarfile
import zlib
from collections import defaultdict
from typing import IO

PARTS = {
    "onnxruntime": r"onnxruntime",
    "NumPy": r"/numpy/",
    "reference BLAS and LAPACK": r"/numpy\.libs/",
    "uvloop, httptools, msgspec": r"/(uvloop|httptools|msgspec)",
    "other packages": r"site-packages/",
    "Python": r"usr/local/",
    "the server": r"ecg/",
    "system libraries": r"",
}


class Weight:
    """Bytes of a part, as they are and gzipped at level 6."""

    def __init__(self) -> None:
        self.unpacked = self.gzipped = 0
        self._gzip = zlib.compressobj(6)

    def add(self, content: bytes) -> None:
        """One more piece."""
        self.unpacked += len(content)
        self.gzipped += len(self._gzip.compress(content))

    def end(self) -> "Weight":
        """No more pieces."""
        self.gzipped += len(self._gzip.flush())
        return self


def main(image: str) -> int:
    """Print the table; 2 if there is no such image."""
    saved = subprocess.run(["docker", "save", image], capture_output=True, check=False)
    if saved.returncode:
        print(f"sizes: expected an image that Docker has: {saved.stderr.decode().strip()}", file=sys.stderr)
        return 2
    whole = Weight()
    whole.add(saved.stdout)
    parts = _parts(saved.stdout)
    total = sum(part.unpacked for part in parts.values())
    rows = sorted(((part.unpacked, part.gzipped, name) for name, part in parts.items()), reverse=True)
    print("| part | unpacked, MB | gzipped, MB |\n|---|---|---|")
    for unpacked, gzipped, name in [*rows, (total, whole.end().gzipped, "**whole image**")]:
        print(f"| {name} | {unpacked / 1e6:.1f} | {gzipped / 1e6:.1f} |")
    return 0


def _parts(saved: bytes) -> dict[str, Weight]:
    parts: dict[str, Weight] = defaultdict(Weight)
    with tarfile.open(fileobj=io.BytesIO(saved)) as archive:
        for layer in json.load(_file(archive, "manifest.json"))[0]["Layers"]:
            with tarfile.open(fileobj=_file(archive, layer)) as files:
                for member in filter(tarfile.TarInfo.isfile, files):
                    part = next(name for name, pattern in PARTS.items() if re.search(pattern, member.name))
                    parts[part].add(_file(files, member).read())
    return {name: part.end() for name, part in parts.items()}


def _file(archive: tarfile.TarFile, member: str | tarfile.TarInfo) -> IO[bytes]:
    file = archive.extractfile(member)
    assert file, member
    return file


if __name__ == "__main__":
    sys.exit(main(*(sys.argv[1:] or ["ecg-server"])))
