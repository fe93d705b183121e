"""Articles -> pairs in two languages that are worth aligning, with what speaks for each.

By names and numbers, without a model: only anchors that occur in both languages count, weighed by how rare they are in
the one in which they are more common. Of those that share most, the closest by cosine are kept, which finds whole
translations, and those in which most of it lies on one line (`kernels.chains`), which finds a passage inside a longer
article. By vectors of a few sentences: the closest by their mean, and those with the closest two sentences.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations, permutations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from dedup.kernels.chains import chain_anchors

_ROWS_AT_ONCE = 256  # articles whose scores against a window are held at once
_SENTENCES_AT_ONCE = 2_048  # sentences whose cosines with a window are held at once
_POOL = 60  # others that share most with an article, of which the closest are chosen
_PAIRS_AT_ONCE = 20_000  # whose shared anchors are summed at once
_FAR = 0.2  # cosine of two samples, below which nothing is proposed


class Keyed(NamedTuple):
    """The anchors of all parts.

    Parameters
    ----------
    keys, places : int64[n], int64[n]
        Repetitions included; letters from the beginning of the part.
    weights : float64[n]
        What each key weighs, whatever the corpus.
    offsets : int64[n_parts + 1]
        Part i owns ``keys[offsets[i]:offsets[i + 1]]``.
    """

    keys: NDArray[np.int64]
    places: NDArray[np.int64]
    weights: NDArray[np.float64]
    offsets: NDArray[np.int64]


class When(NamedTuple):
    """In which language and when parts were published.

    Parameters
    ----------
    groups : int64[n_parts]
        The language of each.
    times : float64[n_parts]
        Seconds; NaN where unknown: such a part is compared with all.
    window_s : float
        Seconds that two parts may lie apart.
    """

    groups: NDArray[np.int64]
    times: NDArray[np.float64]
    window_s: float


NAME_SCORES = ("cosine", "share", "chain")


def propose_by_names(
    anchors: Keyed, when: When, *, per_article: int, also: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Propose pairs of parts by the names and numbers they share.

    Parameters
    ----------
    anchors, when
        Of all parts.
    per_article : int
        Closest others of a part that are proposed in each language, by either measure: a story that went round the
        world is one article of many in each of them.
    also : int64[m, 2]
        Pairs of two languages that others propose, smaller row first: they are scored, too.

    Returns
    -------
    pairs : int64[n_pairs, 2]
        Smaller row first; sorted, each pair once; those of `also` among them.
    scores : float64[n_pairs, 3]
        As `NAME_SCORES`: cosine; what is shared over what the part with less has; the weight of the best chain.
    """
    names, columns = np.unique(anchors.keys, return_inverse=True)
    n = len(anchors.offsets) - 1
    rows = np.repeat(np.arange(n), np.diff(anchors.offsets))
    counts = sparse.csr_matrix((np.ones(len(columns)), (rows, columns)), shape=(n, len(names)), dtype=np.float64)
    by_key = np.lexsort((anchors.places, columns, rows))
    keys, places = columns[by_key].astype(np.int64), anchors.places[by_key]
    weight_of = np.zeros(len(names))
    weight_of[columns] = anchors.weights
    order = np.lexsort((np.arange(n), np.nan_to_num(when.times, nan=np.inf)))
    holds = (counts > 0).astype(np.float64)
    rows_of = {group: order[when.groups[order] == group] for group in np.unique(when.groups).tolist()}
    rarity_of = {group: _rarity(holds[mine]) for group, mine in rows_of.items()}
    side_of_also = np.sort(when.groups[also], axis=1)
    pairs, scores = [np.empty((0, 2), dtype=np.int64)], [np.empty((0, len(NAME_SCORES)))]
    for group, other in combinations(rows_of, 2):
        rarity = weight_of * np.minimum(rarity_of[group], rarity_of[other])
        kept_keys = np.flatnonzero(rarity > 0)
        scaled = _scaled(counts[:, kept_keys], rarity[kept_keys])
        also_here = also[(side_of_also == (group, other)).all(axis=1)]
        pool = np.concatenate(
            [
                _most_shared(scaled, rows_of[group], rows_of[other], when),
                _most_shared(scaled, rows_of[other], rows_of[group], when),
                also_here,
            ]
        )
        pool = np.unique(np.sort(pool, axis=1), axis=0)
        of_pool = _score(scaled, pool)
        of_pool[:, 2] = chain_anchors(pool, keys, places, anchors.offsets, rarity)
        kept = _is_in(pool, also_here, n)
        for column in (0, 2):
            for side in (0, 1):
                kept |= _is_best(pool[:, side], of_pool[:, column], per_article)
        pairs.append(pool[kept])
        scores.append(of_pool[kept])
    joined, of_joined = np.concatenate(pairs), np.concatenate(scores)
    in_order = np.lexsort((joined[:, 1], joined[:, 0]))
    return joined[in_order], of_joined[in_order]


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


