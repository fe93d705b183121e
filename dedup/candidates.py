"""Sketches -> pairs of rows worth comparing. A candidate claims nothing.

Theory of operation
-------------------
Two generators, because near copies and excerpts look different:

- *Bands* (Broder 1997; Indyk and Motwani 1998): a signature is cut into bands of ``rows_per_band`` positions; texts
  that agree in a whole band are candidates. A pair of jaccard s is seen with ``1 - (1 - s**rows)**bands``. Tuned for
  recall: `verify` decides, not the bucket.
- *Fingerprints*: texts that share enough winnowed fingerprints are candidates, whatever their lengths. Enough is
  ``min_shared_fingerprints`` or three in ten of the shorter one's, and in any case four tenths of ``threshold``: of a
  text that lies in another to that share, so many fingerprints survive scattered edits, too.

Crowds
------
A bucket of n texts holds n(n-1)/2 pairs. Above ``max_articles`` it is *crowded*, and proposes nothing by itself. Its
first four texts (the heads) are compared with a sample of it. Where they match a few of the sample, they are
compared with all of it; those that match no head are then compared with the first four among themselves, and so on, as
long as each step gathers at least a tenth of those left. Ten thousand copies of one text cost forty thousand
comparisons and stay one cluster; a footer on ten thousand pages, which gathers nobody, costs as many as the sample.
Longer texts come first (of them a footer is a small part), then what they say decides, never their order. Last, where
most of a crowd hangs together, the few that do not are compared with a sample of it. Crowds are counted (`Candidates`),
and of what two texts must share, crowded fingerprints count a third: where they are not counted at all, of a page that
is half footer so little is asked that any frame of its source makes a pair.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedup.kernels import postings as kernels
from dedup.kernels.overlaps import count_shared
from dedup.model import Sketches

_N_HEADS = 4  # of a crowded bucket: one may be an outlier, four are not
_N_PROBES = 64  # of a crowd: where a tenth is to be gathered, 99 of 100 such samples gather what is asked of them
_MIN_PROBED = 0.03  # of a sample; less than _MIN_GATHERED, since samples err
_MIN_GATHERED = 0.1  # of a crowd; a text carried by so many gathers more, a footer gathers none
_COUNTED_OF_CROWDED = 3  # one in so many
_N_SAMPLE = 32  # of a crowd's texts that hang together: what is near a few of them is near one of these
_MIN_HELD = 0.75  # of a crowd that must hang together for its stragglers to be looked after
_MIN_SHARE_ALONE = 0.3  # of the shorter text's fingerprints, for texts too short to share min_shared_fingerprints
_MIN_SHARE_OF_THRESHOLD = 0.4  # of the shorter text's fingerprints: an edit costs more fingerprints than shingles
_MIN_SHARE_OF_JACCARD = 0.5  # of the fingerprints of both texts: 25 of them tell a jaccard to within 0.1
_SIGNATURES_AT_ONCE = 50_000  # pairs of them are compared in one go: 50 MB
_BANDS_AT_ONCE = 5  # a piece of work for the threads: about a cache line of a signature
_PART_BITS = 3  # of a fingerprint's hash: eight pieces of work for the threads
_SLICES = 16  # of the rows: pieces of work for the threads


class Crowds(NamedTuple):
    """Rows that share one crowded bucket: crowd i owns ``rows[offsets[i]:offsets[i + 1]]``, its heads first."""

    offsets: NDArray[np.int64]
    rows: NDArray[np.int64]


class Candidates(NamedTuple):
    """What the generators propose.

    Parameters
    ----------
    pairs : int64[n_pairs, 2]
        Rows ``(i, j)``, ``i < j``, sorted, each pair once.
    crowds : Crowds
        Of which nothing has been proposed; see `probe_crowds`, `open_crowds` and `link_crowds`, in that order.
    """

    pairs: NDArray[np.int64]
    crowds: Crowds

    @property
    def crowded(self) -> dict[str, int]:
        """Count the crowds: how many buckets, and how many texts stand in one of them at least."""
        n_articles = int(np.count_nonzero(np.bincount(self.crowds.rows)))
        return {"buckets": len(self.crowds.offsets) - 1, "articles": n_articles}


def find_candidates(
    sketches: Sketches,
    *,
    rows_per_band: int,
    min_shared_fingerprints: int,
    max_articles: int,
    threshold: float,
    min_jaccard: float = 0.0,
    n_threads: int = 1,
) -> Candidates:
    """Propose pairs by either generator.

    Parameters
    ----------
    sketches : Sketches
        Of n texts. Their shingles are not read; without fingerprints, bands alone propose.
    rows_per_band : int
        Positions of the signature a band takes; leftover positions are not used.
    min_shared_fingerprints : int
        Fingerprints two texts must share.
    max_articles : int
        Texts a bucket may hold before it is crowded.
    threshold : float
        Containment that is asked for, in (0, 1].
    min_jaccard : float
        Jaccard that is asked for, too, in [0, 1].
    n_threads : int
        At least 1. The result does not depend on it.
    """
    n = len(sketches)
    order = order_rows(weigh_rows(sketches), np.diff(sketches.fingerprint_offsets))
    with ThreadPoolExecutor(n_threads) as pool:
        of_bands = list(pool.map(lambda make: make(), _band_makers(sketches, order, rows_per_band)))
        of_fingerprints = list(pool.map(lambda make: make(), _fingerprint_makers(sketches, order, pool)))
        n_bands = sum(len(offsets) - 1 for offsets, _ in of_bands)
        shared = kernels.arrange_all(of_bands + of_fingerprints, n_bands, n)
        n_fingerprints = count_fingerprints(
            np.diff(sketches.fingerprint_offsets)[order],
            kernels.count_crowded(shared.offsets, shared.rows, n_bands, n, max_articles),
        )

        def count(bounds: tuple[int, int]) -> NDArray[np.int64]:
            return count_slice(
                shared,
                n_fingerprints,
                *bounds,
                min_shared_fingerprints=min_shared_fingerprints,
                max_articles=max_articles,
                threshold=threshold,
                min_jaccard=min_jaccard,
            )

        found = list(pool.map(count, kernels.cut_rows(shared.row_offsets, _SLICES)))
    pairs = order[np.concatenate([np.empty((0, 2), dtype=np.int64), *found])]
    return Candidates(sorted_pairs(pairs, n), _crowds(shared.offsets, shared.rows, order, max_articles=max_articles))


def weigh_rows(sketches: Sketches) -> NDArray[np.uint64]:
    """Hash each sketch: an order of rows that depends on what they say, not on where they stand."""
    return kernels.weigh_rows(
        sketches.signatures, sketches.signature_of, sketches.fingerprints, sketches.fingerprint_offsets
    )


def order_rows(weights: NDArray[np.uint64], n_fingerprints: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give the order in which rows are counted, place -> row: long texts first, then by what they say."""
    return np.lexsort((weights, -n_fingerprints))


