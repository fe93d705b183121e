"""Kernels: hashes -> their places among others, by hash table. Oracles: ``dict`` (``tests/test_rests.py``)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dedup.kernels.compiled import kernel

_SPREAD = np.uint64(0x9E3779B97F4A7C15)  # odd, 2**64 over the golden ratio


@kernel
def look_up(values: NDArray[np.uint64], members: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Give the place of each value among `members` (distinct), -1 where it is none: int64[n]. Linear."""
    bits = 3
    while (1 << bits) < 2 * len(members):
        bits += 1
    table = np.full(1 << bits, -1, dtype=np.int64)
    mask, shift = (1 << bits) - 1, np.uint64(64 - bits)
    for place in range(len(members)):
        slot = np.int64((members[place] * _SPREAD) >> shift)
        while table[slot] >= 0:
            slot = (slot + 1) & mask
        table[slot] = place
    found = np.empty(len(values), dtype=np.int64)
    for number in range(len(values)):
        slot = np.int64((values[number] * _SPREAD) >> shift)
        while table[slot] >= 0 and members[table[slot]] != values[number]:
            slot = (slot + 1) & mask
        found[number] = table[slot]
    return found


@kernel
def number_values(values: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
    """Give each value the number of its first appearance, int64[n], and the distinct ones. Linear."""
    bits = 3
    while (1 << bits) < 2 * len(values):
        bits += 1
    table = np.full(1 << bits, -1, dtype=np.int64)
    mask, shift = (1 << bits) - 1, np.uint64(64 - bits)
    distinct = np.empty(len(values), dtype=np.uint64)
    numbers = np.empty(len(values), dtype=np.int64)
    n = 0
    for place in range(len(values)):
        slot = np.int64((values[place] * _SPREAD) >> shift)
        while table[slot] >= 0 and distinct[table[slot]] != values[place]:
            slot = (slot + 1) & mask
        if table[slot] < 0:
            table[slot] = n
            distinct[n] = values[place]
            n += 1
        numbers[place] = table[slot]
    return numbers, distinct[:n].copy()


@kernel
def sort_by_key(keys: NDArray[np.int64], n_keys: int) -> NDArray[np.int64]:
    """Give the places of keys below `n_keys` in ascending order of key, then of place: int64[n]. Linear."""
    ends = np.zeros(n_keys + 1, dtype=np.int64)
    for key in keys:
        ends[key + 1] += 1
    for key in range(n_keys):
        ends[key + 1] += ends[key]
    order = np.empty(len(keys), dtype=np.int64)
    for place in range(len(keys)):
        order[ends[keys[place]]] = place
        ends[keys[place]] += 1
    return order


@kernel
def keep_long_runs(is_kept: NDArray[np.bool_], text_offsets: NDArray[np.int64], min_run: int) -> NDArray[np.bool_]:
    """Keep what is marked at least `min_run` times in a row within its text: bool[n]. Linear."""
    found = np.zeros(len(is_kept), dtype=np.bool_)
    for text in range(len(text_offsets) - 1):
        start = text_offsets[text]
        for place in range(text_offsets[text], text_offsets[text + 1] + 1):
            if place < text_offsets[text + 1] and is_kept[place]:
                continue
            if place - start >= min_run:
                found[start:place] = True
            start = place + 1
    return found
