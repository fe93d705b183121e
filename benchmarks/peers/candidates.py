"""Candidates -> the pairs that a library's own estimate confirms."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

CHUNK_PAIRS = 200_000  # pairs compared at a time: 128 positions of 8 bytes each are 200 MB


def rows_from_lists(neighbours: Iterable[Iterable[int]]) -> NDArray[np.int64]:
    """Give the pairs (lower row first) from each row's list of neighbours."""
    pairs = [(row, other) for row, others in enumerate(neighbours) for other in others if other > row]
    return np.unique(np.array(pairs, dtype=np.int64).reshape(-1, 2), axis=0)


def confirm(rows: NDArray[np.int64], signatures: NDArray[Any], threshold: float) -> NDArray[np.int64]:
    """Keep the pairs whose signatures agree in at least `threshold` of their positions."""
    keep = np.zeros(len(rows), dtype=bool)
    for start in range(0, len(rows), CHUNK_PAIRS):
        a, b = rows[start : start + CHUNK_PAIRS].T
        keep[start : start + CHUNK_PAIRS] = (signatures[a] == signatures[b]).mean(axis=1) >= threshold
    return rows[keep]
