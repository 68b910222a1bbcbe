"""`POST /annotate`, and the same over the Open Inference Protocol."""

import asyncio
import json
import shutil
import threading
import time

import httpx2
import numpy as np
import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from server.app import create_app
from server.errors import Overloaded
from server.models.annotator import Annotator
from server.models.gaps import split_at_gaps
from server.observability.counters import Counters
from server.serving.annotator_service import MAX_WAITING, AnnotatorService
from server.settings import Settings

JSON = {"Content-Type": "application/json"}
BYTES = {"Content-Type": "application/octet-stream"}
INT16 = {"Sample-Format": "int16", "Sample-Gain": "200"}


@pytest.fixture(scope="module")
def annotator(beats) -> Annotator:
    """The one that the server has."""
    return Annotator.load(beats)


def test_beats_of_a_recording(client, annotator, recording) -> None:
    """Where each is, when, its class, number and name, how sure; and the recording as a whole."""
    signal, rate = recording(30)
    signal = np.round(signal, 4).astype(np.float32)
    expected = annotator.annotate(signal, rate).beats

    answer = client.post("/annotate", json={"signal": signal.tolist(), "sampling_rate": rate})

    assert answer.status_code == 200
    assert answer.headers["model-version"] == annotator.contract.version
    beats, summary = answer.json()["beats"], answer.json()["summary"]
    assert [beat["sample"] for beat in beats] == expected.sample.tolist()
    assert list(beats[0]) == ["sample", "time_s", "predicted_class", "class", "probability"]
    assert beats[3]["time_s"] == pytest.approx(beats[3]["sample"] / rate, abs=1e-4)
    assert [beat["class"] for beat in beats] == [annotator.contract.classes[i] for i in expected.predicted_class]
    assert sum(summary["counts"].values()) == len(beats)
    assert summary["duration_s"] == 30
    assert summary["heart_rate_bpm"] == pytest.approx(60 * rate / np.median(np.diff(expected.sample)), abs=0.1)


def test_bytes_say_the_same_as_json(client, recording) -> None:
    """Little-endian float32, with the sampling rate in a header field."""
    signal, rate = recording(20)
    as_json = client.post("/annotate", json={"sampling_rate": rate, "signal": signal.tolist()})

    as_bytes = client.post("/annotate", content=signal.astype("<f4").tobytes(), headers={**BYTES, "Sampling-Rate": f"{rate:g}"})

    assert as_bytes.status_code == 200
    assert as_bytes.json() == as_json.json()


def test_int16_says_the_same_as_float32(client, recording) -> None:
    """Steps of a recorder with its gain, and -32768 where nothing was recorded, as in WFDB's files."""
    signal, rate = recording(30)
    steps = np.round(signal * 200).astype(np.int16)
    steps[int(10 * rate) : int(15 * rate)] = steps[int(5 * rate) : int(5.1 * rate)] = -32768
    millivolts = np.where(steps == -32768, np.nan, steps / 200).astype("<f4")
    headers = {**BYTES, "Sampling-Rate": f"{rate:g}"}
    expected = client.post("/annotate", content=millivolts.tobytes(), headers=headers)

    answer = client.post("/annotate", content=steps.astype("<i2").tobytes(), headers={**headers, **INT16})

    assert answer.status_code == 200, answer.text
    assert answer.json() == expected.json()


def test_where_there_is_no_beat_there_is_no_heart_rate(client) -> None:
    """It is null for a flat line, of the two seconds that a recording has at least."""
    answer = client.post("/annotate", json={"signal": [0.1] * 500, "sampling_rate": 250}).json()

    assert answer["beats"] == []
    assert answer["summary"]["heart_rate_bpm"] is None
    assert answer["summary"]["duration_s"] == 2


@pytest.mark.parametrize("rate", ["256.4102564102564", "256.410256410256410256410", "2.5641025641025640e2", "+256.4102564102564"])
def test_a_sampling_rate_may_have_any_number_of_decimals(client, recording, rate) -> None:
    """As a device computes it; the beats are those of the number."""
    signal, _ = recording(10)
    as_json = client.post("/annotate", json={"signal": signal.tolist(), "sampling_rate": 256.4102564102564})

    answer = client.post("/annotate", content=signal.astype("<f4").tobytes(), headers={**BYTES, "Sampling-Rate": rate})

    assert answer.status_code == 200
    assert answer.json() == as_json.json()


