"""Kernels: what two texts' sentences have in common -> the runs in which one follows the other.

Their oracles, of the same names, are in ``tests/naive.py``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dedup.kernels.compiled import kernel


@kernel
def align_sentences(
    gains: NDArray[np.float32], skip_cost: float, min_score: float, max_runs: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Find the runs of sentence pairs that follow each other in both texts: local alignments, best first.

    A run is a chain of pairs (i, j), both ascending, that is worth the sum of ``gains[i, j]`` over its pairs, less
    `skip_cost` for each sentence of either text that is passed over between two of them. The run that is worth most is
    taken, then the best one that shares no sentence with those taken, and so on. (Smith and Waterman 1981, with a
    linear gap cost; repeated as by Waterman and Eggert 1987, with whole rows and columns taken.)

    Parameters
    ----------
    gains : float32[m, n]
        What pairing sentence i with sentence j is worth; below 0 it is worth nothing and never paired.
    skip_cost : float
        At least 0.
    min_score : float
        Runs worth less are not looked for; above 0.
    max_runs : int
        At most so many runs.

    Returns
    -------
    pairs : int64[n_pairs, 3]
        Number of the run, from 0, best first; i; j. Ascending within a run.
    scores : float64[n_runs]
        What each run is worth.

    Notes
    -----
    Ties: the end that comes first in reading order of (i, j); a pair before a skip, a skip in the first text before one
    in the second. Empty input gives no runs. Cost: m * n for each run. Deterministic.
    """
    m, n = gains.shape
    is_taken_a = np.zeros(m, dtype=np.bool_)
    is_taken_b = np.zeros(n, dtype=np.bool_)
    best = np.zeros((m + 1, n + 1), dtype=np.float64)
    step = np.zeros((m + 1, n + 1), dtype=np.uint8)  # 0: start, 1: pair, 2: skip in a, 3: skip in b
    pairs = np.empty((max(1, min(m, n)), 3), dtype=np.int64)
    scores = np.empty(max(0, max_runs), dtype=np.float64)
    n_pairs = n_runs = 0
    while n_runs < max_runs:
        top, top_i, top_j = 0.0, -1, -1
        for i in range(1, m + 1):
            for j in range(1, n + 1):
                value, how = 0.0, 0
                gain = gains[i - 1, j - 1]
                if gain > 0 and not is_taken_a[i - 1] and not is_taken_b[j - 1]:
                    value, how = best[i - 1, j - 1] + gain, 1
                # taken sentences belong to another run: no run passes over them
                if not is_taken_a[i - 1] and best[i - 1, j] - skip_cost > value:
                    value, how = best[i - 1, j] - skip_cost, 2
                if not is_taken_b[j - 1] and best[i, j - 1] - skip_cost > value:
                    value, how = best[i, j - 1] - skip_cost, 3
                best[i, j] = value
                step[i, j] = how
                if how == 1 and value > top:
                    top, top_i, top_j = value, i, j
        if top < min_score or top_i < 0:
            break
        first = n_pairs
        i, j = top_i, top_j
        while step[i, j] != 0:
            if step[i, j] == 1:
                pairs[n_pairs, 0] = n_runs
                pairs[n_pairs, 1] = i - 1
                pairs[n_pairs, 2] = j - 1
                is_taken_a[i - 1] = True
                is_taken_b[j - 1] = True
                n_pairs += 1
                i, j = i - 1, j - 1
            elif step[i, j] == 2:
                i -= 1
            else:
                j -= 1
        low, high = first, n_pairs - 1
        while low < high:  # found from its end: turn it round
            for column in range(3):
                pairs[low, column], pairs[high, column] = pairs[high, column], pairs[low, column]
            low, high = low + 1, high - 1
        scores[n_runs] = top
        n_runs += 1
    return pairs[:n_pairs].copy(), scores[:n_runs].copy()


@kernel
def anchor_cosines(
    keys_a: NDArray[np.int64],
    sentences_a: NDArray[np.int64],
    weights_a: NDArray[np.float64],
    m: int,
    keys_b: NDArray[np.int64],
    sentences_b: NDArray[np.int64],
    weights_b: NDArray[np.float64],
    n: int,
) -> NDArray[np.float32]:
    """Compare every two sentences by the anchors they share: the cosine of their weighted sets.

    Parameters
    ----------
    keys_a : int64[k]
        Anchors of the first text, ascending; each (key, sentence) once. Not checked.
    sentences_a : int64[k]
        The sentence of each, ascending within a key, in [0, m).
    weights_a : float64[k]
        Above 0.
    m, n : int
        Sentences of each text.
    keys_b, sentences_b, weights_b
        Of the second text.

    Returns
    -------
    float32[m, n]
        In [0, 1]; 0 where a sentence has no anchors.
    """
    norms_a = np.zeros(m)
    norms_b = np.zeros(n)
    for k in range(len(keys_a)):
        norms_a[sentences_a[k]] += weights_a[k] * weights_a[k]
    for k in range(len(keys_b)):
        norms_b[sentences_b[k]] += weights_b[k] * weights_b[k]
    shared = np.zeros((m, n))
    i, j = 0, 0
    while i < len(keys_a) and j < len(keys_b):
        if keys_a[i] < keys_b[j]:
            i += 1
        elif keys_a[i] > keys_b[j]:
            j += 1
        else:
            last_a, last_b = i, j
            while last_a < len(keys_a) and keys_a[last_a] == keys_a[i]:
                last_a += 1
            while last_b < len(keys_b) and keys_b[last_b] == keys_b[j]:
                last_b += 1
            for at_a in range(i, last_a):
                for at_b in range(j, last_b):
                    shared[sentences_a[at_a], sentences_b[at_b]] += weights_a[at_a] * weights_b[at_b]
            i, j = last_a, last_b
    cosines = np.zeros((m, n), dtype=np.float32)
    for i in range(m):
        for j in range(n):
            if shared[i, j] > 0:
                cosines[i, j] = shared[i, j] / np.sqrt(norms_a[i] * norms_b[j])
    return cosines
