"""A system's answer and the truth -> recall and precision.

A system answers with pairs, with clusters (every pair inside one counts as claimed), or with flags (this article has a
copy). Each is scored as what it is; flags are scored by article.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array  # type: ignore[import-untyped]
from scipy.sparse.csgraph import connected_components  # type: ignore[import-untyped]

from benchmarks.exact import Truth, containment_of, count_shared, jaccard_of


class Score(NamedTuple):
    """How much of the truth was found, and how much of what was found is true; each in [0, 1], 1 where nothing was."""

    recall: float
    precision: float
    n_true: int
    n_found: int


def fit_power(sizes: Sequence[float], costs: Sequence[float]) -> float | None:
    """Fit cost ~ size ** exponent by least squares of the logarithms; None of fewer than two points above zero.

    >>> round(fit_power([10, 100, 1000], [3, 30, 300]), 3), fit_power([10], [3])
    (1.0, None)
    """
    points = [(size, cost) for size, cost in zip(sizes, costs, strict=True) if size > 0 and cost > 0]
    if len(points) < 2:
        return None
    size, cost = np.log(np.array(points)).T
    return float(np.polyfit(size, cost, 1)[0])


def keep_first(kind: str, values: NDArray[Any], n_articles: int) -> NDArray[Any]:
    """Give the part of an answer that is about the first `n_articles` articles alone."""
    return values[(values < n_articles).all(axis=1)] if kind == "pairs" else values[:n_articles]


def score_answer(kind: str, values: NDArray[Any], true_rows: NDArray[np.int64], n_articles: int) -> Score:
    """Score any kind of answer against the true pairs.

    Examples
    --------
    >>> true = np.array([[0, 1], [0, 2], [1, 2], [3, 4]])
    >>> score_answer("pairs", np.array([[0, 1], [2, 1], [5, 3], [3, 4]]), true, 6)
    Score(recall=0.75, precision=0.75, n_true=4, n_found=4)
    >>> score_answer("clusters", np.array([0, 0, 0, 1, 1, 1]), true, 6)
    Score(recall=1.0, precision=0.6666666666666666, n_true=4, n_found=6)
    >>> score_answer("flags", np.array([1, 1, 0, 0, 0, 1], dtype=bool), true, 6)
    Score(recall=0.4, precision=0.6666666666666666, n_true=5, n_found=3)
    """
    if kind == "pairs":
        return _score_keys(pair_keys(values, n_articles), pair_keys(true_rows, n_articles))
    if kind == "flags":
        return _score_keys(np.flatnonzero(values), np.unique(true_rows))
    together = int((values[true_rows[:, 0]] == values[true_rows[:, 1]]).sum())
    sizes = np.unique(values, return_counts=True)[1].astype(np.int64)
    return _score(together, len(true_rows), int((sizes * (sizes - 1) // 2).sum()))


def score_recall(rows: NDArray[np.int64], true_rows: NDArray[np.int64], n_articles: int) -> float:
    """Give the share of the true pairs that are among `rows`."""
    return score_answer("pairs", rows, true_rows, n_articles).recall


def score_containment(rows: NDArray[np.int64], truth: Truth, threshold: float) -> float:
    """Give the share of pairs whose exact containment reaches `threshold`; 1 where there is no pair."""
    containment = containment_of(truth.shingled, rows, count_shared(truth.shingled, rows))
    return float((containment >= threshold).mean()) if len(rows) else 1.0


def score_jaccard(rows: NDArray[np.int64], truth: Truth, threshold: float) -> float:
    """Give the share of pairs whose exact jaccard reaches `threshold`; 1 where there is no pair."""
    jaccard = jaccard_of(truth.shingled, rows, count_shared(truth.shingled, rows))
    return float((jaccard >= threshold).mean()) if len(rows) else 1.0


def largest_error(rows: NDArray[np.int64], jaccard: NDArray[np.float64], truth: Truth) -> float:
    """Give the largest difference between a jaccard that was stated and the exact one."""
    exact = jaccard_of(truth.shingled, rows, count_shared(truth.shingled, rows))
    return float(np.abs(exact - jaccard).max(initial=0.0))


def largest_cluster(rows: NDArray[np.int64], n_articles: int, members: NDArray[np.int64]) -> int:
    """Give the most of `members` that pairs unite in one cluster.

    Examples
    --------
    >>> largest_cluster(np.array([[0, 5], [5, 1], [2, 3]]), 6, np.array([0, 1, 2, 3, 4]))
    2
    """
    edges = coo_array((np.ones(len(rows), dtype=bool), (rows[:, 0], rows[:, 1])), shape=(n_articles, n_articles))
    labels = connected_components(edges, directed=False)[1]
    return int(np.bincount(labels[members]).max(initial=0))


def pair_keys(rows: NDArray[np.int64], n_articles: int) -> NDArray[np.int64]:
    """Give one number for each distinct pair, whichever row comes first."""
    rows = rows.reshape(-1, 2)
    return np.asarray(np.unique(rows.min(axis=1) * n_articles + rows.max(axis=1)))


def _score_keys(found: NDArray[np.int64], true: NDArray[np.int64]) -> Score:
    return _score(int(np.isin(found, true, assume_unique=True).sum()), len(true), len(found))


def _score(n_right: int, n_true: int, n_found: int) -> Score:
    return Score(n_right / n_true if n_true else 1.0, n_right / n_found if n_found else 1.0, n_true, n_found)