@pytest.fixture(scope="module")
def gappy(recording) -> tuple[np.ndarray, float]:
    """Thirty seconds of which nothing was recorded from 10 to 15 s, and a tenth of a second at 5 s."""
    signal, rate = recording(30)
    signal = np.round(signal, 4).astype(np.float32)
    signal[int(10 * rate) : int(15 * rate)] = np.nan
    signal[int(5 * rate) : int(5.1 * rate)] = np.nan
    return signal, rate


def test_a_long_gap_parts_a_recording(client, annotator, gappy) -> None:
    """Null in JSON, NaN in bytes: what is before and behind is annotated, and samples count from the recording's start."""
    signal, rate = gappy
    segments, _ = split_at_gaps(signal, rate)
    parts = [annotator.annotate(one.millivolts, rate).beats.sample + one.start for one in segments]
    samples = [None if np.isnan(value) else float(value) for value in signal]

    as_json = client.post("/annotate", json={"signal": samples, "sampling_rate": rate})
    as_bytes = client.post("/annotate", content=signal.astype("<f4").tobytes(), headers={**BYTES, "Sampling-Rate": f"{rate:g}"})

    found = [beat["sample"] for beat in as_json.json()["beats"]]
    assert found == np.concatenate(parts).tolist()
    assert len(parts) == 2
    assert all(len(part) > 5 for part in parts)
    assert as_json.json()["summary"]["duration_s"] == 30
    assert as_bytes.json() == as_json.json()


def test_a_gap_is_taken_by_the_open_inference_protocol_too(client, gappy) -> None:
    """With the same beats."""
    signal, rate = gappy
    expected = client.post("/annotate", content=signal.astype("<f4").tobytes(), headers={**BYTES, "Sampling-Rate": f"{rate:g}"})
    content, headers = tensors(signal, rate, True)

    answer = client.post("/v2/models/beats/infer", content=content, headers=headers)

    document = json.loads(answer.content[: int(answer.headers["Inference-Header-Content-Length"])])
    assert document["outputs"][0]["shape"] == [len(expected.json()["beats"])]


@pytest.mark.parametrize("samples", [[None] * 2000, [None] * 600 + [0.1] * 100 + [None] * 600 + [0.2] * 100], ids=["all", "most"])
def test_where_next_to_nothing_was_recorded_no_beat_is_found(client, samples) -> None:
    """Stretches of less than two seconds between gaps are not annotated."""
    answer = client.post("/annotate", json={"signal": samples, "sampling_rate": 250})

    assert answer.status_code == 200
    assert answer.json()["beats"] == []


@pytest.mark.parametrize(
    ("gain", "sentence"),
    [(0.001, "are gain and unit right?"), (1000, "are gain and unit right?"), (0, "no beat was found in 20 s")],
)
def test_what_is_unusual_is_said_in_the_answer(client, recording, gain, sentence) -> None:
    """As warnings, which an ordinary recording has none of."""
    signal, rate = recording(20)

    usual = client.post("/annotate", json={"signal": signal.tolist(), "sampling_rate": rate})
    unusual = client.post("/annotate", json={"signal": (gain * signal).tolist(), "sampling_rate": rate})

    assert "warnings" not in usual.json()
    assert list(unusual.json()) == [*usual.json(), "warnings"]
    assert any(sentence in warning for warning in unusual.json()["warnings"])


