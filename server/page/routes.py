"""`GET /`, the page that shows what the models say, the files it loads, and onnxruntime-web where it is beside the server."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from server.errors import UnknownFile
from server.page.static_files import StaticFile, file_response, load_files, static_file
from server.settings import ORT_FILES

STATIC_FOLDER = Path(__file__).parent / "static"
INDEX = "index.html"
HEAD, NO_BASE, OWN_BASE = b'<meta charset="utf-8">', "base-uri 'none'", "base-uri 'self'"
WITHOUT_LIMIT, WITH_LIMIT = b'data-most-bytes=""', b'data-most-bytes="%d"'
WITHOUT_ORT, WITH_ORT = b'data-ort=""', b'data-ort="ort/%s"' % ORT_FILES[0].encode()
CONTENT_SECURITY_POLICY = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
WEBASSEMBLY_POLICY = "; script-src 'self' 'wasm-unsafe-eval'"


class PageAssets:
    """All files of the page, read into memory once.

    index    index.html, which says how many bytes of a recording are taken and whether the models can be run in the browser
    assets   what it loads, by file name
    ort      onnxruntime-web's files by name; empty without a folder of them
    policy   the Content-Security-Policy of all of them: load and ask of this server only
    """

    def __init__(self, ort_folder: Path | None, max_recording_bytes: int) -> None:
        """Raises OSError if one of ORT_FILES is not in the folder."""
        names = sorted(path.name for path in STATIC_FOLDER.iterdir() if path.name != INDEX)
        index = (STATIC_FOLDER / INDEX).read_bytes().replace(WITHOUT_LIMIT, WITH_LIMIT % max_recording_bytes)
        self.index = static_file(index.replace(WITHOUT_ORT, WITH_ORT) if ort_folder else index, INDEX)
        self.assets = load_files(STATIC_FOLDER, names)
        self.ort = load_files(ort_folder, ORT_FILES) if ort_folder else {}
        self.policy = CONTENT_SECURITY_POLICY + (WEBASSEMBLY_POLICY if ort_folder else "")


async def index(request: Request) -> Response:
    """`GET /`: the page; behind a path prefix its links are relative to that, with or without a slash at its end."""
    assets: PageAssets = request.state.page_assets
    prefix: str = request.state.root_path
    if not prefix:
        return _response(request, assets.index)
    content = assets.index.content.replace(HEAD, HEAD + b'\n<base href="%b/">' % prefix.encode(), 1)
    policy = assets.policy.replace(NO_BASE, OWN_BASE)
    return file_response(request, static_file(content, INDEX), {"Content-Security-Policy": policy})


async def page_file(request: Request) -> Response:
    """`GET /page/{file}`: what the page loads."""
    return _response_by_name(request, request.state.page_assets.assets)


async def ort_file(request: Request) -> Response:
    """`GET /ort/{file}`: onnxruntime-web, for the page's switch."""
    return _response_by_name(request, request.state.page_assets.ort)


def _response_by_name(request: Request, files: dict[str, StaticFile]) -> Response:
    name = request.path_params["file"]
    if name not in files:
        raise UnknownFile("expected the name of a file of the page: no other is here")
    return _response(request, files[name])


def _response(request: Request, file: StaticFile) -> Response:
    return file_response(request, file, {"Content-Security-Policy": request.state.page_assets.policy})
