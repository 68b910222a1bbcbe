"""The reader, against whatever hypothesis thinks of."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.api.rows import SLICE_BYTES, SLICE_ROWS, Reader
from server.errors import RequestError

NAMES = ("a", "b", "features")
READER = Reader(NAMES)
SMALL = st.floats(-1e6, 1e6)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text() | st.sampled_from(NAMES), inner, max_size=4),
)
LAYOUTS = ({}, {"separators": (",", ":")}, {"indent": 1})


def read(document: object, **layout: object) -> tuple[np.ndarray, bool]:
    """All rows of a request, and whether it was for many."""
    rows, many = READER.json(bytearray(json.dumps(document, **layout).encode()))
    return np.concatenate(list(rows)), many


@given(st.lists(st.lists(SMALL, min_size=3, max_size=3), min_size=1, max_size=5), st.sampled_from(LAYOUTS))
def test_rows_arrive_as_they_were_sent(rows, layout) -> None:
    """As float32, one or many, as a list or by name, with or without space between."""
    one, single = read({"features": rows[0]}, **layout)
    many, several = read({"features": rows}, **layout)
    named, alone = read(dict(zip(NAMES, rows[0], strict=True)), **layout)
    plain = READER.plain_row(json.dumps({"features": rows[0]}, **layout).encode())

    assert (single, several, alone) == (False, True, False)
    assert one.dtype == many.dtype == named.dtype == np.float32
    assert np.array_equal(one, np.array(rows[:1], np.float32))
    assert np.array_equal(named, one)
    assert plain == one.tobytes()
    assert np.array_equal(many, np.array(rows, np.float32))


@given(st.lists(st.lists(SMALL, min_size=3, max_size=3), min_size=1, max_size=5))
def test_lines_arrive_as_they_were_sent(rows) -> None:
    """A row a line, whatever way Python writes the numbers."""
    csv = "\n".join(",".join(map(repr, row)) for row in rows)

    assert np.array_equal(np.concatenate(list(READER.csv(bytearray(csv.encode())))), np.array(rows, np.float32))


@given(st.lists(st.lists(SMALL, min_size=3, max_size=3), min_size=1, max_size=5), st.sampled_from(LAYOUTS))
def test_a_tensor_may_be_flat_or_of_lists(rows, layout) -> None:
    """The same rows from either."""
    for data in (rows, [value for row in rows for value in row]):
        found = np.concatenate(list(READER.data(json.dumps(data, **layout).encode())))

        assert np.array_equal(found, np.array(rows, np.float32))


@pytest.mark.parametrize("count", [SLICE_ROWS - 1, SLICE_ROWS, SLICE_ROWS + 1, 5000])
def test_many_rows_come_in_slices_and_none_is_lost(count) -> None:
    """At and around the size of a slice, and where a flat tensor is longer than a slice of text."""
    rows = np.random.default_rng(0).normal(size=(count, 3)).astype(np.float32)
    flat = json.dumps(rows.ravel().tolist()).encode()

    slices = list(READER.json(bytearray(json.dumps({"features": rows.tolist()}).encode()))[0])
    lines = list(READER.csv(bytearray("\n".join(",".join(map(repr, row)) for row in rows.tolist()).encode())))

    assert max(map(len, slices)) <= SLICE_ROWS
    assert (count == 5000) == (len(flat) > 2 * SLICE_BYTES)
    for found in (slices, lines, list(READER.data(flat))):
        assert np.array_equal(np.concatenate(found), rows)


@given(st.binary(max_size=60) | ANY_JSON.map(lambda value: json.dumps(value).encode()))
def test_anything_else_is_refused_or_is_finite_rows(body) -> None:
    """No other exception, never a number the network cannot take, and the short way takes nothing the long one refuses."""
    plain = READER.plain_row(body)
    try:
        rows = np.concatenate(list(READER.json(bytearray(body))[0]))
    except RequestError as error:
        assert 400 <= error.status < 500
        assert plain is None
    else:
        assert rows.shape[1] == 3
        assert np.isfinite(rows).all()
        assert plain in (None, rows.tobytes())


@given(
    st.sampled_from(['{"features": [[', "[[", "[", ""]),
    st.text('[]{},:1e-. \n"', max_size=30),
    st.sampled_from(["]]}", "]]", "]", ""]),
)
def test_what_is_almost_rows_is_read_as_json_would_be(begin, middle, end) -> None:
    """Reading list by list accepts exactly what reading the whole accepts."""
    body = (begin + middle + end).encode()
    for read in (lambda: READER.json(bytearray(body))[0], lambda: READER.csv(bytearray(body))):
        try:
            rows = np.concatenate(list(read()))
        except RequestError:
            continue
        assert np.isfinite(rows).all()
    try:
        document = json.loads(body)
    except ValueError:
        with pytest.raises(RequestError):
            list(READER.json(bytearray(body))[0])
    else:
        if isinstance(document, dict) and set(document) == {"features"} and np.shape(document["features"])[1:] == (3,):
            assert np.array_equal(
                np.concatenate(list(READER.json(bytearray(body))[0])), np.array(document["features"], np.float32)
            )
