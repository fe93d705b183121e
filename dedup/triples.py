"""Marked texts -> pairs worth a closer look although they share few shingles: rewritten, noisy, or mixed.

Theory of operation
-------------------
Five words in a row die of one edit in five words, of one wrong character in twenty. Three in a row live longer: of a
text of which 30 % of the words were edited, a third of them are left, and two copies then share dozens where strangers
share a few stock phrases. So:

- a *triple* is three units in a row (`kernels.evidence`: three words, or four characters of a script without spaces).
  Every second one is kept, chosen by its hash, so that all texts keep the same ones;
- sharing a triple counts as much as it is rare: ``log(N / df) / log(N / 2)`` where ``df`` of ``N`` texts hold it. N is
  the number of texts plus a thousand, so that in a small corpus, too, what both of two texts hold counts for something;
- texts that share triples worth `MIN_WEIGHT` rare ones, and `MIN_SHARE` of the triples of the shorter, are candidates;
- a triple of more than ``max_articles`` texts links them to the first four only, as crowds do in `candidates`.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from dedup.kernels import evidence, postings
from dedup.kernels import triples as kernels
from dedup.model import MarkedWords

TRIPLES_VERSION = 1  # part of what a stored sketch depends on: raise it whenever a triple or its hash changes
UNITS = 3  # in a row: two are shared by chance, four die of the edits that this is for
KEEP_ONE_IN = 2  # half of them do: 100 words of which 30 are edited share about 17, fewest 8 of 10,000 times
MIN_WEIGHT = 4.0  # rare triples. Two may be one phrase of four words
MIN_SHARED = 4  # triples, however rare: no pair that shares fewer is a candidate
MIN_SHARE = 0.03  # of the shorter's: 100 words in two texts of 1,500 are 0.06
_BACKGROUND = 1_000  # texts that stand for the language, so that rarity means something in a small corpus
N_HEADS = 4  # as in `candidates`
_PART_BITS = 3  # of a hash: eight pieces of work for the threads
_SLICES = 16  # of the rows: pieces of work for the threads


def find_triples(marked: MarkedWords) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Give the triples of texts, sorted and distinct in each: values uint64[m], offsets int64[n_texts + 1]."""
    return evidence.find_triples(marked.units, marked.is_masked, marked.offsets, UNITS, KEEP_ONE_IN)


def pair_by_triples(
    triples: NDArray[np.uint64], offsets: NDArray[np.int64], *, max_articles: int, n_threads: int = 1
) -> NDArray[np.int64]:
    """Propose the pairs of texts that share enough triples.

    Parameters
    ----------
    triples, offsets
        As `find_triples` gives them, of n texts.
    max_articles : int
        Texts that may hold a triple before it is crowded.
    n_threads : int
        At least 1. The result does not depend on it.

    Returns
    -------
    int64[n_pairs, 2]
        Rows ``(i, j)``, ``i < j``, sorted, each pair once.
    """
    n = len(offsets) - 1
    bits = max(1, n.bit_length())
    with ThreadPoolExecutor(n_threads) as pool:
        parts = list(
            pool.map(
                lambda keys: postings.find_postings(postings.sort_keys(keys, _PART_BITS), bits),
                postings.split_keys(triples, offsets, _PART_BITS, bits),
            )
        )
        shared = postings.arrange_all(parts, 0, n)
        weights, n_triples = weigh(shared.n_holders, n), np.diff(offsets).astype(np.int32)
        of_slices = pool.map(
            lambda cut: count_slice(shared, weights, n_triples, *cut, max_articles=max_articles),
            postings.cut_rows(shared.row_offsets, _SLICES),
        )
        found = np.concatenate([np.empty((0, 2), dtype=np.int64), *of_slices])
    return found[np.lexsort((found[:, 1], found[:, 0]))]


def count_slice(
    shared: postings.Postings,
    weights: NDArray[np.float32],
    n_triples: NDArray[np.int32],
    first: int,
    last: int,
    *,
    max_articles: int,
) -> NDArray[np.int64]:
    """Propose the pairs whose second row lies in a slice of the rows.

    Parameters
    ----------
    shared : Postings
        Of triples: all, or all that a row of the slice holds.
    weights : float32[n_postings]
        Of each, as `weigh` gives them.
    n_triples : int32[n]
        Of each row.
    first, last : int
        The slice, half open.
    max_articles : int
        As for `pair_by_triples`.

    Returns
    -------
    int64[n_pairs, 2]
        The smaller row first; sorted by the second.
    """
    return kernels.count_pairs(
        shared.offsets, shared.rows, shared.row_offsets, shared.of_row, shared.n_holders, weights, n_triples,
        first, last, max_articles, N_HEADS, MIN_WEIGHT, MIN_SHARE,
    )  # fmt: skip


def weigh(n_texts: NDArray[np.int64], n: int) -> NDArray[np.float32]:
    """Give what sharing a triple is worth that so many of n texts hold: 1 if two do, near 0 if all do.

    Examples
    --------
    >>> weigh(np.array([2, 20, 2000]), 3000).round(2).tolist()
    [1.0, 0.7, 0.09]
    """
    of_all = n + _BACKGROUND
    weights: NDArray[np.float32] = (np.log(of_all / n_texts) / np.log(of_all / 2)).astype(np.float32)
    return weights
