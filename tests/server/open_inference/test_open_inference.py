"""The Open Inference Protocol v2: by a client that others wrote, and what that client would never send."""

import json
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx2
import numpy as np
import pytest
import tritonclient.http as triton
from tritonclient.utils import InferenceServerException

from server.models.classifier import Classifier

INFER = "/v2/models/ecg/infer"
NAMES = ("predicted_class", "probability", "probabilities")


@pytest.fixture(scope="module")
def rows(trained) -> np.ndarray:
    """A thousand rows, float32."""
    return np.load(trained / "test.npz")["features"][:1000].astype(np.float32)


@pytest.fixture(scope="module")
def expected(artifact, rows) -> dict[str, np.ndarray]:
    """What the model itself says of them."""
    return dict(zip(NAMES, Classifier.load(artifact).run(NAMES, rows), strict=True))


@pytest.fixture(scope="module")
def roomy(serve) -> Iterator[str]:
    """Where a server that takes long bodies answers."""
    with serve() as (_, address):
        yield address


@pytest.fixture(scope="module")
def stranger(roomy) -> Iterator[triton.InferenceServerClient]:
    """tritonclient, as it is."""
    with triton.InferenceServerClient(urlsplit(roomy).netloc) as client:
        yield client


def tensor(rows: np.ndarray, binary: bool = True) -> triton.InferInput:
    """The input of a request."""
    features = triton.InferInput("features", list(rows.shape), "FP32")
    features.set_data_from_numpy(rows, binary_data=binary)
    return features


def test_it_is_live_ready_and_known(stranger, artifact) -> None:
    """Server and model, and the model's tensors and version."""
    model = Classifier.load(artifact)

    metadata = stranger.get_model_metadata("ecg")

    assert stranger.is_server_live()
    assert stranger.is_server_ready()
    assert stranger.is_model_ready("ecg")
    assert stranger.is_model_ready("ecg", model.contract.version)
    assert stranger.get_server_metadata()["extensions"] == ["binary_tensor_data"]
    assert metadata["versions"] == [model.contract.version]
    assert metadata["inputs"] == [{"name": "features", "datatype": "FP32", "shape": [-1, 140]}]
    assert {output["name"]: (output["datatype"], output["shape"]) for output in metadata["outputs"]} == {
        "predicted_class": ("INT32", [-1]),
        "probability": ("FP32", [-1]),
        "probabilities": ("FP32", [-1, 5]),
    }
    assert metadata["ecg"]["classes"] == list(model.contract.classes)


@pytest.mark.parametrize("sent", ["JSON", "bytes"])
@pytest.mark.parametrize("wanted", ["JSON", "bytes", "by default"])
@pytest.mark.parametrize("count", [1, 3, 1000])
def test_a_stranger_gets_what_the_model_says(stranger, rows, expected, sent, wanted, count) -> None:
    """Tensors as JSON or as bytes, either way, one row or a thousand."""
    outputs = [triton.InferRequestedOutput(name, binary_data=wanted == "bytes") for name in NAMES]

    answer = stranger.infer(
        "ecg",
        [tensor(rows[:count], sent == "bytes")],
        outputs=None if wanted == "by default" else outputs,
        request_id="17",
    )

    assert answer.get_response()["id"] == "17"
    for name in NAMES:
        found = answer.as_numpy(name)
        assert found.dtype == expected[name].dtype
        assert found.shape == expected[name][:count].shape
        assert np.allclose(found, expected[name][:count], atol=1e-6)


def test_a_stranger_gets_only_what_it_asks_for(stranger, rows, expected) -> None:
    """One output as bytes, another as JSON, in the order asked."""
    outputs = [
        triton.InferRequestedOutput("probability", binary_data=True),
        triton.InferRequestedOutput("predicted_class", False),
    ]

    answer = stranger.infer("ecg", [tensor(rows)], outputs=outputs)

    assert [output["name"] for output in answer.get_response()["outputs"]] == ["probability", "predicted_class"]
    assert np.allclose(answer.as_numpy("probability"), expected["probability"], atol=1e-6)
    assert np.array_equal(answer.as_numpy("predicted_class"), expected["predicted_class"])


