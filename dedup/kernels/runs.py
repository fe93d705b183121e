"""Kernel: two texts as word hashes -> the runs of equal words they share. Oracle: ``tests/naive.py``, `shared_runs`."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dedup.kernels.compiled import kernel

_SPREAD = np.uint64(0x9E3779B97F4A7C15)  # odd, 2**64 over the golden ratio
_32 = np.uint64(32)


@kernel
def _hash(words: Any, place: Any, n_words: Any) -> Any:
    h = np.uint64(0)
    for offset in range(n_words):
        h = h * _SPREAD + words[place + offset]
    return h ^ (h >> _32)


@kernel
def _is_equal(a: Any, i: Any, b: Any, j: Any, n_words: Any) -> Any:
    for offset in range(n_words):  # noqa: SIM110  numba knows no all()
        if a[i + offset] != b[j + offset]:
            return False
    return True


@kernel
def shared_runs(a: NDArray[np.uint64], b: NDArray[np.uint64], k: int, max_places: int) -> NDArray[np.int64]:
    """Find the runs of at least k equal words, walking through a from left to right.

    Where k words of a stand in several places of b, the longest run wins, then the leftmost; places behind the last
    run come first, and of them the first `max_places` are tried.

    Parameters
    ----------
    a, b : uint64[n], uint64[m]
        Word hashes in reading order.
    k : int
        Words, at least 1.
    max_places : int
        Places tried, at least 1.

    Returns
    -------
    int64[n_runs, 4]
        Start and end in a, start and end in b; sorted by place in a, not overlapping there.

    Notes
    -----
    Cost: n + m, and for each run `max_places` times its length; skipping places before the last run costs as many
    steps as k words stand there.
    """
    n_grams = max(0, len(b) - k + 1)
    bits = 3
    while (1 << bits) < 2 * n_grams:
        bits += 1
    mask = (1 << bits) - 1
    # per slot the first place of b whose k words fall there; next_place leads on to later places of the same words
    first_place = np.full(mask + 1, -1, dtype=np.int64)
    next_place = np.full(n_grams, -1, dtype=np.int64)
    for back in range(n_grams):
        j = n_grams - 1 - back  # from the right: chains then run from left to right
        slot = np.int64(_hash(b, j, k) & np.uint64(mask))
        while first_place[slot] >= 0 and not _is_equal(b, first_place[slot], b, j, k):
            slot = (slot + 1) & mask
        next_place[j] = first_place[slot]
        first_place[slot] = j
    runs = np.empty((len(a) // k + 1, 4), dtype=np.int64)
    n_runs, i, last_end = 0, 0, 0
    while i <= len(a) - k and n_grams > 0:
        slot = np.int64(_hash(a, i, k) & np.uint64(mask))
        while first_place[slot] >= 0 and not _is_equal(b, first_place[slot], a, i, k):
            slot = (slot + 1) & mask
        first = first_place[slot]
        if first < 0:
            i += 1
            continue
        ahead = first
        while ahead >= 0 and ahead < last_end:
            ahead = next_place[ahead]
        place = ahead if ahead >= 0 else first
        best_length, best_place, n_tried = 0, place, 0
        while place >= 0 and n_tried < max_places:
            length = 0
            while i + length < len(a) and place + length < len(b) and a[i + length] == b[place + length]:
                length += 1
            if length > best_length:
                best_length, best_place = length, place
            place = next_place[place]
            n_tried += 1
        runs[n_runs, 0] = i
        runs[n_runs, 1] = i + best_length
        runs[n_runs, 2] = best_place
        runs[n_runs, 3] = best_place + best_length
        n_runs += 1
        i += best_length
        last_end = best_place + best_length
    return runs[:n_runs].copy()
