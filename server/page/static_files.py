"""Files for browsers, held whole: each with its type and an ETag, sent again only if it is another one."""

import gzip
import hashlib
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response

TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
}
SQUEEZED = (".html", ".css", ".js", ".svg")


class File(NamedTuple):
    """What is sent: the bytes, what they are, the SHA-256 they are known by, and the bytes for whoever takes gzip."""

    content: bytes
    media_type: str
    digest: str
    gzipped: bytes = b""


def file(content: bytes, name: str) -> File:
    """A file of this content, of the type that its name tells."""
    text = name.endswith(SQUEEZED)
    squeezed = gzip.compress(content, mtime=0) if text else b""
    return File(content, TYPES[Path(name).suffix], hashlib.sha256(content).hexdigest(), squeezed)


def files(folder: Path, names: Iterable[str]) -> dict[str, File]:
    """Those of a folder that are named; raises OSError if one is not there."""
    return {name: file((folder / name).read_bytes(), name) for name in names}


def sent(request: Request, found: File, more: Mapping[str, str]) -> Response:
    """200 with the file, or 304 if the client has it; a 304 replaces stored header fields, so it carries those of the 200.

    more  further header fields: of both answers (RFC 9111, 3.2)
    """
    headers = {"ETag": f'"{found.digest}"', "Cache-Control": "no-cache", **more}
    content, encoding = found.content, {}
    if found.gzipped:
        headers["Vary"] = "Accept-Encoding"
        if "gzip" in request.headers.get("accept-encoding", ""):
            content, headers["ETag"] = found.gzipped, f'"{found.digest}-gzip"'
            encoding = {"Content-Encoding": "gzip"}
    known = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
    if headers["ETag"] in known or "*" in known:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(content, headers={**headers, **encoding}, media_type=found.media_type)