def count_fingerprints(n_fingerprints: NDArray[np.int64], n_crowded: NDArray[np.int32]) -> NDArray[np.int32]:
    """Give how many fingerprints of each text count, of which so many are crowded: int32[n]."""
    return n_fingerprints.astype(np.int32) - n_crowded + n_crowded // _COUNTED_OF_CROWDED


def find_keys(
    sketches: Sketches, *, rows_per_band: int, part_bits: int, bits: int
) -> tuple[list[NDArray[np.uint64]], list[NDArray[np.uint64]]]:
    """Give the keys of some sketches, whose lowest `bits` bits are rows of `sketches`: equal ones share a bucket.

    Returns
    -------
    list of uint64
        Of each band.
    list of uint64
        Of the fingerprints, in ``2**part_bits`` parts.
    """
    n_bands = sketches.signatures.shape[1] // rows_per_band
    keys = kernels.band_keys(
        sketches.signatures, sketches.signature_of, np.arange(len(sketches)), rows_per_band, 0, n_bands, bits
    )
    return list(keys), kernels.split_keys(sketches.fingerprints, sketches.fingerprint_offsets, part_bits, bits)


def count_slice(
    shared: kernels.Postings,
    n_fingerprints: NDArray[np.int32],
    first: int,
    last: int,
    *,
    min_shared_fingerprints: int,
    max_articles: int,
    threshold: float,
    min_jaccard: float = 0.0,
) -> NDArray[np.int64]:
    """Propose the pairs whose second place lies in a slice of the places.

    Parameters
    ----------
    shared : Postings
        Of places: all, or all that a place of the slice stands in.
    n_fingerprints : int32[n]
        Of each place, as `count_fingerprints` gives them.
    first, last : int
        The slice, half open.
    min_shared_fingerprints, max_articles, threshold, min_jaccard
        As for `find_candidates`.

    Returns
    -------
    int64[n_pairs, 2]
        Places.
    """
    return kernels.count_pairs(
        shared.offsets, shared.rows, shared.row_offsets, shared.of_row, shared.n_bands, n_fingerprints, first, last,
        max_articles, min_shared_fingerprints, _MIN_SHARE_OF_THRESHOLD * threshold, _MIN_SHARE_ALONE,
        _MIN_SHARE_OF_JACCARD * min_jaccard,
    )  # fmt: skip


