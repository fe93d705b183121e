"""Kernels: sets of shingle hashes -> how many two of them share, exactly. Oracle: ``tests/naive.py``, `overlap`."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dedup.kernels.compiled import kernel

_0 = np.uint64(0)
_SPREAD = np.uint64(0x9E3779B97F4A7C15)  # odd, 2**64 over the golden ratio


@kernel
def _slot(value: Any, shift: Any) -> Any:
    return np.int64((value * _SPREAD) >> shift)


@kernel
def count_shared(
    shingles: NDArray[np.uint64], offsets: NDArray[np.int64], pairs: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Count the shingles that each pair of rows shares.

    Parameters
    ----------
    shingles : uint64[n]
        Distinct within each row. Not checked.
    offsets : int64[n_rows + 1]
        Row i owns ``shingles[offsets[i]:offsets[i + 1]]``.
    pairs : int64[m, 2]
        Rows. Quickest where pairs of the same first row follow each other: its table is built once.

    Returns
    -------
    int64[m]

    Notes
    -----
    The first row fills a hash table of at least four times its size, open addressing; the second is looked up in it:
    about 1 us a pair of news articles.
    """
    largest: Any = 1
    for number in range(len(pairs)):
        row = pairs[number, 0]
        largest = max(largest, offsets[row + 1] - offsets[row])
    bits = 3
    while (1 << bits) < 4 * largest:
        bits += 1
    table = np.zeros(1 << bits, dtype=np.uint64)
    shared = np.zeros(len(pairs), dtype=np.int64)
    filled = np.int64(-1)
    mask, shift, has_zero = 0, np.uint64(0), False
    for number in range(len(pairs)):
        first, second = pairs[number, 0], pairs[number, 1]
        if first != filled:
            filled = first
            bits = 3
            while (1 << bits) < 4 * (offsets[first + 1] - offsets[first]):
                bits += 1
            mask, shift, has_zero = (1 << bits) - 1, np.uint64(64 - bits), False
            table[: mask + 1] = _0
            for place in range(offsets[first], offsets[first + 1]):
                value = shingles[place]
                if value == _0:  # marks an empty slot: kept apart
                    has_zero = True
                    continue
                slot = _slot(value, shift)
                while table[slot] != _0:
                    slot = (slot + 1) & mask
                table[slot] = value
        n = 0
        for place in range(offsets[second], offsets[second + 1]):
            value = shingles[place]
            slot = _slot(value, shift)
            found = table[slot]
            while found != value and found != _0:
                slot = (slot + 1) & mask
                found = table[slot]
            n += (found == value) & (value != _0)
            n += has_zero & (value == _0)
        shared[number] = n
    return shared


@kernel
def is_member(values: NDArray[np.uint64], members: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Tell which values are among `members` (distinct)."""
    bits = 3
    while (1 << bits) < 4 * len(members):
        bits += 1
    table = np.zeros(1 << bits, dtype=np.uint64)
    mask, shift, has_zero = (1 << bits) - 1, np.uint64(64 - bits), False
    for value in members:
        if value == _0:
            has_zero = True
            continue
        slot = _slot(value, shift)
        while table[slot] != _0:
            slot = (slot + 1) & mask
        table[slot] = value
    found = np.empty(len(values), dtype=np.bool_)
    for place in range(len(values)):
        value = values[place]
        slot = _slot(value, shift)
        while table[slot] != value and table[slot] != _0:
            slot = (slot + 1) & mask
        found[place] = has_zero if value == _0 else table[slot] == value
    return found
