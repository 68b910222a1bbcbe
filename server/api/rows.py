"""Rows from the body of a request: JSON or CSV, one or many."""

import re
from collections.abc import Callable, Iterator
from struct import Struct, pack
from types import GenericAlias
from typing import Any

import msgspec
import numpy as np

from server.errors import MalformedRequest, WrongShape

SLICE_ROWS = 48
SLICE_BYTES = 65_536
EXPECTED = 'expected JSON like {"features": [f1, …, fn]}'
NOT_READ = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)

_SPACE = rb"[ \t\n\r]*"
_begin = re.compile(_SPACE + rb"\{" + _SPACE + rb'"features"' + _SPACE + rb":" + _SPACE + rb"\[" + _SPACE + rb"(?=\[)")
_begin_list = re.compile(_SPACE + rb"\[" + _SPACE + rb"(?=\[)")
_between = re.compile(_SPACE + rb"," + _SPACE + rb"(?=\[)")
_end = re.compile(_SPACE + rb"\]" + _SPACE + rb"\}" + _SPACE)
_end_list = re.compile(_SPACE + rb"\]" + _SPACE)


class Row(msgspec.Struct, forbid_unknown_fields=True):
    """A request for one row."""

    features: list[float]


class Rows(msgspec.Struct, forbid_unknown_fields=True):
    """A request for many rows."""

    features: list[list[float]]


_row = msgspec.json.Decoder(Row)
_rows = msgspec.json.Decoder(Rows)
_syntax = msgspec.json.Decoder(msgspec.Raw)
_object = msgspec.json.Decoder(dict[str, msgspec.Raw])
_named = msgspec.json.Decoder(dict[str, float])
_floats = msgspec.json.Decoder(list[float])


