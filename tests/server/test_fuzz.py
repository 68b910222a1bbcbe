"""Bad input by the thousand: never a failure, never an echo, always the one shape. `make fuzz` makes fifty thousand of it.

Cases are made three ways: by schemathesis from the document of the API, and by hypothesis as bodies for the decoders and as
bytes for the socket.
"""

import json
import math
import socket
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack

import httpx2
import numpy as np
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode, checks
from schemathesis.specs.openapi import checks as openapi_checks

from server.api.recording import Recording
from server.api.rows import Reader
from server.errors import RequestError
from server.models.classifier import Classifier
from server.open_inference.row_inference import Inference

IS_LONG = settings.get_current_profile_name() == "long"
MANY = 25 if IS_LONG else 1
LEAST = 50_000 if IS_LONG else 2_000
TOGETHER = 20
N = 140
MARK = "8675309"
HURRY = {"deadline": None, "suppress_health_check": list(HealthCheck)}

made: Counter[str] = Counter()
answered: Counter[int] = Counter()


def examples(number: int) -> settings:
    """So many, and many times as many in the long run."""
    return settings(max_examples=number * MANY, derandomize=not IS_LONG, database=None, **HURRY)


TOKENS = st.sampled_from(
    [
        *(
            '"',
            "'",
            "[",
            "]",
            "[[",
            "]]",
            "{",
            "}",
            ",",
            ",,",
            ":",
            " ",
            "\n",
            "\t",
            "\x00",
            "\\",
            "\\u0000",
            "\\ud800",
            "é",
            "\ufeff",
        ),
        *(
            "NaN",
            "Infinity",
            "-Infinity",
            "nan",
            "1e999",
            "-1e999",
            "1e39",
            "1e-400",
            "-0",
            "0x1",
            "01",
            "1.",
            ".5",
            "+1",
            "1_0",
            "--1",
        ),
        *(
            "true",
            "false",
            "null",
            f'"{MARK}"',
            MARK,
            f"{MARK}e300",
            f'"{MARK}": 1',
            "[]",
            "{}",
            '"features"',
            '"F1"',
            "//",
            "/*",
        ),
        *("9" * 400, "0." + "1" * 400, "[" * 2000, '{"a":' * 2000, "e", "E5", "-", "binary_data_size", "data", "shape", "FP32"),
    ]
)
EDITS = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 12), TOKENS), min_size=1, max_size=4)


def edited(text: str, edits: list[tuple[float, int, str]]) -> bytes:
    """The text with some of it replaced here and there."""
    for where, length, token in edits:
        at = int(where * len(text))
        text = text[:at] + token + text[at + length :]
    return text.encode("utf-8", "surrogatepass")


ROW = [round(math.sin(i / 9), 3) for i in range(N)]
BODIES = {
    "row": json.dumps({"features": ROW}),
    "named": json.dumps({f"F{i + 1}": value for i, value in enumerate(ROW)}),
    "rows": json.dumps({"features": [ROW] * 3}),
    "csv": "\n".join([",".join(map(str, ROW))] * 3),
    "infer": json.dumps({"id": "1", "inputs": [{"name": "features", "shape": [1, N], "datatype": "FP32", "data": ROW}]}),
    "infer rows": json.dumps({"inputs": [{"name": "features", "shape": [2, N], "datatype": "FP32", "data": [ROW, ROW]}]}),
}

RECORDINGS = {
    "recording": json.dumps({"signal": ROW * 100, "sampling_rate": 250}),
    "rate first": json.dumps({"sampling_rate": 360.5, "signal": ROW}),
    "nothing": '{"signal": [ ], "sampling_rate": 250}',
}


def refused(read: Callable[[], object]) -> bool:
    """Whether it was, in one line that repeats nothing; anything but a RequestError is let through."""
    try:
        read()
    except RequestError as error:
        assert MARK not in str(error)
        assert "\n" not in str(error)
        return True
    return False


@pytest.fixture(scope="session")
def reader() -> Reader:
    """Reads rows of 140 features."""
    return Reader(tuple(f"F{i + 1}" for i in range(N)))


@pytest.fixture(scope="session")
def model(artifact) -> Classifier:
    """The model of the artifact."""
    return Classifier.load(artifact)


def rows_of(reader: Reader, body: bytes) -> np.ndarray:
    """The rows of a JSON body."""
    return np.concatenate(list(reader.json(bytearray(body))[0]))


def in_python(body: bytes, names: list[str]) -> np.ndarray:
    """What Python's own decoder makes of it."""
    features = json.loads(body)
    features = features.get("features", [features.get(name) for name in names])
    return np.array(features, np.float64).reshape(-1, N)


