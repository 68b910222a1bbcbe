"""The decoder, against whatever hypothesis thinks of."""

import json

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from server import protocol
from server.errors import RequestError
from server.model import Answer

NAMES = ("a", "b", "features")
SMALL = st.floats(-1e6, 1e6)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text() | st.sampled_from(NAMES), inner, max_size=4),
)


@given(st.lists(st.lists(SMALL, min_size=3, max_size=3), min_size=1, max_size=5))
def test_rows_arrive_as_they_were_sent(rows) -> None:
    """As float32, one or many, as a list or by name."""
    one, single = protocol.decode(json.dumps({"features": rows[0]}).encode(), NAMES)
    many, several = protocol.decode(json.dumps({"features": rows}).encode(), NAMES)
    named, alone = protocol.decode(json.dumps(dict(zip(NAMES, rows[0], strict=True))).encode(), NAMES)

    assert (single, several, alone) == (False, True, False)
    assert one.dtype == many.dtype == named.dtype == np.float32
    assert np.array_equal(one, np.array(rows[:1], np.float32))
    assert np.array_equal(named, one)
    assert np.array_equal(many, np.array(rows, np.float32))


@given(st.binary(max_size=60) | ANY_JSON.map(lambda value: json.dumps(value).encode()))
def test_anything_else_is_refused_or_is_finite_rows(body) -> None:
    """No other exception, and never a number the network cannot take."""
    try:
        rows, _ = protocol.decode(body, NAMES)
    except RequestError as error:
        assert 400 <= error.status < 500
    else:
        assert rows.shape[1] == 3
        assert np.isfinite(rows).all()


def test_an_answer_is_written_in_the_order_of_the_rows() -> None:
    """One object for one row, a list for many."""
    answer = Answer(np.array([2, 0], np.int32), np.array([0.5, 0.75], np.float32))

    assert protocol.answer(Answer(answer[0][:1], answer[1][:1]), many=False) == b'{"predicted_class":2,"probability":0.5}'
    assert json.loads(protocol.answer(answer, many=True)) == {
        "predictions": [{"predicted_class": 2, "probability": 0.5}, {"predicted_class": 0, "probability": 0.75}]
    }
