"""The wire: what a client sends and gets."""

import hashlib

import numpy as np
import pytest

JSON = {"Content-Type": "application/json"}


def test_one_row_gets_exactly_two_keys(client, example) -> None:
    """A class and its probability, as JSON."""
    response = client.post("/predict", json=example)

    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    assert list(response.json()) == ["predicted_class", "probability"]
    assert type(response.json()["predicted_class"]) is int
    assert 0.2 <= response.json()["probability"] <= 1


def test_a_named_row_in_any_order_gets_the_same_answer(client, example) -> None:
    """Features by name, as the artifact names them."""
    named = {f"F{i + 1}": value for i, value in enumerate(example["features"])}
    backwards = dict(reversed(named.items()))

    assert client.post("/predict", json=backwards).json() == client.post("/predict", json=example).json()


def test_many_rows_come_back_in_order(client, trained) -> None:
    """Each as it would be answered alone, and as right as the report says."""
    test = np.load(trained / "test.npz")
    rows = np.round(test["features"][:50], 4)

    predictions = client.post("/predict", json={"features": rows.tolist()}).json()["predictions"]

    alone = [client.post("/predict", json={"features": row.tolist()}).json() for row in rows]
    assert [one["predicted_class"] for one in predictions] == [one["predicted_class"] for one in alone]
    assert [one["probability"] for one in predictions] == pytest.approx([one["probability"] for one in alone], abs=1e-6)
    assert np.mean([one["predicted_class"] for one in predictions] == test["labels"][:50]) > 0.8


def test_whole_numbers_are_numbers(client) -> None:
    """JSON does not tell 1 from 1.0."""
    ones = client.post("/predict", json={"features": [1] * 140})

    assert ones.status_code == 200
    assert ones.json() == client.post("/predict", json={"features": [1.0] * 140}).json()


def test_rows_may_come_as_csv(client, trained) -> None:
    """A row a line, one or many, with either end of line; the answer is that of many rows."""
    rows = np.round(np.load(trained / "test.npz")["features"][:100].astype(float), 4)
    lines = [",".join(map(str, row)) for row in rows]

    as_json = client.post("/predict", json={"features": rows.tolist()})
    as_csv = client.post("/predict", content="\r\n".join(lines) + "\n", headers={"Content-Type": "text/csv; charset=utf-8"})
    one = client.post("/predict", content=lines[0], headers={"Content-Type": "text/csv"})

    assert as_csv.json() == as_json.json()
    assert len(one.json()["predictions"]) == 1


LINE = ",".join(["0.5"] * 140)


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("", "expected lines of 140 numbers, there is none"),
        ("1,2,3", "line 1 has 3"),
        (f"{LINE}\n\n{LINE}", "line 2 has 1"),
        (f"{LINE}\n{LINE},1", "line 2 has 141"),
        (LINE.replace("0.5", "Doe", 1), "line 1 has something else"),
        (LINE.replace("0.5", "", 1), "line 1 has something else"),
        (LINE.replace("0.5", "nan", 1), "expected finite numbers"),
        (LINE.replace("0.5", "1e39", 1), "expected finite numbers"),
        (LINE.replace("0.5", '"0.5"', 1), "line 1 has something else"),
        (LINE.replace("0.5,0.5", "[0.5,0.5]", 1), "line 1 has something else"),
    ],
)
def test_a_bad_line_is_named_by_its_number(client, body, sentence) -> None:
    """And nothing of it is repeated."""
    response = client.post("/predict", content=body, headers={"Content-Type": "text/csv"})

    assert response.status_code == 422
    assert sentence in response.json()["error"]
    assert "Doe" not in response.text


ROW = "[" + ",".join(["0.5"] * 140) + "]"


def _but(value: str) -> str:
    """A body with one of its 140 numbers replaced."""
    return '{"features": ' + ROW.replace("0.5", value, 1) + "}"


