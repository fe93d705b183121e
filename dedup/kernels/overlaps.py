"""Kernels: sets of shingle hashes -> how many two of them share, exactly. Oracle: ``tests/naive.py``, `overlap`."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dedup.kernels.compiled import kernel

_0 = np.uint64(0)
_62 = np.uint64(62)
_MOST = np.uint16(65535)
_SPREAD = np.uint64(0x9E3779B97F4A7C15)  # odd, 2**64 over the golden ratio


@kernel
def _slot(value: Any, shift: Any) -> Any:
    return np.int64((value * _SPREAD) >> shift)


@kernel
def _quarters(shingles: Any, offsets: Any, first_row: Any, last_row: Any) -> Any:
    """Where the hashes of some rows pass each quarter of their range: uint64[last_row - first_row + 1, 5]."""
    places = np.empty((last_row - first_row + 1, 5), dtype=np.uint64)
    for row in range(first_row, last_row + 1):
        low = offsets[row]
        places[row - first_row, 0] = low
        for quarter in range(1, 4):
            limit, high = np.uint64(quarter) << _62, offsets[row + 1]
            while low < high:
                middle = (low + high) >> 1
                if shingles[middle] < limit:
                    low = middle + 1
                else:
                    high = middle
            places[row - first_row, quarter] = low
        places[row - first_row, 4] = offsets[row + 1]
    return places


@kernel
def count_shared(
    shingles: NDArray[np.uint64], offsets: NDArray[np.int64], pairs: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Count the shingles that each pair of rows shares.

    Parameters
    ----------
    shingles : uint64[n]
        Sorted and distinct within each row. Not checked.
    offsets : int64[n_rows + 1]
        Row i owns ``shingles[offsets[i]:offsets[i + 1]]``.
    pairs : int64[m, 2]
        Rows.

    Returns
    -------
    int64[m]

    Notes
    -----
    Merging without branches, one step a shingle. Each step waits for the one before, so four merges run side by side,
    one in each quarter of the range of hashes: 0.7 us a pair of news articles, 1.4 with one merge alone. A hash table
    of the first row, looked up by the second, was tried: 1.3 us where a row has many pairs, slower where it has few.
    """
    shared = np.zeros(len(pairs), dtype=np.int64)
    if len(pairs) == 0:
        return shared
    first_row = pairs.min()
    quarters = _quarters(shingles, offsets, first_row, pairs.max())
    for number in range(len(pairs)):
        a, b = quarters[pairs[number, 0] - first_row], quarters[pairs[number, 1] - first_row]
        # unsigned: no wrap-around to look out for
        a0, a1, a2, a3 = a[0], a[1], a[2], a[3]
        b0, b1, b2, b3 = b[0], b[1], b[2], b[3]
        n = 0
        while (
            (a0 < a[1])
            & (b0 < b[1])
            & (a1 < a[2])
            & (b1 < b[2])
            & (a2 < a[3])
            & (b2 < b[3])
            & (a3 < a[4])
            & (b3 < b[4])
        ):
            x, y = shingles[a0], shingles[b0]
            n += x == y
            a0 += np.uint64(x <= y)
            b0 += np.uint64(y <= x)
            x, y = shingles[a1], shingles[b1]
            n += x == y
            a1 += np.uint64(x <= y)
            b1 += np.uint64(y <= x)
            x, y = shingles[a2], shingles[b2]
            n += x == y
            a2 += np.uint64(x <= y)
            b2 += np.uint64(y <= x)
            x, y = shingles[a3], shingles[b3]
            n += x == y
            a3 += np.uint64(x <= y)
            b3 += np.uint64(y <= x)
        n += _merge(shingles, a0, a[1], b0, b[1])
        n += _merge(shingles, a1, a[2], b1, b[2])
        n += _merge(shingles, a2, a[3], b2, b[3])
        n += _merge(shingles, a3, a[4], b3, b[4])
        shared[number] = n
    return shared


@kernel
def _merge(shingles: Any, i: Any, i_end: Any, j: Any, j_end: Any) -> Any:
    n = 0
    while (i < i_end) & (j < j_end):
        x, y = shingles[i], shingles[j]
        n += x == y
        i += np.uint64(x <= y)
        j += np.uint64(y <= x)
    return n


@kernel
def may_repeat(values: NDArray[np.uint64], at_least: int) -> NDArray[np.bool_]:
    """Tell which values may stand there `at_least` times (at most 65,535); a few too many, never one too few.

    Counts hashes by their first bits, two to four places a value: linear, where sorting them all costs ten times that.
    """
    bits = 3
    while (1 << bits) < 2 * len(values):
        bits += 1
    shift = np.uint64(64 - bits)
    counts = np.zeros(1 << bits, dtype=np.uint16)
    for value in values:
        slot = np.uint64((value * _SPREAD) >> shift)
        counts[slot] += np.uint16(counts[slot] < _MOST)
    found = np.empty(len(values), dtype=np.bool_)
    for place in range(len(values)):
        found[place] = counts[np.uint64((values[place] * _SPREAD) >> shift)] >= at_least
    return found


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
