"""`GET /docs`: the OpenAPI document as an HTML page without scripts."""

import json
import re
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from server.api.root_path import base_address, root_path
from server.open_inference.recording_inference import NAME as BEATS
from server.open_inference.row_inference import NAME
from server.openapi.curl_examples import curl_examples
from server.openapi.document import document
from server.page.routes import CONTENT_SECURITY_POLICY

HEAD = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>ecg: the API</title>
<link rel="icon" href="page/icon.svg">
<link rel="stylesheet" href="page/style.css">
</head>
<body>
<header class="top"><a class="brand" href="."><img src="page/icon.svg" alt="" width="28" height="28"> ecg</a>
<nav aria-label="Other forms"><a href="openapi.json">openapi.json</a></nav></header>
<main class="docs">
"""
MAX_ALIKE = 12  # Longer lists of similar items are cut.


async def docs(request: Request) -> Response:
    """`GET /docs`: the page for the models that are loaded now, with curl examples for the URL that was requested."""
    services = {NAME: request.state.classifier.service, BEATS: request.state.annotator.service}
    versions = {name: one.model.contract.version if one else "none" for name, one in services.items()}
    page = "".join(render(document(services[NAME], root_path(request)), base_address(request), versions))
    return HTMLResponse(page, headers={"Content-Security-Policy": CONTENT_SECURITY_POLICY})


def render(api: dict[str, Any], address: str, versions: Mapping[str, str]) -> Iterator[str]:
    """The page in parts, from an OpenAPI document; `versions` of the models by name."""
    calls = [(path, verb, item) for path, item in api["paths"].items() for verb in item if verb != "parameters"]
    yield HEAD
    yield f"<h1>The API</h1>\n<p class='lead'>{escape(api['info']['description'])}</p>\n"
    yield f"<p>Model version <code>{escape(api['info']['version'])}</code>. Where the server requires an API key, send "
    yield "<code>-H 'Authorization: Bearer KEY'</code> with all operations but those marked. Every error is "
    yield '<code>{"error": "one sentence"}</code>.</p>\n<nav aria-label="Calls"><ul class="calls">\n'
    for path, verb, item in calls:
        yield f'<li><a href="#{_anchor(verb, path)}">{_name(verb, path)}</a> {escape(item[verb]["summary"])}</li>\n'
    yield "</ul></nav>\n"
    for path, verb, item in calls:
        yield from _section(path, verb, item, address, versions)
    yield "<h2>Schemas</h2>\n"
    for name, schema in api["components"]["schemas"].items():
        yield f'<h3 id="{escape(name)}">{escape(name)}</h3>\n{_pre(json.dumps(_shorten(schema), indent=2), name)}'
    yield "</main>\n</body>\n</html>\n"


def _section(path: str, verb: str, item: dict[str, Any], address: str, versions: Mapping[str, str]) -> Iterator[str]:
    call = item[verb]
    yield f'<section id="{_anchor(verb, path)}"><h2>{_name(verb, path)}</h2>\n<p>{escape(call["summary"])}.'
    yield " No API key is required.</p>\n" if call.get("security") == [{}] else "</p>\n"
    for sent, line in curl_examples(address, path, verb, call, versions[BEATS if f"/{BEATS}/" in path else NAME]):
        yield f"<h3>{escape(sent)}</h3>\n{_pre(line, f'{verb.upper()} {path}, {sent}', 'curl')}"
    rows = [(one["name"], f"{one['in']}: {one.get('description', '')}") for one in _parameters(item, call)]
    yield from _table("Parameters", ("name", "meaning"), rows)
    answers = [(status, answer["description"], _media_types(answer)) for status, answer in call["responses"].items()]
    yield from _table("Answers", ("status", "meaning", "body"), answers)
    yield "</section>\n"


def _parameters(item: dict[str, Any], call: dict[str, Any]) -> list[dict[str, Any]]:
    return [*item.get("parameters", []), *call.get("parameters", [])]


def _table(caption: str, head: tuple[str, ...], rows: list[Any]) -> Iterator[str]:
    """A table, if it has rows; the first cell of each names it."""
    if rows:
        names = "".join(f'<th scope="col">{name}</th>' for name in head)
        lines = [f'<tr><th scope="row">{escape(name)}</th>{_cells(cells)}</tr>' for name, *cells in rows]
        yield f"<table><caption>{caption}</caption><thead><tr>{names}</tr></thead><tbody>{''.join(lines)}</tbody></table>\n"


def _cells(cells: list[str]) -> str:
    return "".join(f"<td>{escape(cell)}</td>" for cell in cells)


def _media_types(answer: dict[str, Any]) -> str:
    """The media types of an answer, each with the names of its schemas."""
    content = answer.get("content", {}).items()
    schemas = [(one, re.findall(r"schemas/(\w+)", json.dumps(body))) for one, body in content]
    return "; ".join(f"{one}: {' or '.join(names)}" if names else one for one, names in schemas)


def _shorten(schema: Any) -> Any:
    """A schema with long lists of similar items (features) cut to three."""
    if isinstance(schema, dict):
        kept = list(schema)
        return {key: _shorten(schema[key]) for key in (kept if len(kept) <= MAX_ALIKE else kept[:3])}
    return [*schema[:3], "…"] if isinstance(schema, list) and len(schema) > MAX_ALIKE else schema


def _pre(text: str, label: str, kind: str = "shape") -> str:
    """Text that may be wider than the page: it scrolls, by keyboard too."""
    return f'<pre class="{kind}" tabindex="0" role="region" aria-label="{escape(label)}"><code>{escape(text)}</code></pre>\n'


def _name(verb: str, path: str) -> str:
    return f"<code>{verb.upper()} {escape(path)}</code>"


def _anchor(verb: str, path: str) -> str:
    return verb + re.sub(r"\W+", "-", path)
