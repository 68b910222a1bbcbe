"""The document of the API says what the server does."""

import json

import pytest
from starlette.routing import Route

from server.api_keys import OPEN_PATHS
from server.app import routes
from server.open_inference.recording_inference import NAME as BEATS
from server.open_inference.row_inference import NAME
from server.open_inference.v2_routes import HEADER_LENGTH


@pytest.fixture(scope="session")
def document(application) -> dict:
    """The document of the application with a model."""
    return application.get("/openapi.json").json()


def test_it_is_openapi(document, lonely) -> None:
    """Of version 3.1, with a model and without one."""
    from openapi_spec_validator import OpenAPIV31SpecValidator  # Takes a second, and every process collects tests.

    assert document["openapi"] == "3.1.0"
    OpenAPIV31SpecValidator(document).validate()
    OpenAPIV31SpecValidator(lonely.get("/openapi.json").json()).validate()


def test_every_route_is_in_it_and_nothing_else(document) -> None:
    """Each path with its verb; OpenAPI has no words for a WebSocket."""
    told = {(path, verb.upper()) for path, item in document["paths"].items() for verb in item if verb != "parameters"}

    names = (NAME, BEATS)
    assert told == {
        (route.path.replace("{name}", n), verb)
        for n in names
        for route in routes
        if isinstance(route, Route)
        for verb in route.methods - {"HEAD"}
    }


def test_every_call_tells_of_its_errors(document) -> None:
    """Each in the one shape; without a key only where none is asked for."""
    for path, item in document["paths"].items():
        [operation] = [operation for verb, operation in item.items() if verb != "parameters"]
        errors = {status: answer for status, answer in operation["responses"].items() if status >= "400"}

        assert {"400", "408", "431", "500", "503"} <= errors.keys(), path
        assert ("401" in errors) == (path not in OPEN_PATHS), path
        assert ("requestBody" in operation) == ({"413", "422"} <= errors.keys()), path
        for status, answer in errors.items():
            assert "#/components/schemas/Failure" in json.dumps(answer["content"]), (path, status)
            assert ("Retry-After" in answer["headers"]) == (status == "503")


def test_what_it_shows_is_answered(client, document) -> None:
    """Every example of a body, as it stands there."""
    for path, item in document["paths"].items():
        for media_type, sent in item.get("post", {}).get("requestBody", {}).get("content", {}).items():
            shown = [sent["example"]] if "example" in sent else [one["value"] for one in sent.get("examples", {}).values()]
            for body in shown:
                content = body if isinstance(body, str) else json.dumps(body)
                model = client.get(path.partition("/versions")[0]).json() if "{version}" in path else {"versions": [""]}
                where = path.replace("{version}", model["versions"][0])
                answer = client.post(where, content=content, headers={"Content-Type": media_type})

                assert answer.status_code == 200, (path, media_type, answer.text)


def test_a_row_is_as_long_as_the_model_wants(document, lonely) -> None:
    """Which is not known as long as there is none."""
    row = document["components"]["schemas"]["Features"]

    assert row["minItems"] == row["maxItems"] == len(document["components"]["schemas"]["NamedRow"]["required"]) == 140
    assert "minItems" not in lonely.get("/openapi.json").json()["components"]["schemas"]["Features"]
    assert HEADER_LENGTH in json.dumps(document)