class Reader:
    """Decodes rows of the features `names`, as float32, finite, in their order; many rows in slices, for time slicing."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self._names = names
        self._n = len(names)
        numbers = GenericAlias(tuple, (float,) * len(names))
        plain = msgspec.defstruct("Plain", [("features", numbers)], forbid_unknown_fields=True)
        self._plain: Callable[[bytes], Any] = msgspec.json.Decoder(plain).decode
        self._numbers: Callable[[Any], tuple[float, ...]] = msgspec.json.Decoder(numbers).decode
        self._pack_checked = Struct(f"={len(names)}f").pack
        self._pack = Struct(f"{len(names)}f").pack

    def plain_row(self, body: bytes) -> bytes | None:
        """The n float32 of a JSON body with one row; None for anything else, valid or not: that takes the slow path."""
        try:
            return self._pack_checked(*self._plain(body).features)
        except (*NOT_READ, OverflowError):
            return None

    def json(self, body: bytearray) -> tuple[Iterator[np.ndarray], bool]:
        """The rows of a request, some (rows, n) at a time, and whether it was for many.

        Raises MalformedRequest if the body is not JSON, WrongShape if it is not rows of n finite numbers; if it was for many,
        maybe after the first rows.
        """
        begin = _begin.match(body)
        if begin:
            return self._many(body, begin.end()), True
        features, many = self._whole(body)
        return slices(features, SLICE_ROWS), many

    def _many(self, body: bytearray, start: int) -> Iterator[np.ndarray]:
        try:
            yield from self._lists(body, start, _end)
        except NOT_READ as error:
            self._whole(body)  # Says what is wrong with it, if it is not that features come twice.
            raise WrongShape(f"{EXPECTED}, and features once") from error

    def _lists(self, text: bytes | bytearray, start: int, end: re.Pattern[bytes]) -> Iterator[np.ndarray]:
        """The rows of the lists from `start` on, up to what matches `end`.

        Each list is decoded alone: that finds the same rows as decoding all at once, without all of them as objects.
        """
        view, packed, at = memoryview(text), list[bytes](), start
        while at:
            stop = text.find(b"]", at) + 1
            packed.append(self._pack(*self._numbers(view[at:stop])))
            between = _between.match(text, stop)
            at = between.end() if between else 0
            if len(packed) == SLICE_ROWS or not at:
                yield self._array(b"".join(packed))
                packed.clear()
        if not end.fullmatch(text, stop):
            raise msgspec.DecodeError("the lists do not end as they should")

    def data(self, json: bytes) -> Iterator[np.ndarray]:
        """The rows of a tensor given as JSON, a list of lists or one flat list, some (rows, n) at a time.

        Raises WrongShape if it does not hold rows of n finite numbers, maybe after the first.
        """
        begin = _begin_list.match(json)
        try:
            yield from self._lists(json, begin.end(), _end_list) if begin else self._flat(json)
        except NOT_READ as error:
            raise WrongShape(f"expected data of rows of {self._n} finite numbers, flat or a list each") from error

    def _flat(self, json: bytes) -> Iterator[np.ndarray]:
        packed, row, start = b"", 4 * self._n, json.find(b"[") + 1
        if not start:
            raise msgspec.DecodeError("there is no list")
        while start:
            stop = json.find(b",", start + SLICE_BYTES)
            values = _floats.decode(b"[" + json[start:stop] + b"]")
            packed += pack(f"{len(values)}f", *values)
            whole = len(packed) // row * row
            yield self._array(packed[:whole])
            packed, start = packed[whole:], stop + 1
        if packed:
            raise msgspec.DecodeError("the last row is not whole")

    def _whole(self, body: bytearray) -> tuple[np.ndarray, bool]:
        try:
            _syntax.decode(body)
            fields = _object.decode(body)
            if set(fields) != {"features"}:
                return self._rows([self._in_order(_named.decode(body))]), False
            if bytes(fields["features"])[1:].lstrip().startswith(b"["):
                return self._rows(_rows.decode(body).features), True
            return self._rows([_row.decode(body).features]), False
        except msgspec.ValidationError as error:
            raise WrongShape(f"{EXPECTED} with {self._n} finite numbers: {without_keys(error)}") from error
        except NOT_READ as error:
            raise MalformedRequest(f"the body is not JSON, {EXPECTED}") from error

    def _in_order(self, values: dict[str, float]) -> list[float]:
        missing = [name for name in self._names if name not in values]
        if missing:
            raise WrongShape(f"{EXPECTED} or every feature by name: {missing[0]} is missing, {len(missing)} of {self._n} are")
        if len(values) > self._n:
            raise WrongShape(f"expected {self._n} features by name: {len(values) - self._n} others are no features of this model")
        return [values[name] for name in self._names]

    def _rows(self, rows: list[list[float]]) -> np.ndarray:
        for number, row in enumerate(rows, start=1):
            if len(row) != self._n:
                raise WrongShape(f"expected rows of {self._n} numbers, row {number} has {len(row)}")
        return self._array(b"".join([self._pack(*row) for row in rows]))

    def csv(self, body: bytearray) -> Iterator[np.ndarray]:
        """The rows of a CSV without a header, some (rows, n) at a time.

        Raises WrongShape if a line is not n finite numbers, maybe after the first.
        """
        lines = body.splitlines()
        if not lines:
            raise WrongShape(f"expected lines of {self._n} numbers, there is none")
        for first in range(0, len(lines), SLICE_ROWS):
            some = enumerate(lines[first : first + SLICE_ROWS], start=first + 1)
            yield self._array(b"".join([self._line(line, number) for number, line in some]))

    def _line(self, line: bytearray, number: int) -> bytes:
        try:
            return self._pack(*self._numbers(b"[" + line + b"]"))
        except NOT_READ:
            values = line.split(b",")
        if len(values) != self._n:
            raise WrongShape(f"expected lines of {self._n} numbers, line {number} has {len(values)}")
        try:
            return self._pack(*map(float, values))
        except ValueError as error:
            raise WrongShape(f"expected {self._n} numbers separated by commas, line {number} has something else") from error

    def _array(self, packed: bytes) -> np.ndarray:
        return finite(np.frombuffer(packed, np.float32).reshape(-1, self._n))


def finite(features: np.ndarray) -> np.ndarray:
    """The same features; raises WrongShape if one of them is not finite."""
    if not np.isfinite(features).all():
        raise WrongShape(f"expected finite numbers of at most {np.finfo(np.float32).max:.3g} in size, some are not")
    return features


def slices(features: np.ndarray, rows: int) -> Iterator[np.ndarray]:
    """Views of the features, `rows` rows at a time."""
    return (features[first : first + rows] for first in range(0, len(features), rows))


def without_keys(error: msgspec.ValidationError) -> str:
    """What msgspec says of types and positions; it never repeats a value, and `[...]` stands for any name."""
    return str(error)[0].lower() + str(error)[1:]
