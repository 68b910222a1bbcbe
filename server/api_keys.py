"""Who may ask: keys of which the server knows the SHA-256 only.

`python -m server.keys FILE NAME` makes one, adds its line to FILE and prints it; whoever deletes the line takes it back.
"""

import argparse
import hashlib
import hmac
import logging
import re
import secrets
import sys
from pathlib import Path

from server.serving.file_watcher import identity

KEY_BYTES = 32

log = logging.getLogger(__name__)
_line = re.compile(r"([0-9a-f]{64})(?:\s.*)?")


class BadKeys(Exception):
    """The file holds no keys, or something else; the message says what was expected."""


class Keys:
    """The keys of a file; without a file, everybody may ask."""

    def __init__(self, path: Path | None) -> None:
        """Raises BadKeys if the file is not usable."""
        self.path = path or Path()
        self.seen = identity(self.path)
        self._digests = read(path) if path else ()

    @property
    def are_wanted(self) -> bool:
        """Whether a key must be shown."""
        return bool(self._digests)

    def admit(self, authorization: bytes | None) -> bool:
        """Whether this header field holds one of the keys, in a time that does not tell how much of it is right."""
        if not self._digests:
            return True
        scheme, _, key = (authorization or b"").partition(b" ")
        digest = hashlib.sha256(key.strip()).digest()
        matches = [hmac.compare_digest(digest, good) for good in self._digests]
        return any(matches) and scheme.lower() == b"bearer"

    async def load(self) -> None:
        """Take up the file as it is now; if it is not usable, the keys there were stay good."""
        self.seen = identity(self.path)
        try:
            self._digests = read(self.path)
            log.info("%d keys are good", len(self._digests))
        except BadKeys as error:
            log.error("%s; the keys there were stay good", error)


def read(path: Path) -> tuple[bytes, ...]:
    """The SHA-256 of the keys in a file: one a line in hexadecimal, then a name; lines that begin with # say nothing.

    Raises BadKeys if a line is something else, or there is none.
    """
    try:
        lines = path.read_text().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadKeys(f"{path} cannot be read, expected a file of keys made by python -m server.keys") from error
    told = [(number, line.strip()) for number, line in enumerate(lines, start=1) if line.strip() and line.lstrip()[0] != "#"]
    found = [(number, _line.fullmatch(line)) for number, line in told]
    for number, match in found:
        if not match:
            raise BadKeys(f"{path}, line {number}: expected the SHA-256 of a key in 64 hexadecimal digits, then a name")
    if not found:
        raise BadKeys(f"{path} holds no key, expected at least one: python -m server.keys {path} NAME makes it")
    return tuple(bytes.fromhex(match[1]) for _, match in found if match)


def main() -> int:
    """Make a key."""
    parser = argparse.ArgumentParser(prog="python -m server.keys", description="Make a key: add its SHA-256 to FILE, print it.")
    parser.add_argument("file", metavar="FILE", type=Path, help="what ECG_API_KEYS_FILE names; made if it is not there")
    parser.add_argument("name", metavar="NAME", help="whose key it is, for whoever reads the file")
    arguments = parser.parse_args()
    if not arguments.name.isprintable():
        parser.error("expected NAME to be one line")
    key = secrets.token_urlsafe(KEY_BYTES)
    with arguments.file.open("a") as file:
        file.write(f"{hashlib.sha256(key.encode()).hexdigest()}  {arguments.name}\n")
    print(key)
    return 0


if __name__ == "__main__":
    sys.exit(main())