@pytest.mark.parametrize(
    ("content", "headers", "status", "sentence"),
    [
        ("{", JSON, 400, "not JSON"),
        ("", JSON, 400, "not JSON"),
        ("[]", JSON, 422, "expected JSON like"),
        ('{"signal": [1]}', JSON, 422, "sampling_rate"),
        ('{"sampling_rate": 250}', JSON, 422, "signal"),
        ('{"signal": [1], "sampling_rate": 250, "Doe": "II"}', JSON, 422, "no other fields"),
        ('{"signal": [1], "sampling_rate": "250"}', JSON, 422, "sampling_rate"),
        ('{"signal": [1], "sampling_rate": null}', JSON, 422, "sampling_rate"),
        ('{"signal": [1], "sampling_rate": 20}', JSON, 422, "from 50 to 1000 Hz"),
        ('{"signal": [1], "sampling_rate": 1e9}', JSON, 422, "from 50 to 1000 Hz"),
        ('{"signal": [1, "2"], "sampling_rate": 250}', JSON, 422, "finite numbers"),
        ('{"signal": [1, true], "sampling_rate": 250}', JSON, 422, "finite numbers"),
        ('{"signal": [[1]], "sampling_rate": 250}', JSON, 422, "finite numbers"),
        ('{"signal": [1, NaN], "sampling_rate": 250}', JSON, 400, "not JSON"),
        ('{"signal": [1, 1e39], "sampling_rate": 250}', JSON, 422, "sample 1 is none"),
        ('{"signal": [1,], "sampling_rate": 250}', JSON, 400, "not JSON"),
        ('{"signal": 1, "sampling_rate": 250}', JSON, 422, "$.signal"),
        ('{"signal": {"a": [1]}, "sampling_rate": 250}', JSON, 422, "$.signal"),
        ('{"signal": "[1]", "sampling_rate": 250}', JSON, 422, "$.signal"),
        ('{"signal": [1, 1e7], "sampling_rate": 250}', JSON, 422, "sample 1 is none"),
        ('{"signal": [1], "signal": [], "sampling_rate": 250}', JSON, 422, "one list"),
        ('{"signal": [], "signal": [1], "sampling_rate": 250}', JSON, 422, "one list"),
        ('{"signal": [1, "]", 2], "sampling_rate": 250}', JSON, 422, "one list"),
        ('{"signal": [1]], "sampling_rate": 250}', JSON, 400, "not JSON"),
        ('{"signal": [1], "sampling_rate": 250', JSON, 400, "not JSON"),
        ('{"signal": 1], "sampling_rate": [250}', JSON, 400, "not JSON"),
        (f'{{"signal": [{"1," * 40_000}], "sampling_rate": 250}}', JSON, 400, "not JSON"),
        (b"1234", BYTES, 422, "Sampling-Rate"),
        (b"1234", {**BYTES, "Sampling-Rate": "fast"}, 422, "Sampling-Rate"),
        (b"1234", {**BYTES, "Sampling-Rate": "nan"}, 422, "Sampling-Rate"),
        (b"1234", {**BYTES, "Sampling-Rate": "256,41"}, 422, "Sampling-Rate"),
        (b"1234", {**BYTES, "Sampling-Rate": "2000"}, 422, "from 50 to 1000 Hz"),
        (b"1234", {**BYTES, "Sampling-Rate": "-250"}, 422, "from 50 to 1000 Hz"),
        (b"1234", {**BYTES, "Sampling-Rate": "1e999"}, 422, "from 50 to 1000 Hz"),
        (b"123", {**BYTES, "Sampling-Rate": "250"}, 422, "4 bytes a sample"),
        (b"123", {**BYTES, **INT16, "Sampling-Rate": "250"}, 422, "2 bytes a sample"),
        (b"12", {**BYTES, "Sample-Format": "int32", "Sampling-Rate": "250"}, 422, "float32 or int16"),
        (b"12", {**BYTES, "Sample-Format": "int16", "Sampling-Rate": "250"}, 422, "expected the header field Sample-Gain"),
        (b"12", {**BYTES, **INT16, "Sample-Gain": "0", "Sampling-Rate": "250"}, 422, "Sample-Gain to be from 0.001"),
        (b"12", {**BYTES, **INT16, "Sample-Gain": "1e999", "Sampling-Rate": "250"}, 422, "Sample-Gain to be from 0.001"),
        (b"12", {**BYTES, **INT16, "Sample-Gain": "nan", "Sampling-Rate": "250"}, 422, "Sample-Gain"),
        (b"1234", {**BYTES, "Sample-Gain": "200", "Sampling-Rate": "250"}, 422, "int16 alone"),
        (b"\1\1" * 500, {**BYTES, **INT16, "Sample-Gain": "0"}, 422, "Sampling-Rate"),
        (b"\xff\x7f" * 500, {**BYTES, **INT16, "Sample-Gain": "0.001", "Sampling-Rate": "250"}, 422, "sample 0 is none"),
        (b"\1\1" * 499, {**BYTES, **INT16, "Sampling-Rate": "250"}, 422, "at least 2 s"),
        (np.float32([1, np.inf]).tobytes(), {**BYTES, "Sampling-Rate": "250"}, 422, "sample 1 is none"),
        (np.float32([np.nan, 1e7]).tobytes(), {**BYTES, "Sampling-Rate": "250"}, 422, "sample 1 is none"),
        ("1", {"Content-Type": "text/csv"}, 415, "application/json or application/octet-stream"),
        (b"\0" * 262_148, {**BYTES, "Sampling-Rate": "250"}, 413, "at most 262144 bytes"),
        ('{"signal": [], "sampling_rate": 250}', JSON, 422, "at least 2 s"),
        (b"\0" * 1996, {**BYTES, "Sampling-Rate": "250"}, 422, "at least 2 s"),
        (np.full(499, np.nan, "<f4").tobytes(), {**BYTES, "Sampling-Rate": "250"}, 422, "at least 2 s"),
    ],
)
def test_bad_recordings_are_refused(client, content, headers, status, sentence) -> None:
    """Each with its status and one sentence, without a value of it."""
    answer = client.post("/annotate", content=content, headers=headers)

    assert answer.status_code == status, answer.text
    assert list(answer.json()) == ["error"]
    assert sentence in answer.json()["error"]
    assert "Doe" not in answer.text


