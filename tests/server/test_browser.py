"""What a browser sees: nothing of this server in the pages of other sites, unless it was told which."""

import httpx2
import pytest

from server.api.responses import FIELDS, SHOWN_FIELDS

SITE = "https://clinic.example"
ASKED = {"Origin": SITE, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type,authorization"}


@pytest.mark.parametrize("path", ["/health", "/v2/models/ecg", "/metrics", "/openapi.json", "/none"])
def test_what_is_shown_is_shut_in(client, path) -> None:
    """No frame, no script, no guess at a type, no copy kept."""
    answer = client.get(path)

    assert {name: answer.headers.get(name.decode(), "").encode() for name, _ in SHOWN_FIELDS} == dict(SHOWN_FIELDS)


def test_answers_are_not_kept(client, example) -> None:
    """By no cache on the way; the model file may be, but is asked for anew."""
    assert {name: client.post("/predict", json=example).headers[name.decode()].encode() for name, _ in FIELDS} == dict(FIELDS)
    assert client.get("/model").headers["cache-control"] == "no-cache"


def test_other_sites_may_not_ask(client, example) -> None:
    """Unless they are named: no permission before the request, and none to read the answer."""
    before = client.request("OPTIONS", "/predict", headers=ASKED)
    answer = client.post("/predict", json=example, headers={"Origin": SITE})

    assert before.status_code == 405
    assert not [name for one in (before, answer) for name in one.headers if name.startswith("access-control")]


def test_named_sites_may(serve, example) -> None:
    """They and no others, on every way; the key is asked for all the same."""
    with serve(ECG_CORS_ORIGINS=f"{SITE}, https://b.example") as (_, address), httpx2.Client(base_url=address) as client:
        before = client.request("OPTIONS", "/predict", headers=ASKED)
        answers = [client.post("/predict", json=body, headers={"Origin": SITE}) for body in (example, {"features": [1]})]
        stranger = client.post("/predict", json=example, headers={"Origin": "https://evil.example"})

    assert before.status_code == 200
    assert before.headers["access-control-allow-origin"] == SITE
    assert [answer.status_code for answer in answers] == [200, 422]
    assert {answer.headers["access-control-allow-origin"] for answer in answers} == {SITE}
    assert "Model-Version" in answers[0].headers["access-control-expose-headers"]
    assert "access-control-allow-origin" not in stranger.headers
