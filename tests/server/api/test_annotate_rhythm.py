"""What `/annotate`, the Open Inference Protocol and the documents say with a file of either schema."""

import json
import threading
from collections.abc import Iterator

import msgspec
import numpy as np
import pytest
from starlette.testclient import TestClient

from server.api.annotations import SLICE_BEATS, encode_annotations, encode_rest
from server.api.recording import Recording
from server.app import create_app
from server.models.annotator import Annotation, Annotator, Beats
from server.models.report.report import report
from server.models.report.structure import Report
from server.models.rhythm import Episode
from server.serving import annotator_service
from server.settings import Settings


@pytest.fixture(scope="module", params=[1, 2])
def schema(request) -> int:
    """The schema of the file that is served."""
    return request.param


@pytest.fixture(scope="module")
def served(schema, artifact, beats_of_schema) -> Iterator[TestClient]:
    """The application with that file."""
    with TestClient(create_app(Settings(str(artifact), str(beats_of_schema[schema])))) as client:
        yield client


@pytest.fixture(scope="module")
def forty_seconds(recording) -> tuple[np.ndarray, float]:
    """Sinus rhythm to 10 s, unreadable to 12 s, atrial fibrillation to 27 s, a gap to 30 s, sinus rhythm to 40.5 s."""
    signal, rate = recording(40.5)
    signal, second = signal.copy(), (np.arange(len(signal)) / rate).astype(int)
    noisy = (second >= 10) & (second < 12)
    signal[noisy] = np.resize([2, -2], noisy.sum())
    signal[(second >= 12) & (second < 27)] += 1
    signal[(second >= 27) & (second < 30)] = np.nan
    return np.round(signal, 4).astype(np.float32), rate