def _most_shared(
    scaled: sparse.csr_matrix, mine: NDArray[np.int64], theirs: NDArray[np.int64], when: When
) -> NDArray[np.int64]:
    """Give, for each of `mine`, those of `theirs` that share most with it; both by time, undated ones last."""
    their_times = when.times[theirs]
    n_dated = int((~np.isnan(their_times)).sum())
    turned = scaled[theirs].T.tocsc()
    found: list[NDArray[np.int64]] = [np.empty((0, 2), dtype=np.int64)]
    for first in range(0, len(mine), _ROWS_AT_ONCE):
        rows = mine[first : first + _ROWS_AT_ONCE]
        columns = _within(when.times[rows], their_times, n_dated, when.window_s)
        if not len(columns):
            continue
        shared = (scaled[rows] @ turned[:, columns]).toarray()
        apart = np.abs(when.times[rows][:, None] - their_times[columns][None, :]) > when.window_s
        shared[apart] = 0  # where either time is unknown they are not apart
        found.append(_tops(shared, rows, theirs[columns], _POOL, above=0.0))
    return np.concatenate(found)


def _within(
    times: NDArray[np.float64], their_times: NDArray[np.float64], n_dated: int, window_s: float
) -> NDArray[np.int64]:
    """Give the places of `their_times` that lie in the window of any of `times`, undated ones last."""
    if np.isnan(times).any():
        return np.arange(len(their_times))
    low = np.searchsorted(their_times[:n_dated], times.min() - window_s)
    high = np.searchsorted(their_times[:n_dated], times.max() + window_s, side="right")
    return np.concatenate([np.arange(low, high), np.arange(n_dated, len(their_times))])


def _tops(
    scores: NDArray[np.floating], rows: NDArray[np.int64], columns: NDArray[np.int64], k: int, *, above: float
) -> NDArray[np.int64]:
    """Give the pairs of each row with the k columns that score highest, those above a score alone."""
    k = min(k, scores.shape[1])
    best = np.argpartition(-scores, k - 1, axis=1)[:, :k]
    row, place = np.nonzero(np.take_along_axis(scores, best, axis=1) > above)
    return np.stack([rows[row], columns[best[row, place]]], axis=1)


def _score(scaled: sparse.csr_matrix, pairs: NDArray[np.int64]) -> NDArray[np.float64]:
    squares = np.asarray(scaled.multiply(scaled).sum(axis=1)).ravel()
    scores = np.zeros((len(pairs), len(NAME_SCORES)))
    for first in range(0, len(pairs), _PAIRS_AT_ONCE):
        a, b = pairs[first : first + _PAIRS_AT_ONCE].T
        shared = np.asarray(scaled[a].multiply(scaled[b]).sum(axis=1)).ravel()
        scores[first : first + _PAIRS_AT_ONCE, 0] = shared / np.sqrt(np.maximum(squares[a] * squares[b], 1e-12))
        scores[first : first + _PAIRS_AT_ONCE, 1] = shared / np.maximum(np.minimum(squares[a], squares[b]), 1e-12)
    return scores