@examples(600)
@given(kind=st.sampled_from(["row", "named", "rows"]), edits=EDITS)
def test_json_is_read_right_or_refused(reader, kind, edits) -> None:
    """What is read is what Python reads, number by number; the short way reads the same."""
    made["bodies for the decoder of rows"] += 1
    body = edited(BODIES[kind], edits)

    if refused(lambda: rows_of(reader, body)):
        assert reader.plain_row(body) is None
        return

    rows = rows_of(reader, body)
    assert rows.dtype == np.float32
    assert np.isfinite(rows).all()
    np.testing.assert_array_equal(rows, in_python(body, [f"F{i + 1}" for i in range(N)]).astype(np.float32))
    plain = reader.plain_row(body)
    assert plain is None or plain == rows.tobytes()


@examples(600)
@given(kind=st.sampled_from(["recording", "rate first", "nothing"]), edits=EDITS)
def test_recordings_are_read_right_or_refused(kind, edits) -> None:
    """What is read is what Python reads, sample by sample, of a list that is read in one slice or in several."""
    made["bodies for the decoder of recordings"] += 1
    body = edited(RECORDINGS[kind], edits)

    def read() -> Recording:
        recording = Recording.from_json(bytearray(body))
        list(recording.decode())
        return recording

    if refused(read):
        return

    recording, expected = read(), json.loads(body)
    assert set(expected) == {"signal", "sampling_rate"}
    assert recording.sampling_rate == expected["sampling_rate"]
    assert recording.signal.dtype == np.float32
    with np.errstate(over="ignore"):
        np.testing.assert_array_equal(recording.signal, np.array(expected["signal"], np.float64).astype(np.float32))


@examples(300)
@given(edits=EDITS)
def test_csv_is_read_right_or_refused(reader, edits) -> None:
    """A number a comma."""
    made["bodies for the decoder of CSV"] += 1
    body = edited(BODIES["csv"], edits)

    if not refused(lambda: list(reader.csv(bytearray(body)))):
        rows = np.concatenate(list(reader.csv(bytearray(body))))
        expected = [[float(value) for value in line.split(b",")] for line in bytearray(body).splitlines()]
        np.testing.assert_array_equal(rows, np.array(expected).astype(np.float32))


TENSOR = st.fixed_dictionaries(
    {
        "shape": st.lists(st.integers(-1, 3) | st.sampled_from([N, 2**31, 2**63, 10**30, "1", 1.5]), max_size=3)
        | st.just([2, N]),
        "datatype": st.sampled_from(["FP32", "FP64", "INT32", "BYTES", "", MARK]) | st.just("FP32"),
        "name": st.just("features") | st.sampled_from(["", MARK, "x"]),
    },
    optional={
        "parameters": st.fixed_dictionaries(
            {}, optional={"binary_data_size": st.sampled_from([-1, 0, 4, 560, 1120, 1121, 2**40, 10**30, "1120", None, 1120.5])}
        ),
        "data": st.sampled_from([[], ROW, ROW * 2, [ROW, ROW], [ROW, ROW[:-1]], [MARK], None, MARK, {}]),
    },
)


@examples(600)
@given(
    tensors=st.lists(TENSOR, max_size=2),
    outputs=st.none() | st.lists(st.sampled_from(["probability", "probabilities", "predicted_class", MARK]), max_size=4),
    tail=st.integers(0, 1200),
    header=st.none() | st.integers(0, 3000),
    edits=EDITS | st.just([]),
)
def test_tensors_are_read_or_refused(reader, model, tensors, outputs, tail, header, edits) -> None:
    """Shapes and data that disagree, sizes that lie, JSON that is cut off by its own length."""
    made["bodies for the decoder of tensors"] += 1
    asked = {"inputs": tensors} | ({"outputs": [{"name": name} for name in outputs]} if outputs is not None else {})
    text = edited(json.dumps(asked), edits)
    body = bytearray(text + b"\x00" * tail)
    length = len(text) if header is None else header

    def work() -> None:
        inference = Inference(body, length, model, reader)
        content, _ = inference.answer(list(inference.work()))
        assert MARK.encode() not in content

    refused(work)


@pytest.fixture(scope="session")
def port(address) -> int:
    """Of a server of its own process."""
    return int(address.rpartition(":")[2])


