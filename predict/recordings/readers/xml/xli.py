"""XLI, the compression of Philips Sierra XML: each lead is a chunk of LZW codes of second differences.

A chunk is its size (int32), two bytes that are not needed, the difference before the first (int16), and codes of 10 bits, the
highest bit first. What they unpack to is 16 bits a sample: first the high bytes of all samples, then the low ones.
After the first two samples x and y each next one is 2y - x less a correction: the value stored one place before it, less 64.
"""

from collections.abc import Iterator

import numpy as np

HEADER_BYTES, CODE_BITS = 8, 10
LAST_CODE = 2**CODE_BITS - 2
BIAS = 64


def unpack_leads(content: bytes) -> list[np.ndarray]:
    """The leads as they are stored, int64 (samples,) each; raises ValueError where the chunks are not whole."""
    leads = []
    while content:
        size = int.from_bytes(content[:4], "little", signed=True)
        if not 0 < size <= len(content) - HEADER_BYTES:
            raise ValueError("a chunk is cut off")
        before = int.from_bytes(content[6:HEADER_BYTES], "little", signed=True)
        leads.append(_undo_differences(_samples(content[HEADER_BYTES : HEADER_BYTES + size]), before))
        content = content[HEADER_BYTES + size :]
    return leads


def _samples(chunk: bytes) -> np.ndarray:
    """Values of 16 bits, int64 (samples,), of which the high bytes come first."""
    content = np.frombuffer(b"".join(_lzw_strings(chunk)), np.uint8).astype(np.int64)
    high, low = np.split(np.append(content, np.zeros(len(content) % 2, np.int64)), 2)
    return ((high << 8 | low) ^ 0x8000) - 0x8000


def _lzw_strings(chunk: bytes) -> Iterator[bytes]:
    """What each code stands for; a code over LAST_CODE is the end."""
    strings = {code: bytes([code]) for code in range(256)}
    previous = b""
    for code in _codes(chunk):
        if code > LAST_CODE:
            return
        if code not in strings and not (previous and code == len(strings)):
            raise ValueError("a code stands for nothing")
        found = strings.get(code, previous + previous[:1])  # the next code to be defined may stand there already
        if previous and len(strings) <= LAST_CODE:
            strings[len(strings)] = previous + found[:1]
        yield found
        previous = found


def _codes(chunk: bytes) -> list[int]:
    """Numbers of CODE_BITS bits; what is left at the end is filling."""
    bits = np.unpackbits(np.frombuffer(chunk, np.uint8))
    whole = bits[: len(bits) // CODE_BITS * CODE_BITS].reshape(-1, CODE_BITS).astype(np.int64)
    return (whole @ (1 << np.arange(CODE_BITS - 1, -1, -1))).tolist()


def _undo_differences(stored: np.ndarray, before: int) -> np.ndarray:
    """The samples: their second differences are the corrections, negative and one place late."""
    if len(stored) < 2:
        raise ValueError("expected at least two samples in a lead")
    corrections = np.concatenate([[before], stored[2:-1] - BIAS])[: len(stored) - 2]
    slopes = stored[1] - stored[0] - np.concatenate([[0], np.cumsum(corrections)])
    return stored[0] + np.concatenate([[0], np.cumsum(slopes)])
