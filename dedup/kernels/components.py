"""Kernels: pairs -> connected components, blocks, batches. Oracles of the same names: ``tests/naive.py``."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dedup.kernels.compiled import kernel


@kernel
def _root(parents: Any, row: Any) -> Any:
    while parents[row] != row:
        parents[row] = parents[parents[row]]  # path halving (Tarjan and van Leeuwen 1984)
        row = parents[row]
    return row


@kernel
def find_components(n: int, pairs: NDArray[np.int64]) -> NDArray[np.int64]:
    """Name each of n rows after the smallest row that it hangs together with: int64[n]."""
    parents = np.arange(n)
    for number in range(len(pairs)):
        first, second = _root(parents, pairs[number, 0]), _root(parents, pairs[number, 1])
        if first < second:
            parents[second] = first
        else:
            parents[first] = second
    for row in range(n):
        parents[row] = parents[parents[row]]  # ascending: the parent's name is final
    return parents


@kernel
def find_blocks(n: int, pairs: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """Name each of n rows after the smallest row of its block: int64[n].

    Blocks are components that grow pair by pair, in the order of `pairs`, and never beyond `most` rows: rows that have
    much to do with one another, in handy pieces.
    """
    parents, sizes = np.arange(n), np.ones(n, dtype=np.int64)
    for number in range(len(pairs)):
        first, second = _root(parents, pairs[number, 0]), _root(parents, pairs[number, 1])
        if first == second or sizes[first] + sizes[second] > most:
            continue
        if first > second:
            first, second = second, first
        parents[second] = first
        sizes[first] += sizes[second]
    for row in range(n):
        parents[row] = parents[parents[row]]  # ascending: the parent's name is final
    return parents


@kernel
def cut_batches(n: int, pairs: NDArray[np.int64], most_rows: int) -> NDArray[np.int64]:
    """Cut pairs of n rows into batches of at most `most_rows` (2 or more) rows, each as long as it can be.

    Returns
    -------
    int64[n_batches + 1]
        Batch i is ``pairs[bounds[i]:bounds[i + 1]]``.
    """
    last_batch = np.full(n, -1, dtype=np.int64)  # of each row
    bounds = np.empty(len(pairs) + 1, dtype=np.int64)
    n_batches: Any = 0
    n_rows: Any = 0
    n_new: Any = 0
    bounds[0] = 0
    for number in range(len(pairs)):
        first, second = pairs[number]
        n_new = np.int64(last_batch[first] != n_batches) + np.int64(last_batch[second] != n_batches)
        if n_rows + n_new > most_rows:
            n_batches += 1
            bounds[n_batches] = number
            n_rows, n_new = 0, 2
        last_batch[first] = last_batch[second] = n_batches
        n_rows += n_new
    if len(pairs) > 0:
        n_batches += 1
        bounds[n_batches] = len(pairs)
    return bounds[: n_batches + 1].copy()