def _is_best(rows: NDArray[np.int64], scores: NDArray[np.float64], k: int) -> NDArray[np.bool_]:
    """Tell which scores are among the k highest of their row; those of 0 are not."""
    order = np.lexsort((-scores, rows))
    starts = np.searchsorted(rows[order], rows[order], side="left")
    found = np.zeros(len(rows), dtype=np.bool_)
    found[order] = np.arange(len(rows)) - starts < k
    return found & (scores > 0)


def _is_in(pairs: NDArray[np.int64], others: NDArray[np.int64], n: int) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = np.isin(pairs[:, 0] * n + pairs[:, 1], others[:, 0] * n + others[:, 1])
    return found


class Sampled(NamedTuple):
    """Vectors of a few sentences of some parts, in a quarter of the memory; their cosines are good to 0.002.

    Parameters
    ----------
    parts : int64[m]
        Which parts, ascending.
    steps : int8[n, d]
    scales : float32[n]
        ``steps[i] * scales[i]`` is a vector, of length 1.
    offsets : int64[m + 1]
        ``parts[i]`` owns ``steps[offsets[i]:offsets[i + 1]]``; at least one.
    """

    parts: NDArray[np.int64]
    steps: NDArray[np.int8]
    scales: NDArray[np.float32]
    offsets: NDArray[np.int64]

    def vectors(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Give the vectors of some of `parts`, by their places, and where those of each begin."""
        sizes = self.offsets[rows + 1] - self.offsets[rows]
        starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
        places = np.repeat(self.offsets[rows] - starts, sizes) + np.arange(int(sizes.sum()))
        return self.steps[places] * self.scales[places, None], starts

    def means(self) -> NDArray[np.float16]:
        """Mean vectors, of length 1; float16[m, d]."""
        means = np.empty((len(self.parts), self.steps.shape[1]), dtype=np.float16)
        for first in range(0, len(means), _ROWS_AT_ONCE):
            rows = np.arange(first, min(first + _ROWS_AT_ONCE, len(means)))
            sums = np.add.reduceat(*self.vectors(rows), axis=0)
            means[rows] = sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-12)
        return means


def pack(parts: NDArray[np.int64], vectors: Iterable[NDArray[np.float16]]) -> Sampled:
    """Put the vectors of the sampled sentences of some parts together, as they come."""
    steps, scales = [np.empty((0, 1), dtype=np.int8)], [np.empty(0, dtype=np.float32)]
    for of_part in vectors:
        scale = np.maximum(np.abs(of_part).max(axis=1).astype(np.float32), 1e-6) / 127
        steps.append(np.rint(of_part / scale[:, None]).astype(np.int8))
        scales.append(scale)
    sizes = [len(scale) for scale in scales]
    joined = np.concatenate(steps[1:]) if len(steps) > 1 else steps[0]
    return Sampled(parts, joined, np.concatenate(scales), np.cumsum(sizes))


def propose_by_vectors(sampled: Sampled, when: When, *, per_article: int) -> NDArray[np.int64]:
    """Propose, for each part, those in each other language whose sampled sentences are closest.

    Parameters
    ----------
    sampled
        Parts in languages that the encoder knows.
    when
        Of all parts.
    per_article : int
        Closest others that are proposed in each language, by the cosine of means, and by that of the closest two
        sentences.

    Returns
    -------
    int64[n_pairs, 2]
        Smaller row first; sorted, each pair once.
    """
    found = [np.empty((0, 2), dtype=np.int64)]
    if len(sampled.parts):
        means = sampled.means()
        groups = when.groups[sampled.parts]
        times = when.times[sampled.parts]
        order = np.lexsort((np.arange(len(times)), np.nan_to_num(times, nan=np.inf)))
        rows_of = {group: order[groups[order] == group] for group in np.unique(groups).tolist()}
        for group, other in permutations(rows_of, 2):
            found.append(_closest(sampled, means, times, rows_of[group], rows_of[other], when.window_s, per_article))
    return np.unique(np.sort(np.concatenate(found), axis=1), axis=0)


def _closest(
    sampled: Sampled,
    means: NDArray[np.float16],
    times: NDArray[np.float64],
    mine: NDArray[np.int64],
    theirs: NDArray[np.int64],
    window_s: float,
    k: int,
) -> NDArray[np.int64]:
    """Find the closest of `theirs` to each of `mine`, as rows of `sampled`; give the pairs of parts."""
    n_dated = int((~np.isnan(times[theirs])).sum())
    found = [np.empty((0, 2), dtype=np.int64)]
    size = max(1, _SENTENCES_AT_ONCE // max(1, int(np.diff(sampled.offsets).max())))
    for first in range(0, len(mine), size):
        rows = mine[first : first + size]
        columns = theirs[_within(times[rows], times[theirs], n_dated, window_s)]
        if not len(columns):
            continue
        apart = np.abs(times[rows][:, None] - times[columns][None, :]) > window_s
        by_mean = means[rows].astype(np.float32) @ means[columns].astype(np.float32).T
        for scores in (by_mean, _closest_sentences(sampled, rows, columns)):
            scores[apart] = -1
            found.append(_tops(scores, sampled.parts[rows], sampled.parts[columns], k, above=_FAR))
    return np.concatenate(found)


def _closest_sentences(sampled: Sampled, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> NDArray[np.float32]:
    """Give the cosine of the closest two sentences of every two parts; float32[n_rows, n_columns]."""
    (mine, starts), (theirs, their_starts) = sampled.vectors(rows), sampled.vectors(columns)
    scores = np.empty((len(rows), len(columns)), dtype=np.float32)
    step = 512
    for first in range(0, len(columns), step):  # a stretch of columns at a time stays in the cache
        last = min(first + step, len(columns))
        end = their_starts[last] if last < len(columns) else len(theirs)
        stretch = theirs[their_starts[first] : end]
        by_column = np.maximum.reduceat(mine @ stretch.T, their_starts[first:last] - their_starts[first], axis=1)
        scores[:, first:last] = np.maximum.reduceat(by_column, starts, axis=0)
    return scores


def score_by_vectors(sampled: Sampled, pairs: NDArray[np.int64]) -> NDArray[np.float64]:
    """Score each pair; -1 where a part was not sampled.

    Returns
    -------
    float64[n_pairs, 3]
        The cosine of means, that of the closest two sentences, and that of the closest two of the others.
    """
    scores = np.full((len(pairs), 3), -1.0)
    if not len(sampled.parts):
        return scores
    means = sampled.means()
    places = np.minimum(np.searchsorted(sampled.parts, pairs), len(sampled.parts) - 1)
    were_sampled = np.flatnonzero((sampled.parts[places] == pairs).all(axis=1))
    for first in range(0, len(were_sampled), _ROWS_AT_ONCE):
        rows = were_sampled[first : first + _ROWS_AT_ONCE]
        (ours, starts), (others, their_starts) = (sampled.vectors(places[rows, side]) for side in (0, 1))
        mine, theirs = means[places[rows, 0]], means[places[rows, 1]]
        scores[rows, 0] = np.einsum("ij,ij->i", mine, theirs, dtype=np.float32)
        ends, their_ends = np.append(starts[1:], len(ours)), np.append(their_starts[1:], len(others))
        spans = zip(rows.tolist(), starts, ends, their_starts, their_ends, strict=True)
        for row, a, a_end, b, b_end in spans:
            cosines = ours[a:a_end] @ others[b:b_end].T
            i, j = divmod(int(cosines.argmax()), cosines.shape[1])
            scores[row, 1] = cosines[i, j]
            cosines[i], cosines[:, j] = -1, -1
            scores[row, 2] = cosines.max()
    return scores
