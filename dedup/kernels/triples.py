"""Kernels: postings of triples -> pairs that share enough of them, the rare ones counting most.

Postings are made and read as `kernels.postings` tells. Oracle: ``tests/naive.py``, `paired_by_triples`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dedup.kernels.compiled import kernel


@kernel
def count_pairs(
    offsets: NDArray[np.int64], rows: NDArray[np.int32], row_offsets: NDArray[np.int64], postings: NDArray[np.int32],
    n_holders: NDArray[np.int64], weights: NDArray[np.float32], n_triples: NDArray[np.int32],
    first_row: int, last_row: int, max_rows: int, n_heads: int, min_weight: float, min_share: float,
) -> NDArray[np.int64]:  # fmt: skip
    """Pairs of rows that share enough triples.

    Parameters
    ----------
    offsets, rows
        Postings.
    row_offsets, postings
        The same by row.
    n_holders : int64[n_postings]
        How many rows share each.
    weights : float32[n_postings]
        What sharing each is worth, above 0.
    n_triples : int32[n]
        Of each row.
    first_row, last_row : int
        The second rows of the pairs: a slice of the work.
    max_rows, n_heads : int
        A posting that more rows share is crowded: its rows meet the first `n_heads` only.
    min_weight, min_share : float
        Enough: a weight of at least `min_weight`, and of `min_share` of the triples of the row that has fewer.

    Returns
    -------
    int64[m, 2]
        The smaller row first; sorted by the second.

    Notes
    -----
    Weights are added in the order of postings: the sums, and so the pairs, do not depend on the slices.
    """
    n = len(row_offsets) - 1
    sums = np.zeros(n, dtype=np.float32)
    touched = np.empty(n, dtype=np.int32)
    found = np.empty((1024, 2), dtype=np.int64)
    n_found = 0
    for row in range(first_row, last_row):
        n_touched = 0
        for number in range(row_offsets[row], row_offsets[row + 1]):
            posting = postings[number]
            start, end = offsets[posting], offsets[posting + 1]
            if n_holders[posting] > max_rows:
                end = start + n_heads
            weight = weights[posting]
            for place in range(start, end):
                other = rows[place]
                if other >= row:
                    break
                touched[n_touched] = other
                n_touched += sums[other] == 0
                sums[other] += weight
        for number in range(n_touched):
            other = touched[number]
            weight = sums[other]
            sums[other] = 0
            if weight < min_weight or weight < min_share * min(n_triples[row], n_triples[other]):
                continue
            if n_found == len(found):
                longer = np.empty((2 * n_found, 2), dtype=np.int64)
                for pair in range(n_found):
                    longer[pair, 0], longer[pair, 1] = found[pair, 0], found[pair, 1]
                found = longer
            found[n_found, 0] = other
            found[n_found, 1] = row
            n_found += 1
    return found[:n_found].copy()