def annotated(client: TestClient, signal: np.ndarray, rate: float, query: str = "") -> dict:
    """The answer to a recording."""
    headers = {"Content-Type": "application/octet-stream", "Sampling-Rate": f"{rate:g}"}
    answer = client.post(f"/annotate{query}", content=signal.astype("<f4").tobytes(), headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_rhythm_and_unreadable_stretches(served, schema, forty_seconds) -> None:
    """Episodes with their mean probability, stretches, seconds; of a file of schema 1 none of that."""
    answer = annotated(served, *forty_seconds)

    if schema == 1:
        assert list(answer) == ["beats", "summary"]
        assert list(answer["summary"]) == ["heart_rate_bpm", "counts", "duration_s"]
        return
    assert list(answer) == ["beats", "rhythm", "unreadable", "summary"]
    assert [list(one.values())[:3] for one in answer["rhythm"]] == [[0, 10, "N"], [12, 27, "AF"], [30, 40.5, "N"]]
    assert all(list(one) == ["start_s", "end_s", "rhythm", "probability"] for one in answer["rhythm"])
    assert all(0.8 < one["probability"] <= 1 for one in answer["rhythm"])
    assert answer["unreadable"] == [{"start_s": 10, "end_s": 12}, {"start_s": 27, "end_s": 30}]
    assert list(answer["summary"]) == ["heart_rate_bpm", "counts", "duration_s", "readable_s", "af_s"]
    assert (answer["summary"]["readable_s"], answer["summary"]["af_s"]) == (35.5, 15)
    assert sum(answer["summary"]["counts"].values()) == len(answer["beats"]) > 20
    assert not any(10 <= beat["time_s"] < 12 or 27 <= beat["time_s"] < 30 for beat in answer["beats"])
    assert 40 < answer["summary"]["heart_rate_bpm"] < 180


def test_what_cannot_be_read_has_neither_beats_nor_a_rate(served, schema) -> None:
    """Lists are empty, not absent; the rate is null; and a warning says how much it is."""
    noise = np.resize(np.float32([2, -2]), 5000)

    answer = annotated(served, noise, 250.0)

    if schema == 2:
        assert (answer["beats"], answer["rhythm"], answer["unreadable"]) == ([], [], [{"start_s": 0, "end_s": 20}])
        assert answer["summary"] | {"counts": {}} == {
            "heart_rate_bpm": None,
            "counts": {},
            "duration_s": 20,
            "readable_s": 0,
            "af_s": 0,
        }
        assert any("20 of 20 s cannot be read" in warning for warning in answer["warnings"])
    else:
        assert not any("cannot be read" in warning for warning in answer.get("warnings", []))


def test_a_recording_of_gaps_alone_is_unreadable(served, schema) -> None:
    """And there is no warning of noise: nothing was recorded."""
    answer = annotated(served, np.full(2600, np.nan, np.float32), 250.0)

    assert answer["beats"] == []
    assert "warnings" not in answer
    assert answer.get("unreadable") == ([{"start_s": 0, "end_s": 10.4}] if schema == 2 else None)


def test_tensors_of_the_protocol(served, schema, beats_of_schema, forty_seconds) -> None:
    """Metadata names all outputs of the file, and infer gives them, alone or together."""
    signal, rate = forty_seconds[0][:2000], forty_seconds[1]
    expected = Annotator.load(beats_of_schema[schema]).annotate(signal, rate).tensors()
    inputs = [
        {"name": "signal", "shape": [len(signal)], "datatype": "FP32", "data": signal.tolist()},
        {"name": "sampling_rate", "shape": [1], "datatype": "FP32", "data": [rate]},
    ]

    metadata = served.get("/v2/models/beats").json()
    answer = served.post("/v2/models/beats/infer", json={"inputs": inputs}).json()
    one = served.post("/v2/models/beats/infer", json={"inputs": inputs, "outputs": [{"name": "readable"}]})

    assert {output["name"] for output in metadata["outputs"]} == set(expected)
    assert [output["name"] for output in answer["outputs"]] == list(expected)
    for output in answer["outputs"]:
        wanted = expected[output["name"]]
        assert output["shape"] == list(wanted.shape)
        np.testing.assert_allclose(np.reshape(output["data"], wanted.shape), wanted, atol=1e-6)
    assert one.status_code == (200 if schema == 2 else 422)
    if schema == 2:
        assert {"name": "rhythm_probabilities", "datatype": "FP32", "shape": [-1, 4]} in metadata["outputs"]
        assert metadata["ecg"]["rhythms"] == ["N", "AF", "O", "VF"]
        assert [(output["name"], output["shape"]) for output in one.json()["outputs"]] == [("readable", [8])]
    else:
        assert "rhythms" not in metadata["ecg"]


def test_the_report_stands_beside_the_answer(served, schema, forty_seconds) -> None:
    """With `?report=json`, of what is answered; all else is as without."""
    signal, rate = forty_seconds

    answer = annotated(served, signal, rate, "?report=json")

    numbers = msgspec.convert(answer.pop("report"), Report)
    assert answer == annotated(served, signal, rate)
    assert sum(numbers.beats.values()) == len(answer["beats"])
    assert numbers.duration_s == answer["summary"]["duration_s"]
    assert numbers.readable_s == answer["summary"].get("readable_s")
    assert (numbers.af and numbers.af.duration_s) == answer["summary"].get("af_s")
    assert [strip.kind for strip in numbers.strips].count("AF onset") == (schema == 2)


def test_the_report_does_not_hold_the_event_loop(served, forty_seconds, monkeypatch) -> None:
    """It is computed on the thread that annotates."""
    threads = []

    def noted(*arguments) -> Report:
        threads.append(threading.current_thread().name)
        return report(*arguments)

    monkeypatch.setattr(annotator_service, "report", noted)
    annotated(served, *forty_seconds, "?report=json")

    assert [name.partition("_")[0] for name in threads] == ["annotator"]


@pytest.mark.parametrize("query", ["?report=html", "?report=", "?report=json&report=pdf"])
def test_another_form_of_report_is_refused(served, query) -> None:
    """In a sentence that says which there is."""
    answer = served.post(f"/annotate{query}", content=b"", headers={"Content-Type": "application/octet-stream"})

    assert answer.status_code == 422
    assert answer.json() == {"error": "expected the query report=json, or none"}


def test_the_document_knows_both_answers(served, forty_seconds) -> None:
    """What a file of schema 1 leaves out is not required, what both say is."""
    schemas = served.get("/openapi.json").json()["components"]["schemas"]

    assert schemas["Annotations"]["required"] == ["beats", "summary"]
    assert set(schemas["Annotations"]["properties"]) == {"beats", "rhythm", "unreadable", "summary", "warnings", "report"}
    assert schemas["Summary"]["required"] == ["heart_rate_bpm", "counts", "duration_s"]
    assert set(schemas["RhythmEpisode"]["properties"]) == {"start_s", "end_s", "rhythm", "probability"}
    assert set(schemas["Unreadable"]["properties"]) == {"start_s", "end_s"}
    assert schemas["Summary"]["properties"]["af_s"]["type"] == "number"


def test_long_answers_are_written_in_slices() -> None:
    """Beats on the event loop, so that no piece of JSON is long to write; the rest is one piece that the worker wrote."""
    seconds = 6 * SLICE_BEATS
    sample = np.arange(seconds, dtype=np.int32) * 250
    found = Annotation(
        Beats(sample, sample * 0, np.ones(seconds, np.float32), np.ones((seconds, 1), np.float32)),
        np.resize(np.float32([1, 1, 0]), seconds),
        np.ones((seconds, 1), np.float32),
    )
    episodes = [Episode(float(start), start + 2.0, "N", 1.0) for start in range(0, seconds, 3)]
    recording = Recording.from_samples(np.zeros(seconds * 250, np.float32), 250.0)

    rest = encode_rest(found, episodes, recording, ("N",), [])
    pieces = list(encode_annotations(found.beats, 250.0, ("N",), rest))

    answer = json.loads(b"".join(pieces))
    assert max(map(len, pieces[:-1])) < 100 * SLICE_BEATS
    assert pieces[-1] == rest
    assert len(answer["beats"]) == seconds
    assert len(answer["rhythm"]) == len(answer["unreadable"]) == seconds // 3
    assert answer["unreadable"][1] == {"start_s": 5, "end_s": 6}
