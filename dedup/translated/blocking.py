"""Articles -> pairs in two languages that are worth aligning, without a model: names and numbers they share.

Only anchors that occur in both languages count, weighed by how rare they are in the one in which they are more common.
For each article the closest others are kept by cosine, which finds whole translations, and by what is shared in all,
which finds a passage inside a longer article.
"""

from __future__ import annotations

from itertools import permutations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

_ROWS_AT_ONCE = 256  # articles whose scores against a window are held at once
_DAY_S = 86_400.0


def propose_pairs(
    keys: NDArray[np.int64],
    weights: NDArray[np.float64],
    offsets: NDArray[np.int64],
    groups: NDArray[np.int64],
    times: NDArray[np.float64],
    *,
    window_days: float,
    per_article: int,
    min_share: float,
) -> NDArray[np.int64]:
    """Propose pairs of rows.

    Parameters
    ----------
    keys, weights : int64[n], float64[n]
        Anchors of all articles, repetitions included, and what each weighs.
    offsets : int64[n_articles + 1]
        Article i owns ``keys[offsets[i]:offsets[i + 1]]``.
    groups : int64[n_articles]
        The language of each; below 0 it is compared with nothing.
    times : float64[n_articles]
        Seconds; NaN where unknown: such an article is compared with all.
    window_days : float
        Days that two articles may lie apart.
    per_article : int
        Closest others of an article that are proposed in each language, by either measure: a story that went round the
        world is one article of many in each of them.
    min_share : float
        Share of the anchors' weight of the article with less that must be shared, in [0, 1].

    Returns
    -------
    int64[n_pairs, 2]
        Smaller row first; sorted, each pair once.
    """
    names, columns = np.unique(keys, return_inverse=True)
    rows = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    counts = sparse.csr_matrix(
        (np.ones(len(keys)), (rows, columns)), shape=(len(offsets) - 1, len(names)), dtype=np.float64
    )
    weight_of = np.zeros(len(names))
    weight_of[columns] = weights
    order = np.lexsort((np.arange(len(times)), np.nan_to_num(times, nan=np.inf)))
    found = [np.empty((0, 2), dtype=np.int64)]
    present = np.unique(groups[groups >= 0])
    holds = (counts > 0).astype(np.float64)
    rows_of = {group: order[groups[order] == group] for group in present.tolist()}
    rarity_of = {group: _rarity(holds[mine]) for group, mine in rows_of.items()}
    for group, other in permutations(rows_of, 2):
        mine, theirs = rows_of[group], rows_of[other]
        rarity = weight_of * np.minimum(rarity_of[group], rarity_of[other])
        kept = np.flatnonzero(rarity > 0)
        found.append(
            _closest(
                _scaled(counts[mine][:, kept], rarity[kept]),
                _scaled(counts[theirs][:, kept], rarity[kept]),
                mine,
                theirs,
                times,
                window_s=window_days * _DAY_S,
                per_article=per_article,
                min_share=min_share,
            )
        )
    return np.unique(np.sort(np.concatenate(found), axis=1), axis=0)


def _rarity(holds: sparse.csr_matrix) -> NDArray[np.float64]:
    """Give the logarithm of how rare each anchor is among some articles; 0 where none has it, or nearly all."""
    n = holds.shape[0]
    carriers = np.asarray(holds.sum(axis=0)).ravel()
    rarity: NDArray[np.float64] = np.where(carriers > 0, np.log((n + 2.0) / (carriers + 1.0)), 0.0)
    return np.maximum(rarity, 0.0)


def _scaled(counts: sparse.csr_matrix, rarity: NDArray[np.float64]) -> sparse.csr_matrix:
    scaled = counts.copy()
    scaled.data = 1 + np.log(scaled.data)
    return scaled.multiply(rarity[None, :]).tocsr()