@pytest.mark.parametrize(
    ("body", "status", "sentence"),
    [
        ("", 400, "the body is not JSON"),
        ("{", 400, "the body is not JSON"),
        ('{"features": [1, 2', 400, "the body is not JSON"),
        ('{"features": [1, "a", 2', 400, "the body is not JSON"),
        ("F1,F2\n1,2", 400, "the body is not JSON"),
        (b"\xff\xfe{}", 400, "the body is not JSON"),
        (b'{"\xff": 1}', 400, "the body is not JSON"),
        ("[" * 60_000, 400, "the body is not JSON"),
        ('{"features": ' + "[" * 60_000, 400, "the body is not JSON"),
        (_but("NaN"), 400, "the body is not JSON"),
        (_but("Infinity"), 400, "the body is not JSON"),
        (_but("1e999"), 422, "out of range"),
        (_but("1" + "0" * 400), 422, "out of range"),
        (_but("1e39"), 422, "expected finite numbers of at most 3.4e+38"),
        (_but('"0.5"'), 422, "expected `float`, got `str`"),
        (_but("true"), 422, "expected `float`, got `bool`"),
        (_but("null"), 422, "expected `float`, got `null`"),
        (_but("[0.5]"), 422, "expected `array`, got `float`"),
        ("null", 422, "expected `object`, got `null`"),
        ("[1, 2]", 422, "expected `object`, got `array`"),
        ("{}", 422, "F1 is missing, 140 of 140 are"),
        ('{"features": null}', 422, "expected `array`, got `null`"),
        ('{"features": {}}', 422, "expected `array`, got `object`"),
        ('{"features": []}', 422, "expected rows of 140 numbers, row 1 has 0"),
        ('{"features": [[]]}', 422, "expected rows of 140 numbers, row 1 has 0"),
        ('{"features": [1, 2, 3]}', 422, "expected rows of 140 numbers, row 1 has 3"),
        ('{"features": [' + ROW + ", [1, 2]]}", 422, "expected rows of 140 numbers, row 2 has 2"),
        ('{"features": [' + ROW + ", 1]}", 422, "expected `array`, got `int`"),
        ('{"features": ' + ROW + ', "patient": "Doe"}', 422, "expected"),
        ('{"F1": 1, "F3": 2}', 422, "F2 is missing, 138 of 140 are"),
        ('{"F1": "Doe"}', 422, "expected `float`, got `str`"),
        ("{" + ",".join(f'"F{i + 1}": 1' for i in range(140)) + ', "Doe": 1}', 422, "1 others are no features"),
    ],
)
def test_bad_input_gets_one_sentence_that_repeats_nothing_of_it(client, body, status, sentence) -> None:
    """The documented shape, what was expected, and no value of the patient's."""
    response = client.post("/predict", content=body, headers=JSON)

    assert response.status_code == status
    assert list(response.json()) == ["error"]
    assert sentence in response.json()["error"]
    assert "Doe" not in response.text
    assert "\n" not in response.text


