"""The paths of the web page in the OpenAPI document: the page, the files it loads, and /docs."""

from server.openapi.operation_object import Part, operation_object

HTML = "text/html"
PAGE_FILES = {
    "/page/{file}": ("A file that the page loads", ("text/css", "text/javascript", "image/svg+xml")),
    "/ort/{file}": ("A file of onnxruntime-web, where ECG_ORT_WEB_DIR names them", ("text/javascript", "application/wasm")),
}
FILE = {"name": "file", "in": "path", "required": True, "schema": {"type": "string"}, "description": "its name"}


def page_paths(etag: Part, if_none_match: Part) -> dict[str, Part]:
    """The Path Items; `etag` is the Header Object of responses, `if_none_match` the parameter of conditional requests."""
    page = operation_object("The page: a file is dropped, drawn and answered", _text(HTML), [304], headers=etag)
    return {
        "/": {"get": {**page, "parameters": [if_none_match]}},
        "/docs": {"get": operation_object("This document for people", _text(HTML))},
        **{path: _file(summary, types, etag, if_none_match) for path, (summary, types) in PAGE_FILES.items()},
    }


def _file(summary: str, types: tuple[str, ...], etag: Part, if_none_match: Part) -> Part:
    operation = operation_object(summary, _text(*types), [304, 404], headers=etag)
    return {"get": {**operation, "parameters": [if_none_match, FILE]}}


def _text(*types: str) -> Part:
    return {one: {"type": "string"} if one.startswith("text/") else {} for one in types}
