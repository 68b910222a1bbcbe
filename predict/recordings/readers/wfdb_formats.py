"""Samples of WFDB's signal formats: bytes to whole numbers."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np


class Format(NamedTuple):
    """How samples lie in a file: `samples` of them in `bytes` bytes; `invalid` stands for none, where a number does."""

    samples: int
    bytes: int
    invalid: int | None
    decode: Callable[[np.ndarray], np.ndarray]


def _signed(values: np.ndarray, bits: int) -> np.ndarray:
    """Whole numbers of so many bits, of which the highest is the sign."""
    half = 1 << (bits - 1)
    return ((values.astype(np.int32) & (2 * half - 1)) ^ half) - half


def _pairs_of_12_bits(data: np.ndarray) -> np.ndarray:
    a, b, c = data.reshape(-1, 3).astype(np.int32).T
    return _signed(np.stack([a | (b & 0x0F) << 8, c | (b & 0xF0) << 4], axis=1).ravel(), 12)


def _threes_in_two_words(data: np.ndarray) -> np.ndarray:
    a, b = data.view("<u2").reshape(-1, 2).astype(np.int32).T
    return _signed(np.stack([a >> 1, b >> 1, a >> 11 | b >> 11 << 5], axis=1).ravel(), 10)


def _threes_in_one_word(data: np.ndarray) -> np.ndarray:
    words = data.view("<u4").astype(np.int64)
    return _signed(np.stack([words, words >> 10, words >> 20], axis=1).ravel(), 10)


def _of_24_bits(data: np.ndarray) -> np.ndarray:
    a, b, c = data.reshape(-1, 3).astype(np.int32).T
    return _signed(a | b << 8 | c << 16, 24)


FORMATS: dict[int, Format] = {
    8: Format(1, 1, None, lambda data: data.view(np.int8)),  # differences
    16: Format(1, 2, -(1 << 15), lambda data: data.view("<i2")),
    24: Format(1, 3, -(1 << 23), _of_24_bits),
    32: Format(1, 4, -(1 << 31), lambda data: data.view("<i4")),
    61: Format(1, 2, -(1 << 15), lambda data: data.view(">i2")),
    80: Format(1, 1, -128, lambda data: data.astype(np.int16) - 128),
    160: Format(1, 2, -(1 << 15), lambda data: data.view("<u2").astype(np.int32) - (1 << 15)),
    212: Format(2, 3, -(1 << 11), _pairs_of_12_bits),
    310: Format(3, 4, -(1 << 9), _threes_in_two_words),
    311: Format(3, 4, -(1 << 9), _threes_in_one_word),
}


def decode_samples(data: np.ndarray, format: Format) -> np.ndarray:
    """Samples, whole numbers (samples,), of a file's bytes, uint8 (bytes,); the last group of them may be cut off."""
    groups, left = divmod(len(data), format.bytes)
    whole = format.decode(data[: groups * format.bytes])
    there = samples_in(left, format)
    if not there:
        return whole
    last = np.append(data[groups * format.bytes :], np.zeros(format.bytes - left, np.uint8))
    return np.append(whole, format.decode(last)[:there])


def samples_in(size: int, format: Format) -> int:
    """How many samples there are in so many bytes."""
    return size * format.samples // format.bytes
