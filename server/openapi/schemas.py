"""The components of the OpenAPI document: JSON schemas of requests and responses, and an example of each request."""

from typing import Any

import msgspec
import numpy as np

from server.api.annotations import Annotations
from server.api.predictions import Failure, Health, Prediction
from server.models.annotator import LARGEST_MV
from server.open_inference.row_inference import DATATYPES, InferRequest, InferResponse
from server.serving.classifier_service import ClassifierService

LARGEST = float(np.finfo(np.float32).max)
NUMBER = {"type": "number", "minimum": -LARGEST, "maximum": LARGEST}
SAMPLE = {"type": ["number", "null"], "minimum": -LARGEST_MV, "maximum": LARGEST_MV}
UNKNOWN_FEATURES = 4  # So many stand in examples where the number of features is not known.

# Two seconds of a signal with an R wave in each, mV at 125 Hz.
R_WAVES = [round(float(value), 3) for value in np.exp(-0.5 * ((np.arange(250) % 125 - 60) / 3) ** 2)]

Schema = dict[str, Any]


def reference(name: str) -> Schema:
    """A Reference Object to the schema `name` of the components."""
    return {"$ref": f"#/components/schemas/{name}"}


def components(service: ClassifierService | None) -> dict[str, Schema]:
    """All schemas by name; the number and names of features are those of the classifier in `service`."""
    structs = [Prediction, Annotations, Health, Failure, InferRequest, InferResponse]
    _, known = msgspec.json.schema_components(structs, ref_template="#/components/schemas/{name}")
    return {**known, **_rows(service), **_metadata()}


def _rows(service: ClassifierService | None) -> dict[str, Schema]:
    names = service.model.contract.features if service else ()
    row: Schema = {"type": "array", "items": NUMBER, "description": "the features of a row, in the order of the model's"}
    if names:
        row |= {"minItems": len(names), "maxItems": len(names)}
    named = {"type": "object", "description": "a row, every feature by name", "required": list(names)}
    rows = {"type": "array", "items": reference("Features"), "minItems": 1, "description": "rows"}
    return {
        "Features": row,
        "Row": _features(reference("Features")),
        "NamedRow": {**named, "properties": dict.fromkeys(names, NUMBER), "additionalProperties": False},
        "Rows": _features(rows),
        "Recording": _object(
            signal={
                "type": "array",
                "items": SAMPLE,
                "description": "one lead, mV, 2 s or more; null where nothing was recorded",
            },
            sampling_rate={"type": "number", "description": "Hz, within what the model takes"},
        ),
        "Predictions": _object(predictions={"type": "array", "items": reference("Prediction")}),
    }


def _metadata() -> dict[str, Schema]:
    text, flag = {"type": "string"}, {"type": "boolean"}
    shape = {"type": "array", "items": {"type": "integer"}}
    datatype = {"type": "string", "enum": sorted(DATATYPES.values())}
    tensors = {"type": "array", "items": _object(name=text, datatype=datatype, shape=shape)}
    return {
        "Server": _object(name=text, version=text, extensions={"type": "array", "items": text}),
        "Live": _object(live=flag),
        "Ready": _object(ready=flag),
        "ModelReady": _object(name=text, ready=flag),
        "Model": _object(
            name=text,
            versions={"type": "array", "items": text},
            platform=text,
            inputs=tensors,
            outputs=tensors,
            ecg={"type": "object", "description": "all that the file says about itself"},
        ),
    }


def _features(schema: Schema) -> Schema:
    return _object(features=schema)


def _object(**properties: Schema) -> Schema:
    return {"type": "object", "required": list(properties), "properties": properties, "additionalProperties": False}


def examples(service: ClassifierService | None) -> dict[str, Any]:
    """An example of each request body, by the name of its schema or its media type."""
    names = service.model.contract.features if service else tuple(f"F{i + 1}" for i in range(UNKNOWN_FEATURES))
    row = [round(float(value), 3) for value in np.sin(np.linspace(0, 2 * np.pi, len(names)))]
    tensor = {"name": service.model.input.name if service else "features", "shape": [1, len(row)], "datatype": "FP32"}
    return {
        "Row": {"features": row},
        "NamedRow": dict(zip(names, row, strict=True)),
        "Rows": {"features": [row, row]},
        "text/csv": ",".join(map(str, row)),
        "InferRequest": {"inputs": [{**tensor, "data": row}]},
        "Recording": {"signal": R_WAVES, "sampling_rate": 125},
        "InferRecording": {
            "inputs": [
                {"name": "signal", "shape": [len(R_WAVES)], "datatype": "FP32", "data": R_WAVES},
                {"name": "sampling_rate", "shape": [1], "datatype": "FP32", "data": [125]},
            ]
        },
    }
