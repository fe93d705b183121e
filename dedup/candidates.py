"""Sketches -> pairs of rows worth comparing. A candidate claims nothing.

Theory of operation
-------------------
Two generators, because near copies and excerpts look different:

- *Bands* (Broder 1997; Indyk and Motwani 1998): a signature is cut into bands of ``rows_per_band`` positions; texts
  that agree in a whole band are candidates. A pair of jaccard s is seen with ``1 - (1 - s**rows)**bands``. Tuned for
  recall: `verify` decides, not the bucket.
- *Fingerprints*: texts that share ``min_shared_fingerprints`` winnowed fingerprints, or three in ten of the shorter
  one's, are candidates, whatever their lengths.

A bucket of n texts holds n(n-1)/2 pairs. Above ``max_articles`` every text of it is paired with the first few only (in
row order), so that ten thousand copies of one text stay linear in cost and still hang together.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dedup.model import Sketches

_N_HEADS = 4  # of a crowded bucket, the rows that all others are paired with
_MIN_SHARE_OF_SHORTER = 0.3  # of the shorter text's fingerprints, for texts too short to share min_shared_fingerprints


def find_candidates(
    sketches: Sketches, *, rows_per_band: int, min_shared_fingerprints: int, max_articles: int
) -> NDArray[np.int64]:
    """Pairs proposed by either generator.

    Parameters
    ----------
    sketches : Sketches
        Of n texts.
    rows_per_band : int
        Positions of the signature a band takes; leftover positions are not used.
    min_shared_fingerprints : int
        Fingerprints two texts must share.
    max_articles : int
        Texts a bucket may hold before it is crowded.

    Returns
    -------
    int64[n_pairs, 2]
        Rows ``(i, j)``, ``i < j``, sorted, each pair once.
    """
    n = max(1, len(sketches))
    keys = np.concatenate(
        [
            band_pairs(sketches, rows_per_band=rows_per_band, max_articles=max_articles),
            fingerprint_pairs(sketches, min_shared_fingerprints=min_shared_fingerprints, max_articles=max_articles),
        ]
    )
    return np.stack(np.divmod(np.unique(keys), n), axis=1)


def lsh_probability(jaccard: float, *, num_perm: int, rows_per_band: int) -> float:
    """Probability that the bands see a pair of this jaccard.

    Examples
    --------
    >>> round(lsh_probability(0.5, num_perm=128, rows_per_band=3), 3)
    0.996
    """
    return float(1 - (1 - jaccard**rows_per_band) ** (num_perm // rows_per_band))


def n_shared_bands(a: NDArray[np.uint32], b: NDArray[np.uint32], *, rows_per_band: int) -> int:
    """Count the bands in which two signatures agree."""
    n_bands = len(a) // rows_per_band
    agrees = (a == b)[: n_bands * rows_per_band].reshape(n_bands, rows_per_band)
    return int(agrees.all(axis=1).sum())


def band_pairs(sketches: Sketches, *, rows_per_band: int, max_articles: int) -> NDArray[np.int64]:
    """Pairs that agree in a whole band, as keys ``i * n + j``."""
    n = len(sketches)
    has_shingles = np.flatnonzero(np.diff(sketches.offsets) > 0)
    signatures = sketches.signatures[has_shingles]
    found = [np.empty(0, dtype=np.int64)]
    for start in range(0, signatures.shape[1] - rows_per_band + 1, rows_per_band):
        band = np.ascontiguousarray(signatures[:, start : start + rows_per_band])
        _, bucket = np.unique(band, axis=0, return_inverse=True)
        found.append(np.unique(_pairs_in_buckets(bucket.reshape(-1), has_shingles, n, max_articles=max_articles)))
    return np.unique(np.concatenate(found))


def fingerprint_pairs(sketches: Sketches, *, min_shared_fingerprints: int, max_articles: int) -> NDArray[np.int64]:
    """Pairs that share enough fingerprints, as keys ``i * n + j``."""
    n = len(sketches)
    n_fingerprints = np.diff(sketches.fingerprint_offsets)
    rows = np.repeat(np.arange(n, dtype=np.int64), n_fingerprints)
    keys, shared = np.unique(
        _pairs_in_buckets(sketches.fingerprints, rows, n, max_articles=max_articles), return_counts=True
    )
    i, j = np.divmod(keys, max(1, n))
    shorter = np.minimum(n_fingerprints[i], n_fingerprints[j])
    enough: NDArray[np.int64] = keys[shared >= np.minimum(min_shared_fingerprints, _MIN_SHARE_OF_SHORTER * shorter)]
    return enough


def _pairs_in_buckets(
    buckets: NDArray[np.int64] | NDArray[np.uint64], rows: NDArray[np.int64], n: int, *, max_articles: int
) -> NDArray[np.int64]:
    """All pairs of rows in one bucket, as keys; a pair comes once for each bucket it shares."""
    order = np.lexsort((rows, buckets))
    buckets, rows = buckets[order], rows[order]
    starts = np.flatnonzero(np.r_[True, buckets[1:] != buckets[:-1]]) if len(buckets) else np.empty(0, dtype=np.int64)
    sizes = np.diff(np.r_[starts, len(buckets)])
    found = [np.empty(0, dtype=np.int64)]
    for size in np.unique(sizes[sizes > 1]):
        members = rows[starts[sizes == size][:, None] + np.arange(size)]  # [n_buckets, size], rows ascending
        first, second = _pairs_of(int(size), max_articles=max_articles)
        found.append((members[:, first] * n + members[:, second]).reshape(-1))
    return np.concatenate(found)


def _pairs_of(size: int, *, max_articles: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    if size <= max_articles:
        upper = np.triu_indices(size, k=1)
        return upper[0].astype(np.int64), upper[1].astype(np.int64)
    heads = np.arange(_N_HEADS)
    first, second = np.meshgrid(heads, np.arange(size), indexing="ij")
    is_pair = first < second
    return first[is_pair].astype(np.int64), second[is_pair].astype(np.int64)