def probe_crowds(crowds: Crowds, n: int) -> NDArray[np.int64]:
    """Propose the heads of crowds with a sample of each.

    Parameters
    ----------
    crowds : Crowds
        As `find_candidates` left them.
    n : int
        How many rows there are.

    Returns
    -------
    int64[n_pairs, 2]
        As in `Candidates`.
    """
    return sorted_pairs(kernels.probe_crowds(*crowds, _N_HEADS, _N_PROBES), n)


def open_crowds(
    crowds: Crowds, found: NDArray[np.int64], components: NDArray[np.int64]
) -> tuple[NDArray[np.int64], Crowds]:
    """Propose the heads of those crowds that match some of their sample, with all of their texts.

    Parameters
    ----------
    crowds : Crowds
        As `find_candidates` left them.
    found : int64[n_found, 2]
        The matches found so far, those of the samples among them; sorted.
    components : int64[n]
        The component of each row, by these.

    Returns
    -------
    pairs : int64[n_pairs, 2]
        As in `Candidates`.
    crowds : Crowds
        Those, for `link_crowds`.
    """
    n = len(components)
    keys = found[:, 0] * n + found[:, 1]
    pairs, offsets, rows = kernels.open_crowds(*crowds, keys, components, _N_HEADS, _N_PROBES, _MIN_PROBED)
    return sorted_pairs(pairs, n), Crowds(offsets, rows)


def link_crowds(crowds: Crowds, components: NDArray[np.int64]) -> tuple[NDArray[np.int64], Crowds]:
    """Propose more pairs of those crowds whose heads gathered many of their texts, but not all.

    Parameters
    ----------
    crowds : Crowds
        As `open_crowds` or the last step left them.
    components : int64[n]
        The component of each row, by the matches found so far.

    Returns
    -------
    pairs : int64[n_pairs, 2]
        As in `Candidates`; none: nothing more is to be gathered.
    crowds : Crowds
        For the next step.
    """
    pairs, offsets, rows = kernels.link_crowds(crowds.offsets, crowds.rows, components, _N_HEADS, _MIN_GATHERED)
    return sorted_pairs(pairs, len(components)), Crowds(offsets, rows)


def link_stragglers(crowds: Crowds, components: NDArray[np.int64]) -> NDArray[np.int64]:
    """Propose, last, the few texts of a crowd that no head gathered, each with a sample of those that were.

    Parameters
    ----------
    crowds : Crowds
        As `find_candidates` left them.
    components : int64[n]
        The component of each row, by all matches found so far.

    Returns
    -------
    int64[n_pairs, 2]
        As in `Candidates`.
    """
    pairs = kernels.link_stragglers(*crowds, components, _N_SAMPLE, _MIN_HELD)
    return sorted_pairs(pairs, len(components))