def _closest(
    mine: sparse.csr_matrix,
    theirs: sparse.csr_matrix,
    my_rows: NDArray[np.int64],
    their_rows: NDArray[np.int64],
    times: NDArray[np.float64],
    *,
    window_s: float,
    per_article: int,
    min_share: float,
) -> NDArray[np.int64]:
    """Find the closest others of each of `mine`; both sides are sorted by time, undated ones last."""
    my_squares = np.asarray(mine.multiply(mine).sum(axis=1)).ravel()
    their_squares = np.asarray(theirs.multiply(theirs).sum(axis=1)).ravel()
    my_times, their_times = times[my_rows], times[their_rows]
    n_dated = int((~np.isnan(their_times)).sum())
    theirs_turned = theirs.T.tocsc()
    found: list[NDArray[np.int64]] = [np.empty((0, 2), dtype=np.int64)]
    for first in range(0, len(my_rows), _ROWS_AT_ONCE):
        block = slice(first, min(first + _ROWS_AT_ONCE, len(my_rows)))
        when = my_times[block]
        if np.isnan(when).any():
            columns = np.arange(len(their_rows))
        else:
            low = np.searchsorted(their_times[:n_dated], when.min() - window_s)
            high = np.searchsorted(their_times[:n_dated], when.max() + window_s, side="right")
            columns = np.concatenate([np.arange(low, high), np.arange(n_dated, len(their_rows))])
        if not len(columns):
            continue
        shared = (mine[block] @ theirs_turned[:, columns]).toarray()
        apart = np.abs(when[:, None] - their_times[columns][None, :]) > window_s  # False where either is unknown
        shared[apart] = 0
        mine_sq, theirs_sq = my_squares[block][:, None], their_squares[columns][None, :]
        with np.errstate(divide="ignore", invalid="ignore"):
            cosine = np.nan_to_num(shared / np.sqrt(mine_sq * theirs_sq))
            share = np.nan_to_num(shared / np.minimum(mine_sq, theirs_sq))
        cosine[share < min_share] = 0
        shared[share < min_share] = 0
        for score in (cosine, shared):
            k = min(per_article, score.shape[1])
            best = np.argpartition(-score, k - 1, axis=1)[:, :k]
            row, place = np.nonzero(np.take_along_axis(score, best, axis=1) > 0)
            found.append(np.stack([my_rows[block][row], their_rows[columns[best[row, place]]]], axis=1))
    return np.concatenate(found)


def closest_vectors(
    means: NDArray[np.float32],
    mine: NDArray[np.int64],
    theirs: NDArray[np.int64],
    groups: NDArray[np.int64],
    times: NDArray[np.float64],
    *,
    window_days: float,
    per_article: int,
) -> NDArray[np.int64]:
    """Propose, for each row of `mine`, the rows of `theirs` in each language whose mean vectors are closest.

    Parameters
    ----------
    means : float32[n, d]
        Of length 1.
    mine, theirs : int64[m], int64[k]
        Rows.
    groups, times, window_days, per_article
        As `propose_pairs` takes them.

    Returns
    -------
    int64[n_pairs, 2]
        Smaller row first.
    """
    found = [np.empty((0, 2), dtype=np.int64)]
    for rows in np.array_split(mine, len(mine) // _ROWS_AT_ONCE + 1):
        closeness = means[rows] @ means[theirs].T
        apart = np.abs(times[rows][:, None] - times[theirs][None, :]) > window_days * _DAY_S
        closeness[apart | (groups[rows][:, None] == groups[theirs][None, :])] = -1
        for group in np.unique(groups[theirs]).tolist():
            columns = np.flatnonzero(groups[theirs] == group)
            of_group = closeness[:, columns]
            k = min(per_article, of_group.shape[1])
            best = np.argpartition(-of_group, k - 1, axis=1)[:, :k]
            row, place = np.nonzero(np.take_along_axis(of_group, best, axis=1) > 0)
            found.append(np.stack([rows[row], theirs[columns[best[row, place]]]], axis=1))
    return np.sort(np.concatenate(found), axis=1)
