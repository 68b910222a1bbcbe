"""The paths for people, as the OpenAPI document tells of them: the page, what it loads, and the API to read."""

from server.openapi.operation import Part, operation

HTML = "text/html"
LOADED = {
    "/page/{file}": ("A file that the page loads", ("text/css", "text/javascript", "image/svg+xml")),
    "/ort/{file}": ("A file of onnxruntime-web, where ECG_ORT_WEB_DIR names them", ("text/javascript", "application/wasm")),
}
FILE = {"name": "file", "in": "path", "required": True, "schema": {"type": "string"}, "description": "its name"}


def shown(etag: Part, known: Part) -> dict[str, Part]:
    """`etag` tells of the header field of answers, `known` of the one that is sent back."""
    page = operation("The page: a file is dropped, drawn and answered", _text(HTML), [304], headers=etag)
    return {
        "/": {"get": {**page, "parameters": [known]}},
        "/docs": {"get": operation("This document for people", _text(HTML))},
        **{
            path: {"get": {**operation(summary, _text(*types), [304, 404], headers=etag), "parameters": [known, FILE]}}
            for path, (summary, types) in LOADED.items()
        },
    }


def _text(*types: str) -> Part:
    return {one: {"type": "string"} if one.startswith("text/") else {} for one in types}