def test_a_stranger_is_told_what_is_wrong(stranger, rows) -> None:
    """By the client's own exception, with our sentence."""
    with pytest.raises(InferenceServerException, match="expected the model name ecg"):
        stranger.infer("other", [tensor(rows)])
    with pytest.raises(InferenceServerException, match="expected the model version"):
        stranger.infer("ecg", [tensor(rows)], model_version="9")
    with pytest.raises(InferenceServerException, match=r"FP32 of shape \[rows, 140\]"):
        stranger.infer("ecg", [tensor(rows[:, :7].copy())])
    with pytest.raises(InferenceServerException, match="expected each output to be one of"):
        stranger.infer("ecg", [tensor(rows)], outputs=[triton.InferRequestedOutput("other")])
    with pytest.raises(InferenceServerException, match="expected finite numbers"):
        stranger.infer("ecg", [tensor(np.full((2, 140), np.nan, np.float32))])
    with pytest.raises(InferenceServerException, match="expected Content-Encoding: gzip"):
        stranger.infer("ecg", [tensor(rows)], request_compression_algorithm="deflate")
    assert not stranger.is_model_ready("other")


def test_a_stranger_may_compress(stranger, rows, expected) -> None:
    """As the client does it by itself."""
    answer = stranger.infer("ecg", [tensor(rows[:3])], request_compression_algorithm="gzip")

    assert np.allclose(answer.as_numpy("probability"), expected["probability"][:3], atol=1e-6)


def test_a_tensor_may_come_alone(client, rows, expected) -> None:
    """A raw request: no JSON at all, every output as bytes."""
    response = client.post(INFER, content=rows[:5].tobytes(), headers={"Inference-Header-Content-Length": "0"})

    length = int(response.headers["Inference-Header-Content-Length"])
    document, rest = json.loads(response.content[:length]), response.content[length:]
    for output in document["outputs"]:
        size = output["parameters"]["binary_data_size"]
        values = np.frombuffer(rest[:size], expected[output["name"]].dtype).reshape(output["shape"])
        assert np.allclose(values, expected[output["name"]][:5], atol=1e-6)
        rest = rest[size:]
    assert rest == b""


def test_parameters_may_ask_for_bytes_all_at_once(client, rows) -> None:
    """And an output may say otherwise for itself."""
    document = {
        "inputs": [{"name": "features", "shape": [2, 140], "datatype": "FP32", "data": rows[:2].tolist()}],
        "outputs": [{"name": "probability"}, {"name": "predicted_class", "parameters": {"binary_data": False}}],
        "parameters": {"binary_data_output": True, "priority": 3},
    }

    response = client.post(INFER, json=document)

    length = int(response.headers["Inference-Header-Content-Length"])
    first, second = json.loads(response.content[:length])["outputs"]
    assert first["parameters"] == {"binary_data_size": 8}
    assert len(response.content) == length + 8
    assert len(second["data"]) == 2


def request(**changes: object) -> dict[str, object]:
    """A good request for one row, but for these changes of its input."""
    return {"inputs": [{"name": "features", "shape": [1, 140], "datatype": "FP32", "data": [0.5] * 140, **changes}]}


