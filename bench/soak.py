"""Good and bad requests, new models, bad models and two restarts, for half an hour; then: what was lost.

  python -m bench.soak          30 minutes
  python -m bench.soak 2        two

A request is lost if it was sent and not answered, or answered by anything but what it should be: the answer of the model that
the header field Model-Version names, or for a bad request its own refusal. Exit code 1 if one was. A connection that the kernel
had made and the server had not accepted when it ended is counted apart: health had said so for a second.
"""

import argparse
import http.client
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

import numpy as np
import onnx

import server  # noqa: F401 - turns onnxruntime's telemetry off
from server.models.classifier import Classifier

HERE = Path(__file__).parents[1]
ARTIFACTS = HERE / "artifacts"
PORT = 5200
SWAP_S = 5
ROWS = 200
BAD = {
    b"{": 400,
    b"[" * 5000: 400,
    b'{"features": [NaN]}': 400,
    b'{"features": [1, 2]}': 422,
    b'{"features": ["1"]}': 422,
    b"null": 422,
    b"": 400,
    b" " * 9_000_000: 413,
}


def contrary(file: bytes) -> bytes:
    """The same model with the rows of its last layer turned round, as another version."""
    model = onnx.load_from_string(file)
    document = json.loads(model.metadata_props[0].value)
    model.metadata_props[0].value = json.dumps({**document, "version": "contrary"})
    for tensor in model.graph.initializer:
        if tensor.dims and tensor.dims[-1] == len(document["classes"]):
            values = np.ascontiguousarray(onnx.numpy_helper.to_array(tensor)[..., ::-1])
            tensor.CopyFrom(onnx.numpy_helper.from_array(values, tensor.name))
    return bytes(model.SerializeToString())


class Client(threading.Thread):
    """Asks until it is told to stop."""

    def __init__(
        self,
        kind: str,
        row: list[float],
        expected: dict[str, tuple[int, float]],
        stop: threading.Event,
        restarting: threading.Event,
    ) -> None:
        super().__init__()
        self.kind, self.row, self.expected, self.stop, self.restarting = kind, row, expected, stop, restarting
        self.seen: Counter[str] = Counter()
        self.lost: list[str] = []
        self.dice = random.Random(kind)

    def run(self) -> None:
        """A connection after the other; one that cannot be made yet is no request."""
        while not self.stop.is_set():
            connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=30)
            try:
                connection.connect()
            except OSError:
                time.sleep(0.05)
                continue
            asked = 0
            try:
                while not self.stop.is_set() and self._ask(connection) != "close":
                    asked += 1
            except (OSError, http.client.HTTPException) as error:
                if asked == 0 and self.restarting.is_set():
                    self.seen["connections that were still waiting to be accepted when a server ended"] += 1
                else:
                    self.lost.append(f"{self.kind}, request {asked + 1} of its connection: {error!r}")
            connection.close()

    def _ask(self, connection: http.client.HTTPConnection) -> str | None:
        body, status = self._request()
        connection.request("POST", "/predict", body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        said = json.loads(answer.read())
        self.seen[f"{self.kind}, {answer.status}"] += 1
        if answer.status != status or not self._is_right(said, answer.getheader("Model-Version", "")):
            self.lost.append(f"{self.kind}: {answer.status} {json.dumps(said)[:100]}")
        return answer.getheader("connection")

    def _request(self) -> tuple[bytes, int]:
        if self.kind == "bad":
            time.sleep(0.02)
            return self.dice.choice(list(BAD.items()))
        return json.dumps({"features": self.row if self.kind == "row" else [self.row] * ROWS}).encode(), 200

    def _is_right(self, said: dict, version: str) -> bool:
        if self.kind == "bad":
            return list(said) == ["error"]
        predicted_class, probability = self.expected.get(version, (-1, 0.0))
        rows = [said] if self.kind == "row" else said["predictions"]
        return len(rows) == (1 if self.kind == "row" else ROWS) and all(
            row["predicted_class"] == predicted_class and abs(row["probability"] - probability) < 1e-5 for row in rows
        )


def serve(place: Path) -> subprocess.Popen[bytes]:
    """A server that answers with the file."""
    environment = {**os.environ, "ECG_ARTIFACT": str(place), "ECG_PORT": str(PORT), "ECG_LOG_LEVEL": "error"}
    return subprocess.Popen([sys.executable, "-m", "server"], cwd=HERE, env=environment, stderr=subprocess.DEVNULL)


def replace(place: Path, file: bytes) -> None:
    """Put another file in its place."""
    draft = place.with_name("draft")
    draft.write_bytes(file)
    os.replace(draft, place)


def disturb(place: Path, files: list[bytes], minutes: float, restarting: threading.Event) -> tuple[int, list[int]]:
    """New models all the time, every third one bad; two restarts on the way; how many swaps, and the exit codes."""
    running, codes, swaps = serve(place), list[int](), 0
    began, restarts = time.monotonic(), [minutes * 20, minutes * 40]
    while (gone := time.monotonic() - began) < minutes * 60:
        time.sleep(SWAP_S)
        swaps += 1
        replace(place, files[0][:5000] if swaps % 3 == 0 else files[swaps % 2])
        if restarts and gone > restarts[0]:
            restarts.pop(0)
            replace(place, files[0])
            restarting.set()
            codes.append(_end(running))
            running = serve(place)
            threading.Timer(2, restarting.clear).start()
        if swaps % 12 == 0:
            print(f"  {gone / 60:.0f} min, {swaps} swaps, {len(codes)} restarts, {resident_mib(running.pid):.1f} MiB", flush=True)
    return swaps, [*codes, _end(running)]


def _end(running: subprocess.Popen[bytes]) -> int:
    running.send_signal(signal.SIGTERM)
    return running.wait(timeout=30)


def resident_mib(pid: int) -> float:
    """Its resident memory."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


def main() -> int:
    """Run it, and say what was lost."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("minutes", type=float, nargs="?", default=30)
    minutes = parser.parse_args().minutes
    if not (ARTIFACTS / "ecg.onnx").exists():
        parser.error("expected artifacts/ecg.onnx: run python -m train, then python -m export")
    file = (ARTIFACTS / "ecg.onnx").read_bytes()
    row = json.loads((ARTIFACTS / "example.json").read_text())["features"]
    files, expected = [file, contrary(file)], {}
    for one in files:
        model = Classifier(one)
        answer = model.predict(np.array([row], np.float32))
        expected[model.contract.version] = (int(answer.predicted_class[0]), float(answer.probability[0]))
    stop, restarting = threading.Event(), threading.Event()
    clients = [Client(kind, row, expected, stop, restarting) for kind in ("row", "row", "row", "rows", "bad", "bad")]
    with tempfile.TemporaryDirectory() as folder:
        replace(Path(folder, "ecg.onnx"), file)
        for client in clients:
            client.start()
        stopper = threading.Timer(minutes * 60 - 1, stop.set)
        stopper.start()
        swaps, codes = disturb(Path(folder, "ecg.onnx"), files, minutes, restarting)
        for client in clients:
            client.join()
    seen = sum((client.seen for client in clients), Counter[str]())
    lost = [one for client in clients for one in client.lost]
    print(f"{sum(seen.values()):,} requests, {swaps} swaps, exit codes {codes}")
    print(*(f"  {what}: {number:,}" for what, number in sorted(seen.items())), sep="\n")
    print(f"lost: {len(lost) or 'nothing'}", *lost[:20], sep="\n  ")
    return 1 if lost or any(codes) else 0


if __name__ == "__main__":
    sys.exit(main())