def are_candidates(
    pairs: NDArray[np.int64],
    sketches: Sketches,
    *,
    rows_per_band: int,
    min_shared_fingerprints: int,
    threshold: float,
    min_jaccard: float = 0.0,
    caution: float = 1.0,
) -> NDArray[np.bool_]:
    """Tell of each pair of rows whether either generator would propose it, were it not for crowds.

    Parameters
    ----------
    pairs : int64[n_pairs, 2]
        Rows.
    sketches, rows_per_band, min_shared_fingerprints, threshold, min_jaccard
        As for `find_candidates`.
    caution : float
        How many times the share of fingerprints that ``threshold`` asks for must be shared: more than 1 where losing a
        pair costs little.
    """
    offsets = sketches.fingerprint_offsets
    n_shared = count_shared(sketches.fingerprints, offsets, pairs)
    n_a, n_b = np.diff(offsets)[pairs.T]
    fewer = np.minimum(n_a, n_b)
    found: NDArray[np.bool_] = (
        (n_shared > 0)
        & (n_shared >= caution * _MIN_SHARE_OF_THRESHOLD * threshold * fewer)
        & ((n_shared >= min_shared_fingerprints) | (n_shared >= _MIN_SHARE_ALONE * fewer))
        & (n_shared >= _MIN_SHARE_OF_JACCARD * min_jaccard * (n_a + n_b - n_shared))
    )
    places = sketches.signature_of[pairs]
    left = np.flatnonzero(~found & (places >= 0).all(axis=1))
    for some in np.array_split(left, len(left) // _SIGNATURES_AT_ONCE + 1):
        a, b = sketches.signatures[places[some].T]
        found[some] = shared_bands(a, b, rows_per_band=rows_per_band).any(axis=1)
    return found


def lsh_probability(jaccard: float, *, num_perm: int, rows_per_band: int) -> float:
    """Probability that the bands see a pair of this jaccard.

    Examples
    --------
    >>> round(lsh_probability(0.5, num_perm=128, rows_per_band=3), 3)
    0.996
    """
    return float(1 - (1 - jaccard**rows_per_band) ** (num_perm // rows_per_band))


def widest_band(jaccard: float, *, num_perm: int, at_least: float = 0.999) -> int:
    """Give the most rows a band may have, so that a pair of this jaccard is seen with a probability of `at_least`.

    Wide bands propose fewer pairs that come to nothing. 1 where no width sees as many.

    Examples
    --------
    >>> widest_band(0.7, num_perm=128), widest_band(0.5, num_perm=128), widest_band(0.9, num_perm=128)
    (4, 2, 8)
    """
    wide_enough = [
        rows
        for rows in range(1, num_perm + 1)
        if lsh_probability(jaccard, num_perm=num_perm, rows_per_band=rows) >= at_least
    ]
    return max(wide_enough, default=1)


def n_shared_bands(a: NDArray[np.uint32], b: NDArray[np.uint32], *, rows_per_band: int) -> int:
    """Count the bands in which two signatures agree."""
    return int(shared_bands(a, b, rows_per_band=rows_per_band).sum())


def shared_bands(a: NDArray[np.uint32], b: NDArray[np.uint32], *, rows_per_band: int) -> NDArray[np.bool_]:
    """Tell of each band whether two signatures agree in it: bool[..., n_bands] of uint32[..., num_perm]."""
    n_bands = a.shape[-1] // rows_per_band
    agrees = (a == b)[..., : n_bands * rows_per_band].reshape(*a.shape[:-1], n_bands, rows_per_band)
    shared: NDArray[np.bool_] = agrees.all(axis=-1)
    return shared


def sorted_pairs(pairs: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """Sort pairs of n rows, the smaller row first, each pair once."""
    keys = pairs.min(axis=1) * n + pairs.max(axis=1) if len(pairs) else np.empty(0, dtype=np.int64)
    keys.sort()
    keys = keys[np.diff(keys, prepend=-1) != 0]
    return np.stack(np.divmod(keys, max(1, n)), axis=1)


_Postings = tuple[NDArray[np.int64], NDArray[np.int32]]


def _band_makers(sketches: Sketches, order: NDArray[np.int64], rows_per_band: int) -> Iterator[Callable[[], _Postings]]:
    """Give the pieces of work: a few bands each."""
    bits = _row_bits(sketches)
    n_bands = sketches.signatures.shape[1] // rows_per_band

    def of_bands(first: int) -> _Postings:
        last = min(first + _BANDS_AT_ONCE, n_bands)
        keys = kernels.band_keys(sketches.signatures, sketches.signature_of, order, rows_per_band, first, last, bits)
        return kernels.join([kernels.find_postings(kernels.sort_keys(of_band, 0), bits) for of_band in keys])

    for first in range(0, n_bands, _BANDS_AT_ONCE):
        yield partial(of_bands, first)


def _fingerprint_makers(
    sketches: Sketches, order: NDArray[np.int64], pool: ThreadPoolExecutor
) -> list[Callable[[], _Postings]]:
    """Give the pieces of work: each part of the fingerprints, whose keys are laid out first, slice of rows by slice."""
    values, offsets, bits = sketches.fingerprints, sketches.fingerprint_offsets, _row_bits(sketches)
    slices = list(pairwise(np.linspace(0, len(order), _SLICES + 1).astype(np.int64).tolist()))

    def count(bounds: tuple[int, int]) -> NDArray[np.int64]:
        return kernels.count_parts(values, offsets, order, *bounds, _PART_BITS)

    counts = np.stack(list(pool.map(count, slices)))
    ends = np.cumsum(counts.T).reshape(counts.T.shape)  # part by part, in each slice by slice
    keys = np.empty(len(values), dtype=np.uint64)

    def fill(bounds: tuple[int, int], starts: NDArray[np.int64]) -> None:
        kernels.fill_parts(values, offsets, order, *bounds, _PART_BITS, bits, starts, keys)

    list(pool.map(fill, slices, np.ascontiguousarray((ends - counts.T).T)))

    def of_part(start: int, end: int) -> _Postings:
        return kernels.find_postings(kernels.sort_keys(keys[start:end], _PART_BITS), bits)

    return [partial(of_part, start, end) for start, end in pairwise([0, *ends[:, -1].tolist()])]


def _row_bits(sketches: Sketches) -> int:
    return max(1, len(sketches).bit_length())


def _crowds(
    offsets: NDArray[np.int64], rows: NDArray[np.int32], order: NDArray[np.int64], *, max_articles: int
) -> Crowds:
    crowded = np.flatnonzero(np.diff(offsets) > max_articles)
    members = [order[rows[offsets[crowd] : offsets[crowd + 1]]] for crowd in crowded]
    sizes = np.array([0, *(len(member) for member in members)], dtype=np.int64)
    return Crowds(np.cumsum(sizes), np.concatenate([np.empty(0, dtype=np.int64), *members]))
