"""Kernel: anchors of two texts with their places -> how much of it lies on one line. Oracle: ``tests/naive.py``."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dedup.kernels.compiled import kernel

_MAX_POINTS = 96  # of a pair: beyond that, anchors that come later in order of key are left out
_MAX_TIMES = 4  # places of one anchor in one text that are looked at
_SWAP = 80  # letters by which two names may change places: word order
_REACH = 700  # letters between two points of a chain, at most
_DRIFT, _DRIFT_SHARE = 120, 0.35  # letters, and share of a step, by which the steps in two texts may differ


@kernel
def chain_anchors(
    pairs: NDArray[np.int64],
    keys: NDArray[np.int64],
    places: NDArray[np.int64],
    offsets: NDArray[np.int64],
    weights: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Weigh the best chain of shared anchors of each pair: they follow each other in both texts at like distances.

    A point is a key that stands in both texts, with its place in each; it is worth the weight of its key over the
    square root of (times it stands in the one) times (times in the other). Of a chain, each point lies beyond the one
    before it in the first text, at most 700 letters; in the second text, it may lie 80 letters back to 700 beyond; and
    the two steps differ by no more than 120 letters and 0.35 of the longer one.

    Parameters
    ----------
    pairs : int64[n, 2]
        Rows of two texts.
    keys : int64[k]
        In [0, len(weights)); ascending within a text, then by place.
    places : int64[k]
        Letters from the beginning of the text.
    offsets : int64[n_texts + 1]
        Text i owns ``keys[offsets[i]:offsets[i + 1]]``.
    weights : float64[n_keys]
        At least 0; points of weight 0 are left out.

    Returns
    -------
    float64[n]

    Notes
    -----
    At most 4 places of a key in a text and 96 points of a pair are looked at, the first ones. Deterministic.
    """
    n = len(pairs)
    found = np.zeros(n)
    at_a = np.empty(_MAX_POINTS, dtype=np.int64)
    at_b = np.empty(_MAX_POINTS, dtype=np.int64)
    worth = np.empty(_MAX_POINTS)
    best = np.empty(_MAX_POINTS)
    for number in range(n):
        i, end_a = offsets[pairs[number, 0]], offsets[pairs[number, 0] + 1]
        j, end_b = offsets[pairs[number, 1]], offsets[pairs[number, 1] + 1]
        n_points = 0
        while i < end_a and j < end_b:
            if keys[i] < keys[j]:
                i += 1
            elif keys[i] > keys[j]:
                j += 1
            else:
                key = keys[i]
                last_a, last_b = i, j
                while last_a < end_a and keys[last_a] == key:
                    last_a += 1
                while last_b < end_b and keys[last_b] == key:
                    last_b += 1
                if weights[key] > 0:
                    value = weights[key] / np.sqrt((last_a - i) * (last_b - j))
                    for a in range(i, min(last_a, i + _MAX_TIMES)):
                        for b in range(j, min(last_b, j + _MAX_TIMES)):
                            if n_points < _MAX_POINTS:
                                at_a[n_points], at_b[n_points], worth[n_points] = places[a], places[b], value
                                n_points += 1
                i, j = last_a, last_b
        order = np.argsort(at_a[:n_points], kind="mergesort")
        top = 0.0
        for k in range(n_points):
            this = order[k]
            before = 0.0
            for m in range(k):
                other = order[m]
                step_a, step_b = at_a[this] - at_a[other], at_b[this] - at_b[other]
                if step_a > _REACH or step_b > _REACH or step_b < -_SWAP or (step_a == 0 and step_b == 0):
                    continue
                drift = abs(step_a - step_b)
                if drift <= _DRIFT + _DRIFT_SHARE * max(step_a, step_b) and best[m] > before:
                    before = best[m]
            best[k] = before + worth[this]
            top = max(top, best[k])
        found[number] = top
    return found