HEAD = "POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n"
FIELDS = st.sampled_from(
    [
        *(
            "\r\n",
            "\n",
            "\r",
            "\r\n\r\n",
            ":",
            " ",
            "\x00",
            "HTTP/1.0",
            "HTTP/2.0",
            "GET ",
            "PUT ",
            "/health",
            "/v2",
            "/model",
            "%",
            "?",
        ),
        *("Content-Length: 5\r\n", "Content-Length: -1\r\n", "Transfer-Encoding: chunked\r\n", "Transfer-Encoding: x\r\n"),
        *("Expect: 100-continue\r\n", "Upgrade: h2c\r\nConnection: upgrade\r\n", "Connection: keep-alive\r\n", f"X: {MARK}\r\n"),
        *(
            "Content-Encoding: gzip\r\n",
            "Content-Type: text/csv\r\n",
            "charset=latin-1",
            f"/{MARK}",
            "é",
            "X: " + "x" * 70_000 + "\r\n",
        ),
        *(f"Inference-Header-Content-Length: {size}\r\n" for size in ("0", "-1", "9" * 30, "x")),
        *(f"Authorization: {value}\r\n" for value in ("", "Bearer", f"Bearer {MARK}")),
    ]
)
REQUEST = st.tuples(
    st.just([]) | st.lists(st.tuples(st.floats(0, 1), st.integers(0, 6), FIELDS), max_size=2),
    st.sampled_from(list(BODIES)),
    EDITS | st.just([]),
)


@examples(40)
@given(batch=st.lists(REQUEST, min_size=TOGETHER, max_size=TOGETHER))
def test_whatever_comes_over_the_socket(port, batch) -> None:
    """Many connections at once; each is answered as it should be, or waited for."""
    made["requests over the socket, byte by byte"] += len(batch)
    with ExitStack() as stack:
        wires = []
        for head_edits, kind, body_edits in batch:
            body = edited(BODIES[kind], body_edits) if body_edits else BODIES[kind].encode()
            wire = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10))
            wire.sendall(edited(HEAD.format(len(body)), head_edits) + body)
            wires.append(wire)
        end = time.monotonic() + 0.15
        for wire in wires:
            wire.settimeout(max(0.01, end - time.monotonic()))
            check_all(read(wire))


def read(wire: socket.socket) -> bytes:
    """What is there."""
    said = b""
    try:
        while piece := wire.recv(1 << 20):
            said += piece
    except (TimeoutError, ConnectionResetError):
        pass
    return said


def check_all(said: bytes) -> None:
    """Each answer of a connection."""
    while said:
        head, _, rest = said.partition(b"\r\n\r\n")
        status = int(head.split()[1])
        if status == 100:
            said = rest
            continue
        fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
        length = int(fields.get(b"content-length", 0))
        check(status, {name.decode(): value.decode() for name, value in fields.items()}, rest[:length])
        said = rest[length:]


def check(status: int, fields: dict[str, str], body: bytes) -> None:
    """No failure, one shape of errors, no echo."""
    answered[status] += 1
    assert status < 500 or (status == 503 and "retry-after" in fields)
    assert MARK.encode() not in body
    if status >= 400 and body:
        assert fields["content-type"] == "application/json"
        error = json.loads(body)
        assert list(error) == ["error"]
        assert "\n" not in error["error"]


CHECKS = [
    checks.not_a_server_error,
    openapi_checks.status_code_conformance,
    openapi_checks.content_type_conformance,
    openapi_checks.response_headers_conformance,
    openapi_checks.response_schema_conformance,
]


@pytest.mark.parametrize("mode", list(GenerationMode), ids=["good calls", "bad calls"])
def test_the_api_is_as_it_says(address, session, mode) -> None:
    """Calls made from the document: every status, media type, header field and body that comes is in it."""

    def call(case: schemathesis.Case) -> None:
        made[f"calls made from the document, {mode.value}"] += 1
        answer = case.call(session=session, timeout=10)
        check(answer.status_code, {name.lower(): value for name, [value] in answer.headers.items()}, answer.content)
        case.validate_response(answer, checks=CHECKS)

    for found in schemathesis.openapi.from_url(f"{address}/openapi.json").get_all_operations():
        operation = found.ok()
        if mode == GenerationMode.POSITIVE or operation.body:  # Nothing else can be sent wrong.
            examples(12)(given(operation.as_strategy(generation_mode=mode))(call))()


@pytest.fixture(scope="session")
def session():
    """One client for all calls."""
    with requests.Session() as session:
        yield session


def test_enough_was_tried_and_the_server_is_well(address, capsys) -> None:
    """How much of what, and what came of it."""
    with capsys.disabled():
        print(f"\n{sum(made.values()):,} cases:", *(f"{number:,} {kind}" for kind, number in made.items()), sep="\n  ")
        print("  answers by status:", *(f"{status} × {number:,}" for status, number in sorted(answered.items())))

    assert sum(made.values()) >= LEAST
    assert httpx2.get(f"{address}/health").status_code == 200