def test_without_the_artifact_it_says_so(lonely, serve, tmp_path) -> None:
    """503 with one sentence; rows are answered all the same, and a file that comes is loaded."""
    assert lonely.post("/annotate", json={"signal": [], "sampling_rate": 250}).status_code == 503

    with serve(ECG_BEATS=str(tmp_path / "none.onnx")) as (_, address):
        answer = httpx2.post(f"{address}/annotate", json={"signal": [], "sampling_rate": 250})
        ready = httpx2.get(f"{address}/v2/models/beats/ready")

        assert answer.status_code == 503
        assert "there is no artifact" in answer.json()["error"]
        assert ready.status_code == 503
        assert httpx2.get(f"{address}/health").status_code == 200


def test_a_file_that_comes_later_is_taken_up(artifact, beats, tmp_path) -> None:
    """Within a moment, as the other one is."""
    path = tmp_path / "beats.onnx"
    with TestClient(create_app(Settings(str(artifact), str(path)))) as client:
        assert client.get("/v2/models/beats/ready").status_code == 503

        shutil.copy(beats, tmp_path / "draft")
        (tmp_path / "draft").rename(path)
        for _ in range(100):
            if client.get("/v2/models/beats/ready").status_code == 200:
                break
            time.sleep(0.1)

        assert client.post("/annotate", json={"signal": [0.1] * 500, "sampling_rate": 250}).status_code == 200


def test_recordings_do_not_wait_for_a_model_of_rows(beats, tmp_path) -> None:
    """Where only the annotating file is, recordings are annotated; health is still about rows."""
    settings = Settings(str(tmp_path / "ecg.onnx"), str(beats))
    with TestClient(create_app(settings), raise_server_exceptions=False) as client:
        answer = client.post("/annotate", json={"signal": [0.1] * 500, "sampling_rate": 250})
        content, headers = tensors(np.zeros(500, np.float32), 250.0, False)

        assert answer.status_code == 200
        assert client.post("/v2/models/beats/infer", content=content, headers=headers).status_code == 200
        assert client.get("/v2/models/beats/ready").json() == {"name": "beats", "ready": True}
        assert client.get("/v2/models/ecg/ready").status_code == 503
        assert client.get("/health").status_code == 503


@pytest.mark.parametrize(
    "content",
    [b"", b"not ONNX at all", "ecg.onnx"],
    ids=["empty", "foreign", "one that classifies rows"],
)
def test_a_bad_file_is_not_taken_up(beats, artifact, tmp_path, content) -> None:
    """The one before goes on, and what was refused is counted apart from files that classify rows."""
    path = tmp_path / "beats.onnx"
    shutil.copy(beats, path)
    with TestClient(create_app(Settings(str(artifact), str(path)))) as client:
        (tmp_path / "draft").write_bytes(artifact.read_bytes() if isinstance(content, str) else content)
        (tmp_path / "draft").rename(path)
        for _ in range(100):
            told = client.get("/metrics").text
            if 'ecg_beats_artifacts_total{result="refused"} 1.0' in told:
                break
            time.sleep(0.05)

        assert client.post("/annotate", json={"signal": [0.1] * 500, "sampling_rate": 250}).status_code == 200
    assert 'ecg_beats_artifacts_total{result="refused"} 1.0' in told
    assert 'ecg_beats_artifacts_total{result="taken_up"} 1.0' in told
    assert 'ecg_artifacts_total{result="refused"} 0.0' in told


