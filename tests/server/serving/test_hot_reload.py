"""Hot reload: another artifact is served without a pause; a bad one changes nothing."""

import asyncio
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import httpx2
import numpy as np
import pytest

from server.api.rows import Reader
from server.models.classifier import Classifier
from server.observability.counters import Counters
from server.serving.classifier_service import ClassifierService
from server.serving.hot_reload import HotReload

onnx = pytest.importorskip("onnx", reason="onnx is not installed here")
SWAPS, SWAPS_WITHOUT_LOAD = 20, 200


@pytest.fixture(scope="module")
def two(artifact: Path) -> dict[str, bytes]:
    """Two artifacts by their versions; the second says the contrary of the first: the rows of its last layer are turned round."""
    first = artifact.read_bytes()
    model = onnx.load_from_string(first)
    document = json.loads(model.metadata_props[0].value)
    model.metadata_props[0].value = json.dumps({**document, "version": "contrary"})
    last = [tensor for tensor in model.graph.initializer if tensor.dims and tensor.dims[-1] == len(document["classes"])]
    assert last
    for tensor in last:
        values = onnx.numpy_helper.to_array(tensor)[..., ::-1]
        tensor.CopyFrom(onnx.numpy_helper.from_array(np.ascontiguousarray(values), tensor.name))
    return {document["version"]: first, "contrary": model.SerializeToString()}


@pytest.fixture
def path(artifact: Path, tmp_path: Path) -> Path:
    """A file of its own for the server's artifact."""
    return replace(tmp_path / "ecg.onnx", artifact.read_bytes())


@pytest.fixture
def running(root, path, free_port, until_healthy) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server that serves it."""
    port = free_port()
    environment = {**os.environ, "ECG_ARTIFACT": str(path), "ECG_PORT": str(port)}
    command = [sys.executable, "-m", "server"]
    with subprocess.Popen(command, cwd=root, env=environment, text=True, stderr=subprocess.PIPE) as server:
        until_healthy(f"http://127.0.0.1:{port}", server)
        yield server, f"http://127.0.0.1:{port}"
        server.kill()


def hot_reload(path: Path, results: list[str]) -> HotReload[ClassifierService]:
    """A hot reload of the classifier, outside of a server; its results are appended to the list."""

    def serve(model: Classifier) -> ClassifierService:
        return ClassifierService(model, Reader(model.contract.features), Counters([]), lambda *run: None, max_wait_s=1)

    return HotReload(path, Classifier.load, serve, results.append)


def replace(path: Path, content: bytes) -> Path:
    """Replace the file atomically, as export does."""
    draft = path.with_name("draft")
    draft.write_bytes(content)
    os.replace(draft, path)
    return path


def version_at(address: str) -> str:
    """Which model answers."""
    return str(httpx2.get(f"{address}/v2/models/ecg").json()["versions"][0])


def until(wanted: Callable[[], bool]) -> None:
    """Wait for something to be so, a minute at most."""
    end = time.monotonic() + 60
    while not wanted():
        assert time.monotonic() < end
        time.sleep(0.01)


def resident_mib(pid: int) -> float:
    """The resident memory of a process."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024


def test_a_swap_under_load_loses_nothing_and_mixes_nothing(running, two, path, example) -> None:
    """Every answer is wholly of one of the two models, and the header says of which; memory stays what it was."""
    server, address = running
    row = np.array([example["features"]], np.float32)
    expected = {}
    for version, file in two.items():
        answer = Classifier(file).predict(row)
        expected[version] = (int(answer.predicted_class[0]), float(answer.probability[0]))
    assert len(set(expected.values())) == 2
    body, stop, wrong, counts = json.dumps(example).encode(), threading.Event(), [], dict.fromkeys(two, 0)

    def ask(many: bool) -> None:
        content = json.dumps({"features": [example["features"]] * 200}).encode() if many else body
        with closing(http.client.HTTPConnection(address.removeprefix("http://"), timeout=20)) as connection:
            while not stop.is_set():
                connection.request("POST", "/predict", content, {"Content-Type": "application/json"})
                answer = connection.getresponse()
                said, version = json.loads(answer.read()), answer.getheader("Model-Version", "none")
                for one in said.get("predictions", [said]):
                    if (one["predicted_class"], pytest.approx(one["probability"], abs=1e-6)) != expected.get(version):
                        wrong.append((version, answer.status, one))
                counts[version] += 1

    clients = [threading.Thread(target=ask, args=(number % 4 == 0,)) for number in range(8)]
    for client in clients:
        client.start()
    sizes = []
    for number in range(SWAPS):
        version = list(two)[(number + 1) % 2]
        replace(path, two[version])
        until(lambda version=version: version_at(address) == version)
        sizes.append(resident_mib(server.pid))
    stop.set()
    for client in clients:
        client.join()

    assert wrong == []
    assert min(counts.values()) > 0
    assert max(sizes[-5:]) < max(sizes[5:10]) + 5


