"""What is in an ONNX file, told by the file."""

import json
from pathlib import Path
from typing import Any

import msgspec

from server.contract import Contract
from server.model import Model

LONGEST_LIST = 8


def document(path: Path) -> dict[str, Any]:
    """The contract of the file and what the graph takes and gives; raises BadArtifact if it is none of ours."""
    model = Model.load(path)
    tensors = {"input": [model.input], "outputs": model.outputs.values()}
    return {
        **msgspec.to_builtins(model.contract),
        **{name: [{"name": one.name, "type": one.type, "shape": one.shape} for one in some] for name, some in tensors.items()},
        "bytes": len(model.file),
        "sha256": model.digest,
    }


def describe(path: Path) -> str:
    """The same for people."""
    model = Model.load(path)
    lines = [("file", f"{path}, {len(model.file):,} bytes, SHA-256 {model.digest}"), *_told(model.contract)]
    lines[2:2] = [("input", _tensor(model.input)), *(("output", _tensor(output)) for output in model.outputs.values())]
    width = max(len(name) for name, _ in lines)
    return "\n".join([*(f"{name:{width}}  {value}" for name, value in lines), *_by_class(model.contract)])


def _told(contract: Contract) -> list[tuple[str, str]]:
    data, network, metrics = contract.trained_on, contract.network, contract.metrics
    recipe = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in network.items() if name != "layers")
    numbers = [f"{name.replace('_', ' ')} {value:.4f}" for name, value in metrics.items() if isinstance(value, float)]
    return [
        ("version", f"{contract.version}, trained {contract.created}"),
        ("classes", ", ".join(f"{number} = {name}" for number, name in enumerate(contract.classes))),
        ("features", f"{len(contract.features)}: {_some(contract.features)}"),
        ("signal", _signal(contract)),
        ("network", f"{network.get('layers')}-{len(contract.classes)}, seed {contract.seed}; {recipe}"),
        ("trained on", f"{data.name}, {data.rows:,} rows{' (synthetic)' if data.synthetic else ''}, SHA-256 {data.sha256}"),
        ("split", ", ".join(f"{part} {rows}" for part, rows in msgspec.to_builtins(data.split).items())),
        ("test part", ", ".join(numbers)),
        ("use", contract.intended_use),
    ]


def _signal(contract: Contract) -> str:
    window = contract.window
    told = {
        "lead": contract.lead,
        "unit": contract.unit,
        "Hz": contract.sampling_rate_hz,
        "window": window and f"{window.before_r_ms:g} ms before to {window.after_r_ms:g} ms after the R peak",
    }
    return ", ".join(f"{name} {value if value is not None else 'not told'}" for name, value in told.items())


def _some(names: tuple[str, ...]) -> str:
    if len(names) <= LONGEST_LIST:
        return ", ".join(names)
    return f"{', '.join(names[: LONGEST_LIST // 2])} … {names[-1]}"


def _tensor(tensor: Any) -> str:
    return f"{tensor.name}, {tensor.type} of shape {json.dumps(tensor.shape).replace(chr(34), '')}"


def _by_class(contract: Contract) -> list[str]:
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