@pytest.mark.parametrize(
    ("document", "status", "sentence"),
    [
        ({}, 422, "missing required field `inputs`"),
        ({"inputs": []}, 422, "expected one input, named features"),
        ({"inputs": 2 * request()["inputs"]}, 422, "expected one input, named features"),
        (request(name="Doe"), 422, "expected one input, named features"),
        (request(shape=[140]), 422, "shape [rows, 140]"),
        (request(shape=[0, 140]), 422, "at least one row"),
        (request(shape=[-1, 140]), 422, "expected `int` >= 0"),
        (request(shape=[10**15, 140]), 422, "it holds 1"),
        (request(shape=[2, 140]), 422, "as many rows as the shape says, it holds 1"),
        (request(datatype="FP64"), 422, "FP32"),
        (request(data=None), 422, "flat or a list each"),
        (request(data={}), 422, "flat or a list each"),
        (request(data=0.5), 422, "flat or a list each"),
        (request(data="Doe"), 422, "flat or a list each"),
        (request(data=[]), 422, "it holds 0"),
        (request(data=[[]]), 422, "flat or a list each"),
        (request(data=[0.5] * 139), 422, "flat or a list each"),
        (request(data=[[0.5] * 139]), 422, "flat or a list each"),
        (request(data=[["Doe"] * 140]), 422, "flat or a list each"),
        (request(data=[True] * 140), 422, "flat or a list each"),
        (request(data=[1e39] * 140), 422, "expected finite numbers"),
        (request(parameters={"binary_data_size": 560}), 422, "either data or"),
        (request(parameters={"binary_data_size": -1}), 422, "expected `int` >= 0"),
        ({**request(), "outputs": [{"name": "probability"}] * 2}, 422, "and once"),
        ({**request(), "id": 3}, 422, "expected `str"),
    ],
)
def test_a_bad_request_gets_one_sentence(client, document, status, sentence) -> None:
    """The one shape of error, and nothing of what was sent."""
    response = client.post(INFER, json=document)

    assert response.status_code == status
    assert list(response.json()) == ["error"]
    assert sentence in response.json()["error"]
    assert "Doe" not in response.text


@pytest.mark.parametrize(
    ("header", "size", "sent", "status", "sentence"),
    [
        ("x", 560, 560, 400, "to be a number of bytes"),
        ("-1", 560, 560, 400, "to be a number of bytes"),
        ("99999", 560, 560, 400, "expected 99999 bytes of JSON"),
        (None, 560, 559, 422, "binary_data_size says"),
        (None, 560, 561, 422, "binary_data_size says"),
        (None, 280, 280, 422, "expected 4 bytes for each number"),
        (None, 10**12, 560, 422, "binary_data_size says"),
        ("0", 560, 561, 422, "expected 4 bytes for each number"),
        ("0", 560, 559, 422, "at least one row"),
        ("0", 560, 0, 422, "at least one row"),
        ("1", 560, 560, 400, "the body is not JSON"),
    ],
)
def test_sizes_that_lie_are_found_out(client, header, size, sent, status, sentence) -> None:
    """Of the JSON and of the tensor."""
    features = {"name": "features", "shape": [1, 140], "datatype": "FP32", "parameters": {"binary_data_size": size}}
    document = json.dumps({"inputs": [features]}).encode() if header != "0" else b""
    headers = {"Inference-Header-Content-Length": str(len(document)) if header is None else header}

    response = client.post(INFER, content=document + bytes(sent), headers=headers)

    assert response.status_code == status
    assert sentence in response.json()["error"]


def test_without_an_artifact_it_is_live_and_not_ready(lonely) -> None:
    """And says what to do."""
    assert lonely.get("/v2/health/live").json() == {"live": True}
    for path in ("/v2/health/ready", "/v2/models/ecg/ready"):
        assert lonely.get(path).status_code == 503
        assert lonely.get(path).json()["ready"] is False
    for response in (lonely.get("/v2/models/ecg"), lonely.post(INFER, json=request())):
        assert response.status_code == 503
        assert "run python -m train" in response.json()["error"]
    assert lonely.get("/v2").status_code == 200


def test_long_bodies_arrive_whole(roomy, rows, expected) -> None:
    """Longer than a packet, than a step, and one after another on the same connection; small ones between."""
    with httpx2.Client(base_url=roomy) as client:
        for count in (100, 117, 118, 1000, 100):
            response = client.post(INFER, content=rows[:count].tobytes(), headers={"Inference-Header-Content-Length": "0"})
            many = client.post("/predict", json={"features": rows[:count, :].tolist()[:90]})
            one = client.post("/predict", json={"features": rows[0].tolist()})

            assert response.status_code == many.status_code == one.status_code == 200
            assert many.json()["predictions"][0]["predicted_class"] == one.json()["predicted_class"]
            length = int(response.headers["Inference-Header-Content-Length"])
            classes = np.frombuffer(response.content[length : length + 4 * count], np.int32)
            assert np.array_equal(classes, expected["predicted_class"][:count])
