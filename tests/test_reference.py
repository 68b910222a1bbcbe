"""The reference in docs/ is whole: every path, status, metric and flag that the code has is told of, and no other."""

import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from server.app import create_app
from server.errors import RequestError
from server.settings import Settings

ROOT = Path(__file__).parents[1]
API, OPERATIONS = ((ROOT / "docs" / name).read_text() for name in ("api.md", "operations.md"))
OF_PYTHON = ("python_", "process_")


@pytest.fixture(scope="module")
def client(artifact, beats):
    """A client of the application."""
    with TestClient(create_app(Settings(str(artifact), str(beats)))) as client:
        yield client


def test_every_path_is_told_of(client) -> None:
    """Those of the OpenAPI document; a model's version is told of once for all."""
    for path in client.get("/openapi.json").json()["paths"]:
        name = re.sub(r"\{.*", "…", path)
        assert "/versions/" in path or re.search(rf"`(GET |POST )?{re.escape(name)}`", API), path


def test_every_status_of_an_error_is_told_of() -> None:
    """In the table of errors."""
    told = {int(status) for status in re.findall(r"(?m)^\| (\d{3}) \|", API)}

    assert told == {int(error.status) for error in [RequestError, *RequestError.__subclasses__()]}


def test_every_metric_is_told_of(client) -> None:
    """By the name that Prometheus knows it by."""
    told = set(re.findall(r"`(ecg_\w+)`", OPERATIONS))

    found = set(re.findall(r"(?m)^# TYPE (\w+)", client.get("/metrics").text))

    assert {name for name in found if not name.startswith(OF_PYTHON) and not name.endswith("_created")} == told


@pytest.mark.parametrize(
    ("program", "pages"),
    [("train", ["training.md"]), ("export", ["training.md"]), ("predict", ["recordings.md"])],
    ids=["train", "export", "predict"],
)
def test_every_flag_is_told_of(command, program, pages) -> None:
    """Of each command, on its page."""
    flags = set(re.findall(r"--[a-z][a-z-]+", command(program, "--help").stdout)) - {"--help"}
    text = "".join((ROOT / "docs" / page).read_text() for page in pages)

    assert {flag for flag in flags if f"{flag}" not in text} == set()
