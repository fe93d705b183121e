"""Kernels: sets of shingle hashes -> how many two of them share, exactly. Oracle: ``tests/naive.py``, `overlap`."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]
from numba.extending import intrinsic
from numpy.typing import NDArray

from dedup.kernels.compiled import IS_COMPILED, kernel

_0 = np.uint64(0)
_7 = np.uint64(7)
_8 = np.uint64(8)
_MOST = np.uint16(65535)
_SPREAD = np.uint64(0x9E3779B97F4A7C15)  # odd, 2**64 over the golden ratio


@kernel
def _slot(value: Any, shift: Any) -> Any:
    return np.int64((value * _SPREAD) >> shift)


def _shared_of_8_machine(context: Any, values: Any, i: Any, j: Any) -> Any:
    """Count the values that ``values[i:i + 8]`` and ``values[j:j + 8]`` share; distinct in each."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        block = ir.VectorType(ir.IntType(64), 8)
        array = context.make_array(signature.args[0])(context, builder, args[0])

        def load(place: Any) -> Any:
            return builder.load(builder.bitcast(builder.gep(array.data, [place]), block.as_pointer()), align=8)

        a, b = load(args[1]), load(args[2])
        is_shared = builder.icmp_unsigned("==", a, b)
        for turn in range(1, 8):  # b, turned by one place after another, meets a in all ways
            lanes = ir.Constant(ir.VectorType(ir.IntType(32), 8), [(lane + turn) % 8 for lane in range(8)])
            turned = builder.shuffle_vector(b, ir.Constant(block, ir.Undefined), lanes)
            is_shared = builder.or_(is_shared, builder.icmp_unsigned("==", a, turned))
        return builder.zext(builder.ctpop(builder.bitcast(is_shared, ir.IntType(8))), ir.IntType(64))

    return numba.types.int64(values, numba.types.uint64, numba.types.uint64), codegen


def _shared_of_8_plain(values: Any, i: Any, j: Any) -> Any:
    return len(np.intersect1d(values[i : i + _8], values[j : j + _8]))


_shared_of_8: Any = intrinsic(_shared_of_8_machine) if IS_COMPILED else _shared_of_8_plain


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
    Merging 8 hashes with 8 at a time, without branches (Inoue, Ohara and Taura 2014, section 4): of the two blocks, the
    one that ends first is done. 0.36 us a pair of news articles; merging one by one, in four places at once, took 0.94
    in the same run, a hash table of the first row, looked up by the second, more.
    """
    shared = np.zeros(len(pairs), dtype=np.int64)
    for number in range(len(pairs)):
        # unsigned: no wrap-around to look out for
        i, i_end = np.uint64(offsets[pairs[number, 0]]), np.uint64(offsets[pairs[number, 0] + 1])
        j, j_end = np.uint64(offsets[pairs[number, 1]]), np.uint64(offsets[pairs[number, 1] + 1])
        n = 0
        while (i + _8 <= i_end) & (j + _8 <= j_end):
            n += _shared_of_8(shingles, i, j)
            x, y = shingles[i + _7], shingles[j + _7]
            i += np.uint64(x <= y) * _8
            j += np.uint64(y <= x) * _8
        while (i < i_end) & (j < j_end):
            x, y = shingles[i], shingles[j]
            n += x == y
            i += np.uint64(x <= y)
            j += np.uint64(y <= x)
        shared[number] = n
    return shared


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
