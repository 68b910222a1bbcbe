"""Huffman codes and differences of SCP-ECG (ISO/IEEE 11073-91064, section 2 and annex C)."""

import struct
from typing import NamedTuple

import numpy as np

DEFAULT_TABLE = 19999  # in the place of the number of tables
LONGEST_PREFIX = 32


class Code(NamedTuple):
    """What a prefix stands for: `value` and what `more_bits` add to it; or where `switches`, the table `value`, from 1 on."""

    more_bits: int
    switches: bool
    value: int


Table = dict[str, Code]  # by the bits of the prefix


def default_table() -> Table:
    """That of the standard: 0, then 1 to 8 and their negatives, then any number of 8 and of 16 bits."""
    ones = {"1" * size + f"0{sign}": Code(0, False, -size if sign else size) for size in range(1, 9) for sign in (0, 1)}
    return {"0": Code(0, False, 0), **ones, "1" * 9 + "0": Code(8, False, 0), "1" * 10: Code(16, False, 0)}


def read_tables(section: bytes) -> list[Table]:
    """The tables of section 2."""
    [count] = struct.unpack_from("<H", section)
    if count == DEFAULT_TABLE:
        return [default_table()]
    tables, begin = [], 2
    for _ in range(count):
        [codes] = struct.unpack_from("<H", section, begin)
        tables.append(dict(_code(section, begin + 2 + 9 * i) for i in range(codes)))
        begin += 2 + 9 * codes
    return tables


def _code(section: bytes, begin: int) -> tuple[str, Code]:
    """A code structure; the first bit of its prefix is the lowest of the number that holds it."""
    prefix_bits, all_bits, mode, value, prefix = struct.unpack_from("<BBBhI", section, begin)
    if not 0 < prefix_bits <= min(all_bits, LONGEST_PREFIX):
        raise ValueError("a code without a prefix")
    return f"{prefix:032b}"[::-1][:prefix_bits], Code(all_bits - prefix_bits, mode == 0, value)


def decode(content: bytes, samples: int, tables: list[Table]) -> np.ndarray:
    """So many numbers of a stream of bits, int64 (samples,); raises ValueError where it is cut off or has another code."""
    bits = "".join(f"{byte:08b}" for byte in content)
    values: list[int] = []
    table, begin = tables[0], 0
    while len(values) < samples:
        end = begin + 1
        while (code := table.get(bits[begin:end])) is None:
            end += 1
            if end > len(bits) or end - begin > LONGEST_PREFIX:
                raise ValueError("no such code")
        begin = end + code.more_bits
        if code.switches:
            table = tables[code.value - 1]
        elif begin <= len(bits):
            values.append(code.value + _signed(bits[end:begin]))
        else:
            raise ValueError("a code is cut off")
    return np.array(values, np.int64)


def _signed(bits: str) -> int:
    """A number in two's complement, the highest bit first; 0 of no bits."""
    return int(bits, 2) - (int(bits[0]) << len(bits)) if bits else 0


def undo_differences(values: np.ndarray, times: int) -> np.ndarray:
    """The samples of first or second differences, in 16 bits; of these the first one or two stand there as they are."""
    if times not in (0, 1, 2):
        raise ValueError("expected samples, or first or second differences")
    if times == 0:
        return values
    first = values.copy()
    if times == 2:
        first[1:2] -= first[:1]
        first[1:] = np.cumsum(first[1:])
    return np.cumsum(first).astype(np.int16).astype(np.int64)