def test_what_was_annotated_is_counted(beats, artifact, recording) -> None:
    """Seconds of signal and beats once each, however many pieces; nothing of what was refused."""
    signal, rate = recording(1500)
    with TestClient(create_app(Settings(str(artifact), str(beats)))) as client:
        headers = {**BYTES, "Sampling-Rate": f"{rate:g}"}
        found = client.post("/annotate", content=signal.astype("<f4").tobytes(), headers=headers).json()["beats"]
        client.post("/annotate", json={"signal": [1e9], "sampling_rate": 250})
        families = text_string_to_metric_families(client.get("/metrics").text)
        told = {
            (sample.name, sample.labels.get("status")): sample.value
            for family in families
            for sample in family.samples
            if sample.labels.get("path") in (None, "/annotate")
        }

    assert told["ecg_signal_seconds_total", None] == pytest.approx(1500)
    assert len(found) <= told["ecg_beats_total", None] <= len(found) + 2
    assert told["ecg_annotation_seconds_count", None] == 2
    assert told["ecg_requests_total", "200"] == told["ecg_requests_total", "422"] == 1
    assert told["ecg_rows_total", None] == 0


def test_what_waits_is_bounded(annotator, recording) -> None:
    """One recording too many is refused at once; when others are done there is room again."""
    signal, rate = recording(10)

    async def annotate(serving: AnnotatorService) -> int:
        async with serving.slot():
            return len((await serving.annotate(signal, rate)).beats.sample)

    async def run() -> None:
        serving = AnnotatorService(annotator, Counters([]))
        waiting = [asyncio.create_task(annotate(serving)) for _ in range(MAX_WAITING)]
        await asyncio.sleep(0)

        with pytest.raises(Overloaded):
            await annotate(serving)

        assert all(await asyncio.gather(*waiting))
        assert await annotate(serving)

    asyncio.run(run())


def test_a_short_recording_does_not_wait_for_a_long_one(annotator, recording) -> None:
    """Their pieces take turns."""
    long, rate = recording(1800)

    async def run() -> list[str]:
        serving, done = AnnotatorService(annotator, Counters([])), list[str]()

        async def annotate(name: str, signal: np.ndarray) -> None:
            await serving.annotate(signal, rate)
            done.append(name)

        await asyncio.gather(annotate("long", long), annotate("short", long[:5000]))
        return done

    assert asyncio.run(run()) == ["short", "long"]


def test_the_file_itself(client, beats) -> None:
    """As it is; not again to whom it is known."""
    answer = client.get("/model/beats")

    assert answer.content == beats.read_bytes()
    assert client.get("/model/beats", headers={"If-None-Match": answer.headers["etag"]}).status_code == 304


def tensors(signal: np.ndarray, rate: float, binary: bool) -> tuple[bytes, dict[str, str]]:
    """A request of the Open Inference Protocol."""
    inputs = []
    for name, values in (("signal", signal), ("sampling_rate", np.array([rate], np.float32))):
        tensor = {"name": name, "shape": [len(values)], "datatype": "FP32"}
        more = {"parameters": {"binary_data_size": values.nbytes}} if binary else {"data": values.tolist()}
        inputs.append({**tensor, **more})
    asked = json.dumps({"inputs": inputs, "parameters": {"binary_data_output": binary}}).encode()
    if not binary:
        return asked, JSON
    tail = signal.astype("<f4").tobytes() + np.array([rate], "<f4").tobytes()
    return asked + tail, {**BYTES, "Inference-Header-Content-Length": str(len(asked))}


