"""`GET /`, the page that shows what the models say, the files it loads, and onnxruntime-web where it is beside the server."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from server.errors import UnknownFile
from server.page.static_files import File, file, files, sent
from server.settings import ORT_FILES

PAGE = Path(__file__).parent / "static"
INDEX = "index.html"
HEAD, NO_BASE, OWN_BASE = b'<meta charset="utf-8">', "base-uri 'none'", "base-uri 'self'"
WITHOUT_ORT, WITH_ORT = b'data-ort=""', b'data-ort="ort/%s"' % ORT_FILES[0].encode()
SHOWN_TO = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


class Site:
    """The page as this server shows it.

    index   the page itself, which says whether it can run the models in the browser
    files   what it loads, by name
    ort     onnxruntime-web's files by name, if there are any
    policy  what the page may do: load and ask of this server, nothing else
    """

    def __init__(self, ort_folder: Path | None) -> None:
        """Raises OSError if one of ORT_FILES is not in the folder."""
        names = sorted(path.name for path in PAGE.iterdir() if path.name != INDEX)
        index = (PAGE / INDEX).read_bytes()
        self.index = file(index.replace(WITHOUT_ORT, WITH_ORT) if ort_folder else index, INDEX)
        self.files = files(PAGE, names)
        self.ort = files(ort_folder, ORT_FILES) if ort_folder else {}
        self.policy = SHOWN_TO + ("; script-src 'self' 'wasm-unsafe-eval'" if ort_folder else "")


async def index(request: Request) -> Response:
    """`GET /`: the page; behind a path prefix its links are relative to that, with or without a slash at its end."""
    site: Site = request.state.site
    prefix: str = request.state.root_path
    if not prefix:
        return _sent(request, site.index)
    content = site.index.content.replace(HEAD, HEAD + b'\n<base href="%b/">' % prefix.encode(), 1)
    return sent(request, file(content, INDEX), {"Content-Security-Policy": site.policy.replace(NO_BASE, OWN_BASE)})


async def page_file(request: Request) -> Response:
    """`GET /page/{file}`: what the page loads."""
    return _named(request, request.state.site.files)


async def ort_file(request: Request) -> Response:
    """`GET /ort/{file}`: onnxruntime-web, for the page's switch."""
    return _named(request, request.state.site.ort)


def _named(request: Request, found: dict[str, File]) -> Response:
    name = request.path_params["file"]
    if name not in found:
        raise UnknownFile("expected the name of a file of the page: no other is here")
    return _sent(request, found[name])


def _sent(request: Request, found: File) -> Response:
    return sent(request, found, {"Content-Security-Policy": request.state.site.policy})
