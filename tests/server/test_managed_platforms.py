"""What SageMaker and Vertex AI send is answered as they want it."""

import hashlib
import json
import sys
from collections.abc import Iterator
from unittest.mock import patch

import pytest
from starlette.testclient import TestClient

from server import __main__ as command
from server.app import create_app
from server.settings import BadSetting, from_environment

HEALTH, PREDICT = "/v1/endpoints/71/deployedModels/5", "/v1/endpoints/71/deployedModels/5:predict"
SAGEMAKER = {"Accept": "*/*", "X-Amzn-SageMaker-Custom-Attributes": "trace=7", "User-Agent": "AHC/2.0"}


@pytest.fixture(scope="module")
def vertex(artifact, beats, tmp_path_factory) -> Iterator[TestClient]:
    """The application in the environment that Vertex AI gives a container, of a server that requires keys."""
    keys = tmp_path_factory.mktemp("keys") / "keys"
    keys.write_text(f"{hashlib.sha256(b'k').hexdigest()}  clinic\n")
    told = {"AIP_HTTP_PORT": "8081", "AIP_HEALTH_ROUTE": HEALTH, "AIP_PREDICT_ROUTE": PREDICT, "AIP_MODE": "PREDICTION"}
    ours = {"ECG_ARTIFACT": str(artifact), "ECG_BEATS": str(beats), "ECG_API_KEYS_FILE": str(keys)}
    with TestClient(create_app(from_environment(told | ours)), headers={"Authorization": "Bearer k"}) as client:
        yield client


def test_sagemaker_is_answered(application, example) -> None:
    """Its ping, rows as JSON and as CSV; each is counted under its own path."""
    row = ",".join(map(str, example["features"]))

    ping = application.get("/ping", headers=SAGEMAKER)
    one = application.post("/invocations", content=json.dumps(example), headers=SAGEMAKER | {"Content-Type": "application/json"})
    many = application.post("/invocations", content=f"{row}\n{row}", headers=SAGEMAKER | {"Content-Type": "text/csv"})

    assert (ping.status_code, ping.json()) == (200, {"status": "healthy"})
    assert one.json() == application.post("/predict", json=example).json()
    assert len(many.json()["predictions"]) == 2
    assert 'ecg_requests_total{path="/invocations",status="200"}' in application.get("/metrics").text


def test_a_ping_without_a_model_fails(lonely) -> None:
    """So that SageMaker sends nothing."""
    assert lonely.get("/ping").status_code == 503


def test_vertex_ai_is_answered(vertex, example) -> None:
    """A list of instances with a list of predictions, as many and in their order; what stands beside them is left alone."""
    row, other = example["features"], [-value for value in example["features"]]
    body = {"instances": [row, other], "parameters": {"confidence": 0.5}}

    answer = vertex.post(PREDICT, json=body)

    assert answer.status_code == 200
    assert answer.json() == vertex.post("/predict", json={"features": [row, other]}).json()
    assert list(answer.json()) == ["predictions"]


def test_the_health_route_needs_no_key(vertex) -> None:
    """Vertex AI has none; rows need one there too."""
    assert vertex.get(HEALTH, headers={"Authorization": ""}).json() == {"status": "healthy"}
    assert vertex.post(PREDICT, json={}, headers={"Authorization": ""}).status_code == 401


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ('{"instances": ', 400),
        ("[[1, 2]]", 422),
        ('{"features": [[1, 2]]}', 422),
        ('{"instances": []}', 422),
        ('{"instances": [1, 2]}', 422),
        ('{"instances": [[1, 2]]}', 422),
        ('{"instances": [[1, 2], 3]}', 422),
        ('{"instances": {"a": 1}}', 422),
    ],
)
def test_what_are_no_instances_is_refused(vertex, body, status) -> None:
    """And told what was expected."""
    answer = vertex.post(PREDICT, content=body, headers={"Content-Type": "application/json"})

    assert answer.status_code == status
    assert 'expected JSON like {"instances": [[f1, …, fn], …]}' in answer.json()["error"]


def test_the_port_is_the_platforms() -> None:
    """Unless it is set by our own variable."""
    assert from_environment({"SAGEMAKER_BIND_TO_PORT": "8080"}).port == 8080
    assert from_environment({"AIP_HTTP_PORT": "8081"}).port == 8081
    assert from_environment({"AIP_HTTP_PORT": "8081", "ECG_PORT": "5001"}).port == 5001


@pytest.mark.parametrize(
    ("name", "value"), [("AIP_HTTP_PORT", "http"), ("AIP_HEALTH_ROUTE", "health"), ("AIP_PREDICT_ROUTE", "/{path:path}")]
)
def test_a_wrong_variable_of_a_platform_is_refused_by_its_name(name, value) -> None:
    """Not by that of the setting, which nobody wrote."""
    with pytest.raises(BadSetting, match=f"^{name} is not usable"):
        from_environment({name: value})


def test_sagemakers_argument_is_taken() -> None:
    """It starts a container with `serve`; the settings are looked at as without."""
    with patch.object(sys, "argv", ["server", "serve"]), patch.dict("os.environ", ECG_PORT="http"):
        assert command.main() == 2
