"""A call of the OpenAPI document as a line of curl that can be typed as it stands."""

import json
import shlex
from collections.abc import Iterator
from typing import Any

JSON, BYTES = "application/json", "application/octet-stream"
FROM_FILES = {"/annotate": ["-H", "Sampling-Rate: 360", "--data-binary", "@signal.f32"]}
EXAMPLES = {"{file}": {"/page/{file}": "main.js", "/ort/{file}": "ort.wasm.min.mjs"}}


def curls(address: str, path: str, verb: str, call: dict[str, Any], version: str) -> Iterator[tuple[str, str]]:
    """What each line sends, and the line; `address` is the server's, `version` the model's."""
    for part, names in EXAMPLES.items():
        where = path.replace(part, names.get(path, ""))
    begin = ["curl", address + where.replace("{version}", version)]
    is_file = call["responses"]["200"]["content"].keys() == {BYTES}
    saved = ["--output", f"{where.rpartition('/')[2]}.onnx"] if is_file else []
    content = call.get("requestBody", {}).get("content", {})
    if not content:
        yield verb.upper(), shlex.join([*begin, *saved])
    if path in FROM_FILES:
        yield f"{BYTES}, from a file", shlex.join([*begin, "-H", f"Content-Type: {BYTES}", *FROM_FILES[path]])
    for media_type, sent in content.items():
        for name, body in _bodies(sent):
            yield f"{media_type}{name}", shlex.join([*begin, "-H", f"Content-Type: {media_type}", "--data-binary", body])


def _bodies(sent: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Names and texts of the bodies that are shown."""
    shown = (
        {"": sent["example"]} if "example" in sent else {f", {n}": one["value"] for n, one in sent.get("examples", {}).items()}
    )
    for name, body in shown.items():
        yield name, body if isinstance(body, str) else json.dumps(body)
