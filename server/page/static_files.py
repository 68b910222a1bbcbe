"""Static files held in memory, sent with an ETag and gzip; a conditional request is answered 304 Not Modified."""

import gzip
import hashlib
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response

MEDIA_TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
}
COMPRESSED_SUFFIXES = (".html", ".css", ".js", ".svg")


class StaticFile(NamedTuple):
    """A file's bytes, its media type, its SHA-256 for the ETag, and its bytes compressed with gzip; empty if not compressed."""

    content: bytes
    media_type: str
    digest: str
    gzipped: bytes = b""


def static_file(content: bytes, name: str) -> StaticFile:
    """A file of this content, with the media type of its name's suffix; raises KeyError if MEDIA_TYPES has none."""
    gzipped = gzip.compress(content, mtime=0) if name.endswith(COMPRESSED_SUFFIXES) else b""
    return StaticFile(content, MEDIA_TYPES[Path(name).suffix], hashlib.sha256(content).hexdigest(), gzipped)


def load_files(folder: Path, names: Iterable[str]) -> dict[str, StaticFile]:
    """The named files of a folder, by name; raises OSError if one is not there."""
    return {name: static_file((folder / name).read_bytes(), name) for name in names}


def file_response(request: Request, file: StaticFile, extra_headers: Mapping[str, str]) -> Response:
    """200 with the file, or 304 if the request's If-None-Match holds its ETag.

    extra_headers   are sent with both: a browser replaces the header fields it stored with those of a 304 (RFC 9111, 3.2)
    """
    headers = {"ETag": f'"{file.digest}"', "Cache-Control": "no-cache", **extra_headers}
    content, encoding = file.content, {}
    if file.gzipped:
        headers["Vary"] = "Accept-Encoding"
        if "gzip" in request.headers.get("accept-encoding", ""):
            content, headers["ETag"] = file.gzipped, f'"{file.digest}-gzip"'
            encoding = {"Content-Encoding": "gzip"}
    known = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
    if headers["ETag"] in known or "*" in known:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(content, headers={**headers, **encoding}, media_type=file.media_type)
