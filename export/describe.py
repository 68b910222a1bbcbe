"""A description of an exported ONNX file, for people and as JSON, from its metadata and its graph."""

import json
from pathlib import Path
from typing import Any

import msgspec

from server.models.annotator import Annotator, is_annotator
from server.models.classifier import Classifier
from server.models.contract import AnnotationContract, Contract
from server.models.onnx_session import load_artifact

LONGEST_LIST = 8


def document(path: Path) -> dict[str, Any]:
    """The contract of the file and what the graph takes and gives; raises BadArtifact if it is none of ours."""
    model = _loaded(path)
    tensors = {"input": model.session.get_inputs(), "outputs": model.session.get_outputs()}
    return {
        **msgspec.to_builtins(model.contract),
        **{name: [{"name": one.name, "type": one.type, "shape": one.shape} for one in some] for name, some in tensors.items()},
        "bytes": len(model.file),
        "sha256": model.digest,
    }


def describe(path: Path) -> str:
    """The same for people."""
    model = _loaded(path)
    lines = [("file", f"{path}, {len(model.file):,} bytes, SHA-256 {model.digest}"), *_fields(model.contract)]
    lines[2:2] = [("input", _tensor(tensor)) for tensor in model.session.get_inputs()] + [
        ("output", _tensor(tensor)) for tensor in model.session.get_outputs()
    ]
    width = max(len(name) for name, _ in lines)
    return "\n".join([*(f"{name:{width}}  {value}" for name, value in lines), *_by_class(model.contract)])


def _loaded(path: Path) -> Classifier | Annotator:
    """Of whichever task it is."""
    return Annotator.load(path) if load_artifact(is_annotator, path) else Classifier.load(path)


def _fields(contract: Contract | AnnotationContract) -> list[tuple[str, str]]:
    numbers = [f"{name.replace('_', ' ')} {value:.4f}" for name, value in contract.metrics.items() if isinstance(value, float)]
    return [
        ("version", f"{contract.version}, trained {contract.created}"),
        ("classes", _numbered(contract.classes)),
        *(_of_rows(contract) if isinstance(contract, Contract) else _of_recordings(contract)),
        ("test part", ", ".join(numbers)),
        ("use", contract.intended_use),
    ]


def _of_rows(contract: Contract) -> list[tuple[str, str]]:
    data, network = contract.trained_on, contract.network
    recipe = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in network.items() if name != "layers")
    return [
        ("features", f"{len(contract.features)}: {_some(contract.features)}"),
        ("signal", _signal(contract)),
        ("network", f"{network.get('layers')}-{len(contract.classes)}, seed {contract.seed}; {recipe}"),
        ("trained on", f"{data.name}, {data.rows:,} rows{' (synthetic)' if data.synthetic else ''}, SHA-256 {data.sha256}"),
        ("split", ", ".join(f"{part} {rows}" for part, rows in msgspec.to_builtins(data.split).items())),
    ]


def _of_recordings(contract: AnnotationContract) -> list[tuple[str, str]]:
    data, synthetic = contract.trained_on, " (synthetic)" if contract.trained_on.synthetic else ""
    rates = f"{contract.lowest_rate_hz:g} to {contract.highest_rate_hz:g} Hz, seen at {contract.sampling_rate_hz:g} Hz"
    recipe = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in contract.network.items())
    return [
        *([("rhythms", _numbered(contract.rhythms))] if contract.rhythms else []),
        ("signal", f"lead {contract.lead or 'not told'}, unit {contract.unit}, {rates}"),
        ("network", f"{recipe}, seed {contract.seed}"),
        ("trained on", f"{data.name}, {data.recordings} recordings, {data.beats:,} beats{synthetic}, SHA-256 {data.sha256}"),
        ("split", f"by {data.split.by}, training {len(data.split.training)}, test {len(data.split.test)}"),
    ]


def _numbered(names: tuple[str, ...]) -> str:
    return ", ".join(f"{number} = {name}" for number, name in enumerate(names))


def _signal(contract: Contract) -> str:
    window = contract.window
    fields = {
        "lead": contract.lead,
        "unit": contract.unit,
        "Hz": contract.sampling_rate_hz,
        "window": window and f"{window.before_r_ms:g} ms before to {window.after_r_ms:g} ms after the R peak",
    }
    return ", ".join(f"{name} {value if value is not None else 'not told'}" for name, value in fields.items())


def _some(names: tuple[str, ...]) -> str:
    if len(names) <= LONGEST_LIST:
        return ", ".join(names)
    return f"{', '.join(names[: LONGEST_LIST // 2])} … {names[-1]}"


def _tensor(tensor: Any) -> str:
    return f"{tensor.name}, {tensor.type} of shape {json.dumps(tensor.shape).replace(chr(34), '')}"


def _by_class(contract: Contract | AnnotationContract) -> list[str]:
    """A table of the numbers of each class, if there are any."""
    per_class: dict[str, dict[str, float]] = contract.metrics.get("per_class", {})
    if not per_class:
        return []
    names = list(next(iter(per_class.values())))
    width = max(5, *map(len, per_class))
    head = "  ".join(["class".ljust(width), *(name.replace("_", " ") for name in names)])
    return ["", head, *(_line(name.ljust(width), names, numbers) for name, numbers in per_class.items())]


def _line(name: str, names: list[str], numbers: dict[str, float]) -> str:
    cells = [numbers[one] for one in names]
    texts = [f"{cell:.4f}" if isinstance(cell, float) else str(cell) for cell in cells]
    return "  ".join([name, *(text.rjust(len(one)) for text, one in zip(texts, names, strict=True))])