@pytest.mark.parametrize("binary", [False, True])
def test_the_open_inference_protocol(client, annotator, recording, binary) -> None:
    """All outputs as JSON or as bytes, in the order of the file's contract."""
    signal, rate = recording(20)
    expected = annotator.annotate(signal, rate).tensors()
    content, headers = tensors(signal, rate, binary)

    answer = client.post("/v2/models/beats/infer", content=content, headers=headers)

    assert answer.status_code == 200, answer.text
    length = int(answer.headers.get("inference-header-content-length", len(answer.content)))
    document, tail = json.loads(answer.content[:length]), answer.content[length:]
    assert document["model_name"] == "beats"
    for output in document["outputs"]:
        wanted = expected[output["name"]]
        if binary:
            size = output["parameters"]["binary_data_size"]
            found, tail = np.frombuffer(tail[:size], wanted.dtype), tail[size:]
        else:
            found = np.array(output["data"], wanted.dtype)
        assert output["shape"] == list(wanted.shape)
        np.testing.assert_allclose(found.reshape(wanted.shape), wanted, atol=1e-6)
    assert [output["name"] for output in document["outputs"]] == list(expected)


def test_what_the_model_is(client, annotator) -> None:
    """Tensors and the whole contract."""
    document = client.get("/v2/models/beats").json()

    assert {tensor["name"]: tensor["shape"] for tensor in document["inputs"]} == {"signal": [-1], "sampling_rate": [1]}
    assert {tensor["name"]: tensor["datatype"] for tensor in document["outputs"]}["sample"] == "INT32"
    assert document["ecg"]["task"] == "annotation"
    assert document["versions"] == [annotator.contract.version]
    assert client.get("/v2/models/beats/ready").json() == {"name": "beats", "ready": True}
    assert client.get("/v2/models/other").status_code == 404


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"inputs": []}, "expected the inputs"),
        ({"outputs": [{"name": "x"}]}, "expected each output"),
        ({"inputs": [{"name": "signal", "shape": [2], "datatype": "FP32", "data": [1, 2]}]}, "expected the inputs"),
    ],
)
def test_bad_requests_of_the_protocol(client, change, sentence) -> None:
    """422 and a sentence."""
    asked = json.loads(tensors(np.ones(3, np.float32), 250.0, False)[0])

    answer = client.post("/v2/models/beats/infer", json={**asked, **change})

    assert answer.status_code == 422
    assert sentence in answer.json()["error"]


@pytest.mark.parametrize(
    ("name", "change", "sentence"),
    [
        ("signal", {"shape": [4]}, "as its shape says"),
        ("signal", {"shape": [1, 3]}, "of shape [samples]"),
        ("signal", {"datatype": "FP64"}, "FP32"),
        ("signal", {"data": ["1", 2, 3]}, "finite numbers"),
        ("signal", {"parameters": {"binary_data_size": 12}}, "either data"),
        ("sampling_rate", {"shape": [2]}, "of shape [1]"),
        ("sampling_rate", {"data": [250, 250]}, "one number"),
        ("sampling_rate", {"data": [5]}, "from 50 to 1000 Hz"),
    ],
)
def test_bad_tensors_of_the_protocol(client, name, change, sentence) -> None:
    """422 and a sentence."""
    asked = json.loads(tensors(np.ones(3, np.float32), 250.0, False)[0])
    asked["inputs"] = [tensor | change if tensor["name"] == name else tensor for tensor in asked["inputs"]]

    answer = client.post("/v2/models/beats/infer", json=asked)

    assert answer.status_code == 422, answer.text
    assert sentence in answer.json()["error"]


def test_rows_are_answered_while_a_long_recording_is_annotated(serve, example, recording) -> None:
    """It is longer than another body may be; its pieces run on a thread, and rows that are sent after it come before it."""
    signal, rate = recording(1800)
    body, headers = signal.astype("<f4").tobytes(), {**BYTES, "Sampling-Rate": f"{rate:g}"}
    status = []

    with serve(ECG_MAX_BODY_BYTES="1048576") as (_, address), httpx2.Client(base_url=address, timeout=60) as client:
        annotating = threading.Thread(
            target=lambda: status.append(
                httpx2.post(f"{address}/annotate", content=body, headers=headers, timeout=120).status_code
            )
        )
        annotating.start()
        rows = [client.post("/predict", json=example).status_code for _ in range(20)]
        is_first = not status
        annotating.join()

    assert rows == [200] * 20
    assert is_first
    assert status == [200]