def test_numbers_too_large_for_the_network_get_no_made_up_answer(client) -> None:
    """They are finite, but what the network makes of them is not: it is said, never sent as null; many rows as one."""
    large = [(-1) ** (i // 2) * 3e38 for i in range(140)]
    bodies = [{"features": large}, {"features": [large]}, {"features": [[0.0] * 140] * 60 + [large]}]
    tensor = {"name": "features", "shape": [1, 140], "datatype": "FP32", "data": large}

    answers = [client.post("/predict", json=body) for body in bodies]
    answers.append(client.post("/v2/models/ecg/infer", json={"inputs": [tensor]}))

    for answer in answers:
        assert answer.status_code == 422
        assert answer.json() == {"error": "expected numbers as the model was trained on, some are so large that it has no answer"}


def test_of_two_lists_under_one_name_the_last_is_read(client, example) -> None:
    """On every way, as JSON decoders mostly do; a name that comes twice is no row more."""
    row, zeros = str(example["features"]), str([0.0] * 140)
    alone = client.post("/predict", content=f'{{"features": {row}}}', headers=JSON)
    twice = client.post("/predict", content=f'{{"features": {zeros}, "features": {row}}}', headers=JSON)
    named = ", ".join(f'"F{i + 1}": {value}' for i, value in enumerate(example["features"]))

    assert twice.json() == alone.json()
    assert client.post("/predict", content=f'{{"F1": 5, {named}}}', headers=JSON).json() == alone.json()
    assert client.post("/predict", content=f'{{"features": [{zeros}], "features": {row}}}', headers=JSON).status_code == 422


@pytest.mark.parametrize(
    "media_type", [None, "text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin-1"]
)
def test_another_media_type_is_refused(client, example, media_type) -> None:
    """415, for a body that is not said to be JSON in UTF-8."""
    headers = {"Content-Type": media_type} if media_type else {}

    response = client.post("/predict", content=b"{}", headers=headers)

    assert response.status_code == 415
    assert response.json() == {"error": "expected Content-Type: application/json or text/csv, in UTF-8"}


@pytest.mark.parametrize(
    "media_type", ["application/json", "Application/JSON; charset=UTF-8", 'application/json;charset="utf-8"']
)
def test_json_may_be_said_in_several_ways(client, media_type) -> None:
    """Case and charset do not matter."""
    assert client.post("/predict", content=f'{{"features": {ROW}}}', headers={"Content-Type": media_type}).status_code == 200


def test_a_body_over_the_limit_is_refused(client) -> None:
    """413, by its length if it says one, by its bytes if it does not."""
    body = b" " * 262_145

    said = client.post("/predict", content=body, headers=JSON)
    chunked = client.post("/predict", content=iter([body[:200_000], body[200_000:]]), headers=JSON)

    for response in (said, chunked):
        assert response.status_code == 413
        assert response.json() == {"error": "expected a body of at most 262144 bytes"}


@pytest.mark.parametrize(
    ("verb", "path", "status"),
    [("GET", "/predict", 405), ("POST", "/health", 405), ("GET", "/no/such/path", 404), ("PUT", "/nowhere", 404)],
)
def test_other_paths_and_verbs_get_the_same_shape(client, verb, path, status) -> None:
    """One sentence that says what there is."""
    response = client.request(verb, path)

    assert response.status_code == status
    assert list(response.json()) == ["error"]
    assert "POST /predict" in response.json()["error"]


def test_healthy_once_the_model_has_run(client) -> None:
    """And exactly this body."""
    response = client.get("/health")

    assert response.status_code == 200
    assert response.json() == {"status": "healthy"}


def test_the_model_file_is_the_one_that_answers(client, artifact) -> None:
    """Byte for byte, with an ETag that spares a second download."""
    response = client.get("/model")

    again = client.get("/model", headers={"If-None-Match": f'"other", W/{response.headers["etag"]}'})
    other = client.get("/model", headers={"If-None-Match": '"other"'})
    assert response.content == artifact.read_bytes()
    assert response.headers["etag"] == f'"{hashlib.sha256(artifact.read_bytes()).hexdigest()}"'
    assert (again.status_code, again.content) == (304, b"")
    assert other.status_code == 200


def test_without_an_artifact_it_says_what_to_do(lonely, example) -> None:
    """It runs, is not healthy, and answers 503 with the reason."""
    health, answer, file = lonely.get("/health"), lonely.post("/predict", json=example), lonely.get("/model")

    assert (health.status_code, answer.status_code, file.status_code) == (503, 503, 503)
    assert health.json()["status"] == "unhealthy"
    assert "run python -m train" in health.json()["reason"]
    assert "run python -m train" in answer.json()["error"]
    assert answer.headers["retry-after"] == "5"


def test_a_fault_of_our_own_is_not_shown(application, example, monkeypatch) -> None:
    """500 in the same shape, without a traceback; it is for the log."""

    def fail(*_: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr("server.models.classifier.Classifier.predict", fail)

    response = application.post("/predict", json=example)

    assert response.status_code == 500
    assert response.json() == {"error": "the server failed to answer, its log says why"}
