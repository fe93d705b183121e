"""Candidate pairs -> Matches: exact numbers, and the shared passages as evidence.

Theory of operation
-------------------
A pair is a match if the shorter text lies in the other to at least ``threshold``: containment, counted exactly on the
two sets of shingles. Jaccard is never larger than containment, so the one threshold covers near copies and excerpts:

- ``exact``: the same words in the same order;
- ``near``: jaccard at or above the threshold;
- ``excerpt``: only containment is.

Passages are found on the words in reading order: from each shared shingle the longest common run is followed in both
texts; runs that follow each other in both texts with at most ``passage_gap_words`` between them are one passage (an
edited word does not break it); passages shorter than ``passage_words`` are dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedup.kernels import passages
from dedup.kernels.overlaps import count_shared
from dedup.model import Match, MatchKind, Passage, Words

_MAX_PLACES = 16  # places of one shingle in b that are tried: "ha ha ha ..." must not become quadratic


class Overlap(NamedTuple):
    """How much two texts share, counted on their shingle sets."""

    n_shared: int
    jaccard: float
    a_in_b: float
    b_in_a: float


class Run(NamedTuple):
    """Words that two texts share in a row: the place in each, and how many words of each."""

    a_start: int
    a_end: int
    b_start: int
    b_end: int


class Overlaps(NamedTuple):
    """`Overlap` of many pairs, as columns."""

    n_shared: NDArray[np.int64]
    jaccard: NDArray[np.float64]
    a_in_b: NDArray[np.float64]
    b_in_a: NDArray[np.float64]

    def keep(self, is_kept: NDArray[np.bool_] | NDArray[np.int64]) -> Overlaps:
        """Give those of some pairs."""
        return Overlaps(self.n_shared[is_kept], self.jaccard[is_kept], self.a_in_b[is_kept], self.b_in_a[is_kept])


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


def explain(
    pairs: NDArray[np.int64],
    overlaps: Overlaps,
    ids: Sequence[str],
    sources: Sequence[str],
    words_of: Callable[[int], Words],
    *,
    threshold: float,
    shingle_words: int,
    passage_words: int,
    passage_gap_words: int,
) -> Iterator[Match]:
    """Turn verified pairs into matches, with the shared passages as evidence.

    Parameters
    ----------
    pairs : int64[n_pairs, 2]
        Rows of pairs that `are_matches`, the smaller first.
    overlaps : Overlaps
        Theirs.
    ids, sources : sequence of str
        Article id and source of each row; ids ascending.
    words_of : callable
        Row -> its words.
    threshold : float
        Share of the shorter text, in (0, 1].
    shingle_words, passage_words, passage_gap_words : int
        In words.

    Yields
    ------
    Match
        In the order of `pairs`.
    """
    columns = zip(*(column.tolist() for column in overlaps), strict=True)
    for (i, j), numbers in zip(pairs.tolist(), columns, strict=True):
        overlap = Overlap(*numbers)
        a, b = words_of(i), words_of(j)
        yield Match(
            a=ids[i],
            b=ids[j],
            kind=kind_of(overlap, is_same=np.array_equal(a.hashes, b.hashes), threshold=threshold),
            jaccard=overlap.jaccard,
            a_in_b=overlap.a_in_b,
            b_in_a=overlap.b_in_a,
            passages=find_passages(
                a, b, shingle_words=shingle_words, passage_words=passage_words, passage_gap_words=passage_gap_words
            ),
            relation="revision" if is_revision(sources[i], sources[j]) else "copy",
        )


def is_match(overlap: Overlap, *, threshold: float) -> bool:
    """Tell whether the shorter of two texts lies in the other to at least `threshold`."""
    return max(overlap.a_in_b, overlap.b_in_a) >= threshold


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


def kind_of(overlap: Overlap, *, is_same: bool, threshold: float) -> MatchKind:
    """Name the kind of a match."""
    if is_same:
        return "exact"
    return "near" if overlap.jaccard >= threshold else "excerpt"


def find_passages(
    a: Words, b: Words, *, shingle_words: int, passage_words: int, passage_gap_words: int
) -> tuple[Passage, ...]:
    """Find the text that two articles share, as characters of both originals.

    Parameters
    ----------
    a, b : Words
        Words of the two texts.
    shingle_words : int
        Words in a row that start a passage.
    passage_words : int
        Shortest passage.
    passage_gap_words : int
        Longest edit inside a passage.

    Returns
    -------
    tuple of Passage
        Sorted by place in `a`.
    """
    runs = join_runs(shared_runs(a.hashes, b.hashes, shingle_words=shingle_words), max_gap=passage_gap_words)
    return tuple(
        to_passage(run, a, b) for run in runs if min(run.a_end - run.a_start, run.b_end - run.b_start) >= passage_words
    )


def shared_runs(a: NDArray[np.uint64], b: NDArray[np.uint64], *, shingle_words: int) -> list[Run]:
    """Find the runs of at least `shingle_words` equal words, walking through `a` from left to right.

    Where a shingle stands in several places of `b`, the longest run wins, then the leftmost; places behind the last run
    come first, and of them the first 16 are tried.

    Returns
    -------
    list of Run
        Sorted by place in `a`, not overlapping there.
    """
    return [Run(*run) for run in passages.shared_runs(a, b, shingle_words, _MAX_PLACES).tolist()]


def join_runs(runs: Sequence[Run], *, max_gap: int) -> list[Run]:
    """Join runs that follow each other in both texts with at most `max_gap` words between them in either."""
    joined: list[Run] = []
    for run in runs:
        last = joined[-1] if joined else None
        if last and 0 <= run.a_start - last.a_end <= max_gap and 0 <= run.b_start - last.b_end <= max_gap:
            joined[-1] = Run(last.a_start, run.a_end, last.b_start, run.b_end)
        else:
            joined.append(run)
    return joined


def to_passage(run: Run, a: Words, b: Words) -> Passage:
    """Give a run of words as characters of the two original texts."""
    return Passage(
        int(a.starts[run.a_start]),
        int(a.ends[run.a_end - 1]),
        int(b.starts[run.b_start]),
        int(b.ends[run.b_end - 1]),
    )