def artifacts(address: str) -> dict[str, int]:
    """How many artifacts were loaded and refused."""
    text = httpx2.get(f"{address}/metrics").text
    return {found[1]: int(float(found[2])) for found in re.finditer(r'^ecg_artifacts_total\{result="(\w+)"\} (\S+)$', text, re.M)}


def test_memory_does_not_grow_over_reloads(two, path) -> None:
    """200 of them, every other one after a bad file; each is counted."""
    files, sizes, results = list(two.values()), [], []

    async def reload() -> None:
        classifier = hot_reload(path, results)
        for number in range(SWAPS_WITHOUT_LOAD):
            if number % 2:
                replace(path, files[0][: 1000 + number])
                await classifier.reload()
            replace(path, files[number % 2])
            await classifier.reload()
            sizes.append(resident_mib(os.getpid()))

    asyncio.run(reload())

    print(f"MiB after 40, 100 and 200 reloads: {sizes[39]:.1f}, {sizes[99]:.1f}, {sizes[-1]:.1f}")
    assert (results.count("taken_up"), results.count("refused")) == (SWAPS_WITHOUT_LOAD, SWAPS_WITHOUT_LOAD // 2)
    assert max(sizes[-20:]) < max(sizes[20:40]) + 2


def bad(name: str, make: Callable[[bytes], bytes | None]):
    """A way in which a file can be bad."""
    return pytest.param(make, id=name)


def with_external_data(file: bytes) -> bytes:
    """The same model, its first weights said to be in a file beside it."""
    model = onnx.load_from_string(file)
    tensor = next(tensor for tensor in model.graph.initializer if tensor.raw_data)
    onnx.external_data_helper.set_external_data(tensor, location="/etc/passwd", offset=0, length=len(tensor.raw_data))
    tensor.ClearField("raw_data")
    return bytes(model.SerializeToString())


def with_another_shape(file: bytes) -> bytes:
    """The same model, its contract one feature short."""
    model = onnx.load_from_string(file)
    document = json.loads(model.metadata_props[0].value)
    model.metadata_props[0].value = json.dumps({**document, "features": document["features"][1:]})
    return bytes(model.SerializeToString())


def without_a_contract(file: bytes) -> bytes:
    """The same model, as any other tool would have written it."""
    model = onnx.load_from_string(file)
    del model.metadata_props[:]
    return bytes(model.SerializeToString())


@pytest.mark.parametrize(
    "make",
    [
        bad("empty", lambda file: b""),
        bad("truncated", lambda file: file[: len(file) // 2]),
        bad("foreign", lambda file: b"PK\x03\x04 no network"),
        bad("without a contract", without_a_contract),
        bad("of another shape", with_another_shape),
        bad("with external data", with_external_data),
        bad("gone", lambda file: None),
    ],
)
def test_a_bad_file_changes_nothing_but_the_log(two, path, make, caplog) -> None:
    """The old model stays, one line says why, and the next good file is loaded."""
    old, new = two
    results: list[str] = []
    content = make(two[old])

    async def reload() -> tuple[str, str]:
        classifier = hot_reload(path, results)
        await classifier.reload()
        path.unlink() if content is None else replace(path, content)
        await classifier.reload()
        during = classifier.service.model.contract.version
        replace(path, two[new])
        await classifier.reload()
        return during, classifier.service.model.contract.version

    assert asyncio.run(reload()) == (old, new)
    assert results == ["taken_up", "refused", "taken_up"]
    [line] = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert line.endswith(f"the classifier keeps model version {old}")
    assert str(path) in line


def test_a_running_server_looks_at_the_file_again_and_again(running, two, path, example) -> None:
    """A bad file is refused once while the old model answers; the next good one answers within a moment."""
    server, address = running
    old, new = two

    replace(path, two[old][:1000])
    until(lambda: artifacts(address)["refused"] == 1)
    during = httpx2.post(f"{address}/predict", json=example)
    replace(path, two[new])
    until(lambda: version_at(address) == new)
    counted = artifacts(address)
    server.send_signal(signal.SIGTERM)
    log = server.communicate(timeout=30)[1]

    assert (during.status_code, during.headers["Model-Version"]) == (200, old)
    assert counted == {"taken_up": 2, "refused": 1}
    assert log.count(f"the classifier keeps model version {old}") == 1
    assert "Traceback" not in log


def test_the_first_artifact_may_come_later(root, artifact, free_port, tmp_path, example) -> None:
    """A server that started without one is healthy once it is there."""
    port = free_port()
    environment = {**os.environ, "ECG_ARTIFACT": str(tmp_path / "ecg.onnx"), "ECG_PORT": str(port)}
    with subprocess.Popen([sys.executable, "-m", "server"], cwd=root, env=environment, stderr=subprocess.DEVNULL) as server:
        try:
            until(lambda: status(f"http://127.0.0.1:{port}/health") == 503)
            replace(tmp_path / "ecg.onnx", artifact.read_bytes())
            until(lambda: status(f"http://127.0.0.1:{port}/health") == 200)
        finally:
            server.kill()


def status(url: str) -> int:
    """What is answered, 0 if nothing is."""
    try:
        return httpx2.get(url).status_code
    except httpx2.TransportError:
        return 0
