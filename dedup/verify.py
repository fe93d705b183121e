"""Candidate pairs -> Matches: exact numbers, and the shared passages as evidence.

Theory of operation
-------------------
A pair is a match if the shorter text lies in the other to at least ``threshold``: containment, counted exactly on the
two sets of shingles. Jaccard is never larger than containment, so the one threshold covers near copies and excerpts:

- ``exact``: the same words in the same order;
- ``near``: jaccard at or above the threshold;
- ``excerpt``: only containment is.

Where containment stays below the threshold, a match may still be told by a passage (``excerpt``) or by what survives
rewriting (``rewritten``): see `derived`.

Passages are maximal stretches that two texts share, in any order, small edits inside: from three equal words in a row
both texts are followed to the left and to the right, over changed, dropped and added words (at most
``passage_gap_words`` at a time, and no more of them than equal words pay for); `kernels.passages` tells how. A passage
of fewer than ``passage_words`` equal words is dropped.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedup.kernels import passages
from dedup.kernels.overlaps import count_shared
from dedup.model import MarkedWords, Match, MatchKind, Passage

_SEED_WORDS = 3  # equal words in a row that a passage starts from: of edited text a third of the places have them
_MAX_DROP = 8  # of the score: what four equal words pay for. Strangers agree in a word here and there, never for long
_MAX_PLACES = 16  # places of one seed in b that are tried: "ha ha ha ..." must not become quadratic


class Overlap(NamedTuple):
    """How much two texts share, counted on their shingle sets."""

    n_shared: int
    jaccard: float
    a_in_b: float
    b_in_a: float


class Overlaps(NamedTuple):
    """`Overlap` of many pairs, as columns."""

    n_shared: NDArray[np.int64]
    jaccard: NDArray[np.float64]
    a_in_b: NDArray[np.float64]
    b_in_a: NDArray[np.float64]

    def keep(self, is_kept: NDArray[np.bool_] | NDArray[np.int64]) -> Overlaps:
        """Give those of some pairs."""
        return Overlaps(self.n_shared[is_kept], self.jaccard[is_kept], self.a_in_b[is_kept], self.b_in_a[is_kept])


def put_in_order(parts: Sequence[tuple[NDArray[np.int64], Overlaps]]) -> Overlaps:
    """Put overlaps in the order of the numbers of their pairs, which come with each part."""
    if not parts:
        nothing = np.empty(0)
        return Overlaps(nothing.astype(np.int64), nothing, nothing, nothing)
    back = np.argsort(np.concatenate([numbers for numbers, _ in parts]))
    return join_overlaps([overlaps for _, overlaps in parts]).keep(back)


def join_overlaps(parts: Sequence[Overlaps]) -> Overlaps:
    """Put overlaps one after another."""
    return Overlaps(
        np.concatenate([part.n_shared for part in parts]),
        np.concatenate([part.jaccard for part in parts]),
        np.concatenate([part.a_in_b for part in parts]),
        np.concatenate([part.b_in_a for part in parts]),
    )


def measure_pairs(
    pairs: NDArray[np.int64], shingles: NDArray[np.uint64], offsets: NDArray[np.int64], *, n_threads: int = 1
) -> Overlaps:
    """Count what pairs of rows share, exactly.

    Parameters
    ----------
    pairs : int64[n_pairs, 2]
        Rows.
    shingles, offsets
        Of all rows, as in `Sketches`.
    n_threads : int
        At least 1. The result does not depend on it.
    """
    parts = np.array_split(pairs, max(1, min(8 * n_threads, len(pairs) // 1000)))
    with ThreadPoolExecutor(n_threads) as pool:
        counted = list(pool.map(lambda part: count_shared(shingles, offsets, part), parts))
    n_shared = np.concatenate(counted)
    sizes = np.diff(offsets)
    n_a, n_b = sizes[pairs[:, 0]], sizes[pairs[:, 1]]
    return Overlaps(
        n_shared,
        n_shared / np.maximum(1, n_a + n_b - n_shared),
        n_shared / np.maximum(1, n_a),
        n_shared / np.maximum(1, n_b),
    )


def are_matches(overlaps: Overlaps, *, threshold: float) -> NDArray[np.bool_]:
    """Tell of each pair whether its shorter text lies in the other to at least `threshold`."""
    found: NDArray[np.bool_] = np.maximum(overlaps.a_in_b, overlaps.b_in_a) >= threshold
    return found


def to_matches(
    pairs: NDArray[np.int64],
    overlaps: Overlaps,
    kinds: Sequence[MatchKind],
    probabilities: NDArray[np.float64],
    passages_of: Sequence[tuple[Passage, ...]],
    ids: Sequence[str],
    sources: Sequence[str],
) -> list[Match]:
    """Put verified pairs and their evidence into matches.

    Parameters
    ----------
    pairs : int64[n_pairs, 2]
        Rows, the smaller first.
    overlaps, kinds, probabilities, passages_of
        Of each pair.
    ids, sources : sequence of str
        Article id and source of each row; ids ascending.
    """
    columns = zip(
        pairs.tolist(), kinds, overlaps.jaccard.tolist(), overlaps.a_in_b.tolist(), overlaps.b_in_a.tolist(),
        passages_of, probabilities.tolist(), strict=True,
    )  # fmt: skip
    return [
        Match(
            a=ids[i],
            b=ids[j],
            kind=kind,
            jaccard=jaccard,
            a_in_b=a_in_b,
            b_in_a=b_in_a,
            passages=found,
            relation="revision" if is_revision(sources[i], sources[j]) else "copy",
            probability=probability,
        )
        for (i, j), kind, jaccard, a_in_b, b_in_a, found, probability in columns
    ]


def is_revision(source_a: str, source_b: str) -> bool:
    """Tell whether two articles are versions of one source's article; an unknown source is nobody's."""
    return source_a == source_b != ""


def measure(a: NDArray[np.uint64], b: NDArray[np.uint64]) -> Overlap:
    """Count what two shingle sets share.

    Parameters
    ----------
    a, b : uint64[n], uint64[m]
        Sorted, distinct.

    Examples
    --------
    >>> measure(np.array([1, 2, 3, 4], dtype=np.uint64), np.array([3, 4], dtype=np.uint64))
    Overlap(n_shared=2, jaccard=0.5, a_in_b=0.5, b_in_a=1.0)
    """
    offsets = np.array([0, len(a), len(a) + len(b)], dtype=np.int64)
    overlaps = measure_pairs(np.array([[0, 1]], dtype=np.int64), np.concatenate([a, b]), offsets)
    n_shared, jaccard, a_in_b, b_in_a = (column[0].item() for column in overlaps)
    return Overlap(n_shared, jaccard, a_in_b, b_in_a)


def kind_of(jaccard: float, *, is_same: bool, threshold: float) -> MatchKind:
    """Name the kind of a match that containment decides."""
    if is_same:
        return "exact"
    return "near" if jaccard >= threshold else "excerpt"


def find_runs(
    marked: MarkedWords, pairs: NDArray[np.int64], *, passage_words: int, passage_gap_words: int
) -> NDArray[np.int64]:
    """Find the passages of pairs of texts, in words.

    Parameters
    ----------
    marked : MarkedWords
        Of all texts; masked words are in no passage, but as an edit.
    pairs : int64[n_pairs, 2]
        Texts.
    passage_words : int
        Equal words of the shortest passage.
    passage_gap_words : int
        Longest edit inside a passage.

    Returns
    -------
    int64[n_passages, 6]
        Number of the pair, start and end in a, start and end in b (words, half open), how many of them are equal.
        Sorted by pair, then by place in a.
    """
    return passages.find_passages(
        marked.hashes, marked.is_masked, marked.offsets, pairs,
        _SEED_WORDS, passage_gap_words, _MAX_DROP, passage_words, _MAX_PLACES,
    )  # fmt: skip


def to_passages(runs: NDArray[np.int64], marked: MarkedWords, pairs: NDArray[np.int64]) -> list[tuple[Passage, ...]]:
    """Give the passages of each pair as characters of the two original texts, sorted by place in a."""
    first_a, first_b = marked.offsets[pairs[runs[:, 0]]].T
    places = np.stack(
        [
            marked.starts[first_a + runs[:, 1]],
            marked.ends[first_a + runs[:, 2] - 1],
            marked.starts[first_b + runs[:, 3]],
            marked.ends[first_b + runs[:, 4] - 1],
        ],
        axis=1,
    )
    found = [Passage(*place) for place in places.tolist()]
    bounds = np.searchsorted(runs[:, 0], np.arange(len(pairs) + 1)).tolist()
    return [tuple(found[start:end]) for start, end in pairwise(bounds)]


def are_same(marked: MarkedWords, pairs: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell of each pair whether both texts have the same words in the same order."""
    hashes, offsets = marked.hashes, marked.offsets
    sizes = np.diff(offsets)
    found: NDArray[np.bool_] = sizes[pairs[:, 0]] == sizes[pairs[:, 1]]
    for number in np.flatnonzero(found).tolist():
        (a, b), n = offsets[pairs[number]].tolist(), int(sizes[pairs[number, 0]])
        found[number] = np.array_equal(hashes[a : a + n], hashes[b : b + n])
    return found
