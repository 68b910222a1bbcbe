"""What every section needs: an artifact, and bodies to send."""

import json
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np

from bench.load import Request


class Fixtures(NamedTuple):
    """Files in a folder that is thrown away."""

    artifact: Path
    keras: Path
    one: Request
    folder: Path
    features: np.ndarray

    def rows(self, count: int, path: str = "/predict") -> Request:
        """A JSON request for many rows: float32 as Python's json writes them."""
        body = self.folder / f"{count}.json"
        body.write_text(json.dumps({"features": self._repeated(count).tolist()}))
        return Request(path, body)

    def rounded(self, count: int, path: str = "/predict") -> Request:
        """The same with four decimals a number, and little more than half as long."""
        body = self.folder / f"{count}-short.json"
        body.write_text(json.dumps({"features": np.round(self._repeated(count).astype(float), 4).tolist()}))
        return Request(path, body)

    def tensor(self, count: int, path: str = "/v2/models/ecg/infer") -> Request:
        """The rows as float32, with the JSON of the Open Inference Protocol in front where the path is its."""
        rows = self._repeated(count)
        size = {"binary_data_size": rows.nbytes}
        features = {"name": "features", "shape": rows.shape, "datatype": "FP32", "parameters": size}
        outputs = [{"name": name, "parameters": {"binary_data": True}} for name in ("predicted_class", "probability")]
        head = json.dumps({"inputs": [features], "outputs": outputs}).encode() if path.startswith("/v2") else b""
        body = self.folder / f"{count}{path.replace('/', '-')}.bin"
        body.write_bytes(head + rows.tobytes())
        return Request(
            path, body, {"Content-Type": "application/octet-stream", "Inference-Header-Content-Length": str(len(head))}
        )

    def _repeated(self, count: int) -> np.ndarray:
        return np.resize(self.features, (count, self.features.shape[1]))


def prepare(folder: Path) -> Fixtures:
    """Train for three epochs on the built-in beats and export: how well the network knows them changes no time."""
    for command in (["train", "--epochs", "3"], ["export"]):
        subprocess.run(
            [sys.executable, "-m", *command, "--out", str(folder)],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    features = np.load(folder / "test.npz")["features"].astype(np.float32)
    one = Request("/predict", folder / "example.json")
    return Fixtures(folder / "ecg.onnx", folder / "ecg.keras", one, folder, features)
