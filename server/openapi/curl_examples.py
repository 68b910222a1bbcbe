"""curl examples: each operation of the OpenAPI document as a command line that can be run as it stands."""

import json
import shlex
from collections.abc import Iterator
from typing import Any

JSON, BYTES = "application/json", "application/octet-stream"
FROM_FILES = {"/annotate": ["-H", "Sampling-Rate: 360", "--data-binary", "@signal.f32"]}
FILE_NAMES = {"{file}": {"/page/{file}": "main.js", "/ort/{file}": "ort.wasm.min.mjs"}}


def curl_examples(address: str, path: str, verb: str, call: dict[str, Any], version: str) -> Iterator[tuple[str, str]]:
    """Pairs of what is sent and the command line.

    address  URL of the server
    call     the Operation Object
    version  of the model, for paths that name it
    """
    for parameter, names in FILE_NAMES.items():
        where = path.replace(parameter, names.get(path, ""))
    command = ["curl", address + where.replace("{version}", version)]
    is_file = call["responses"]["200"]["content"].keys() == {BYTES}
    output = ["--output", f"{where.rpartition('/')[2]}.onnx"] if is_file else []
    content = call.get("requestBody", {}).get("content", {})
    if not content:
        yield verb.upper(), shlex.join([*command, *output])
    if path in FROM_FILES:
        yield f"{BYTES}, from a file", shlex.join([*command, "-H", f"Content-Type: {BYTES}", *FROM_FILES[path]])
    for name, media_type in content.items():
        for example, body in _bodies(media_type):
            yield f"{name}{example}", shlex.join([*command, "-H", f"Content-Type: {name}", "--data-binary", body])


def _bodies(media_type: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Names and texts of the example bodies of a media type."""
    named = {f", {name}": example["value"] for name, example in media_type.get("examples", {}).items()}
    for name, body in ({"": media_type["example"]} if "example" in media_type else named).items():
        yield name, body if isinstance(body, str) else json.dumps(body)
