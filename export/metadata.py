"""The metadata of an ONNX file: names, units and origin of the model, as one JSON document."""

import hashlib
import json
from typing import Any

import onnx

from server.models.contract import METADATA_KEY, SCHEMA

VERSION_DIGITS = 12


def write_metadata(model: onnx.ModelProto, facts: dict[str, Any]) -> None:
    """Put `facts`, with schema and version, under the one metadata key; fill the fields people look at."""
    schema = schema_of(facts)
    version = _version(model)
    contract = {"schema": schema, **{name: value for name, value in facts.items() if name != "keras_sha256"}, "version": version}
    onnx.helper.set_model_props(model, {METADATA_KEY: json.dumps(contract, ensure_ascii=False)})
    model.producer_name = "ecg"
    model.producer_version = str(schema)
    model.model_version = int(version[:8], 16)
    model.doc_string = f"ECG classifier, classes {', '.join(facts['classes'])}. {facts['intended_use']}"


def schema_of(facts: dict[str, Any]) -> int:
    """The schema that the training was of: the first, where it says none."""
    return facts.get("schema", SCHEMA)


def _version(model: onnx.ModelProto) -> str:
    """A digest of the weights: the same network has the same version, whenever it was exported."""
    weights = sorted(onnx.numpy_helper.to_array(tensor).tobytes() for tensor in model.graph.initializer)
    return hashlib.sha256(b"".join(weights)).hexdigest()[:VERSION_DIGITS]
