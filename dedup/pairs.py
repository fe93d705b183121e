"""Texts -> verified pairs, the quick way: sketch, propose, count exactly, see to crowds.

`find_pairs` is all of it for texts in memory; `pipeline` and the Spark engine use its parts. How candidates are made is
told in `candidates`, what each number buys in docs/engine.md.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple, TypeAlias, TypedDict

import numpy as np
from numpy.typing import NDArray

from dedup.candidates import (
    Candidates,
    are_candidates,
    find_candidates,
    link_crowds,
    link_stragglers,
    open_crowds,
    probe_crowds,
    widest_band,
)
from dedup.kernels.buffers import TextBuffer, Texts
from dedup.kernels.components import cut_batches, find_blocks, find_components
from dedup.kernels.lookups import number_values
from dedup.model import Sketches
from dedup.settings import Settings
from dedup.sketch import NO_LIMIT, Room, shingle_sets, sketch_texts
from dedup.verify import Overlaps, are_matches, join_overlaps, measure_pairs

_TEXTS_AT_ONCE = 20_000  # texts that are shingled again in one go: 0.1 GB a thread, of news
_CAUTION = 1.5  # where a sample is to tell what a crowd is: a footer makes many pairs that come to nothing
_FEW_TEXTS = 1_000  # not worth being split
_BATCHES = 4  # a thread, so that all end at about the same time
_BLOCK_TEXTS = 100  # texts whose pairs are verified together, so that few of them are shingled more than once
# Signing costs as much as all the rest of a sketch, and bands are needed for short texts only: of pairs of texts of
# more than 160 shingles with a containment of 0.5 and scattered edits, fingerprints (window 8) missed 0 of 3,400; of 80
# shingles 0.002, of 20 shingles 0.16. The more is asked for, the sparser they may be.
_LONGEST_SIGNED = 160  # shingles
_SPARSE_WINDOW = 24  # shingles: 0 of 8,000 near copies missed at jaccard 0.7
_SPARSE_FROM = 0.6  # jaccard
_SPARSE_EXCERPTS = 12  # shingles: .9996 of the excerpts that a window of 8 sees, in two thirds of the time
_SPARSE_EXCERPTS_FROM = 0.5  # containment


def available_cores() -> int:
    """Count the cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def find_pairs(
    texts: Texts, *, settings: Settings | None = None, excerpts: bool = True, n_threads: int | None = None
) -> Pairs:
    """Find the pairs of texts that share much, with exact numbers: the quick way, without articles and passages.

    Parameters
    ----------
    texts : list of str, pyarrow string array or chunked array
        Row i is the i-th text.
    settings : Settings, optional
        Every number; ``threshold`` is what must be reached.
    excerpts : bool
        True: pairs whose larger containment reaches the threshold. False: near copies only, whose jaccard reaches it.
        Either way fingerprints propose the pairs of long texts, and bands those of short ones.
    n_threads : int, optional
        Default: every core this process may use. The result does not depend on it.

    Returns
    -------
    Pairs

    Examples
    --------
    >>> text = "The council voted on Monday to rebuild the old bridge across the river by next spring."
    >>> find_pairs([text, "Rain is expected in the north.", text.upper()]).rows.tolist()
    [[0, 2]]
    """
    set_ = settings or Settings()
    n_threads = n_threads or available_cores()
    buffer = TextBuffer(texts)
    rules = quick_rules(set_, excerpts=excerpts)
    sketches = _sketch_quickly(buffer, set_, excerpts=excerpts, n_threads=n_threads)

    def measure_all(pairs: NDArray[np.int64]) -> Overlaps:
        return _measure_texts(pairs, buffer, sketches, shingle_words=set_.shingle_words, n_threads=n_threads)

    rows, overlaps, crowded = find_verified(
        find_candidates(sketches, **rules, max_articles=set_.max_articles_per_fingerprint, n_threads=n_threads),
        measure_all,
        sift_with(lambda pairs, caution: are_candidates(pairs, sketches, **rules, caution=caution), measure_all),
        len(buffer),
        is_found=lambda overlaps: are_found(overlaps, set_, excerpts=excerpts),
    )
    return Pairs(rows, overlaps.jaccard, overlaps.a_in_b, overlaps.b_in_a, crowded)


def _sketch_quickly(buffer: TextBuffer, settings: Settings, *, excerpts: bool, n_threads: int) -> Sketches:
    generators = _choose_generators(settings, excerpts=excerpts)
    return sketch_texts(
        buffer,
        shingle_words=settings.shingle_words,
        num_perm=settings.num_perm,
        seed=settings.seed,
        fingerprint_window=generators.window,
        longest_kept=generators.longest_kept,
        longest_signed=generators.longest_signed,
        n_threads=n_threads,
    )


def are_found(overlaps: Overlaps, settings: Settings, *, excerpts: bool) -> NDArray[np.bool_]:
    """Tell of each pair whether it is what `find_pairs` looks for."""
    if excerpts:
        return are_matches(overlaps, threshold=settings.threshold)
    return overlaps.jaccard >= settings.threshold


def quick_rules(settings: Settings, *, excerpts: bool) -> Rules:
    """Give what makes a pair a candidate of `find_pairs`."""
    generators = _choose_generators(settings, excerpts=excerpts)
    return rules_of(
        replace(settings, rows_per_band=generators.rows_per_band), min_jaccard=0.0 if excerpts else settings.threshold
    )


class TextPart:
    """Some texts, compared as `find_pairs` compares all of them: for an engine that spreads the work.

    Parameters
    ----------
    texts, settings, excerpts
        As for `find_pairs`.
    """

    def __init__(self, texts: Texts, settings: Settings, *, excerpts: bool) -> None:
        self._buffer, self._settings, self._excerpts = TextBuffer(texts), settings, excerpts

    @cached_property
    def compared(self) -> Sketches:
        """What is kept of the texts."""
        return _sketch_quickly(self._buffer, self._settings, excerpts=self._excerpts, n_threads=1)

    def are_candidates(self, pairs: NDArray[np.int64], caution: float) -> NDArray[np.bool_]:
        """Tell of pairs of rows whether they would be proposed, were it not for crowds."""
        rules = quick_rules(self._settings, excerpts=self._excerpts)
        return are_candidates(pairs, self.compared, **rules, caution=caution)

    def sift(self, pairs: NDArray[np.int64], caution: float) -> tuple[NDArray[np.bool_], Overlaps]:
        """Tell which pairs would be proposed, were it not for crowds, and count what those share."""
        return sift_with(self.are_candidates, self.measure)(pairs, caution)

    def measure(self, pairs: NDArray[np.int64]) -> Overlaps:
        """Count what pairs of rows share, exactly."""
        rows = np.arange(len(self._buffer))
        return measure_pairs(pairs, *shingle_sets(self._buffer, rows, shingle_words=self._settings.shingle_words))


@dataclass(frozen=True, slots=True)
class Pairs:
    """Verified pairs of rows, as columns.

    Parameters
    ----------
    rows : int64[n, 2]
        The smaller row first; sorted, each pair once.
    jaccard, a_in_b, b_in_a : float64[n]
        As in `Match`; exact.
    crowded : Mapping[str, int]
        Counts of what was not compared pair by pair, because too many texts share it: ``buckets``, and the ``articles``
        that stand in one of them at least. Of those, the pairs that hold their cluster together are here.
    """

    rows: NDArray[np.int64]
    jaccard: NDArray[np.float64]
    a_in_b: NDArray[np.float64]
    b_in_a: NDArray[np.float64]
    crowded: Mapping[str, int]


class Verified(NamedTuple):
    """Pairs that hold, their numbers, and what was crowded."""

    pairs: NDArray[np.int64]
    overlaps: Overlaps
    crowded: dict[str, int]


class _Generators(NamedTuple):
    """The cheapest generators that see all that is asked for."""

    rows_per_band: int
    window: int  # of fingerprints, in shingles; 0: none
    longest_signed: int  # shingles

    @property
    def longest_kept(self) -> int:
        """Shingles are kept of short texts, which bands propose by the dozen; where all are signed, of none."""
        return 0 if self.longest_signed == NO_LIMIT else self.longest_signed


def _choose_generators(settings: Settings, *, excerpts: bool) -> _Generators:
    window, threshold = settings.fingerprint_window, settings.threshold
    if excerpts:
        sparse = _SPARSE_EXCERPTS if threshold >= _SPARSE_EXCERPTS_FROM else 0
        return _Generators(settings.rows_per_band, max(window, sparse), _LONGEST_SIGNED)
    rows = max(settings.rows_per_band, widest_band(threshold, num_perm=settings.num_perm))
    if threshold < _SPARSE_FROM:
        return _Generators(rows, 0, NO_LIMIT)
    return _Generators(rows, max(window, _SPARSE_WINDOW), _LONGEST_SIGNED)


class Rules(TypedDict):
    """What makes a pair a candidate."""

    rows_per_band: int
    min_shared_fingerprints: int
    threshold: float
    min_jaccard: float


def rules_of(settings: Settings, *, min_jaccard: float = 0.0) -> Rules:
    """Give what makes a pair a candidate, by these settings."""
    return {
        "rows_per_band": settings.rows_per_band,
        "min_shared_fingerprints": settings.min_shared_fingerprints,
        "threshold": settings.threshold,
        "min_jaccard": min_jaccard,
    }


Sift: TypeAlias = Callable[[NDArray[np.int64], float], tuple[NDArray[np.bool_], Overlaps]]


def sift_with(
    are_likely: Callable[[NDArray[np.int64], float], NDArray[np.bool_]],
    measure_all: Callable[[NDArray[np.int64]], Overlaps],
) -> Sift:
    """Make one step of two: tell which pairs would be proposed, were it not for crowds, and measure those."""

    def sift(pairs: NDArray[np.int64], caution: float) -> tuple[NDArray[np.bool_], Overlaps]:
        is_likely = are_likely(pairs, caution)
        return is_likely, measure_all(pairs[is_likely])

    return sift


def find_verified(
    candidates: Candidates,
    measure_all: Callable[[NDArray[np.int64]], Overlaps],
    sift: Sift,
    n: int,
    *,
    is_found: Callable[[Overlaps], NDArray[np.bool_]],
    components: Callable[[int, NDArray[np.int64]], NDArray[np.int64]] = find_components,
) -> Verified:
    """Verify the candidates, then what crowds still have to propose, until nothing is gathered any more."""
    pairs, crowds = candidates
    overlaps = measure_all(pairs)
    is_kept = is_found(overlaps)
    found, numbers = pairs[is_kept], overlaps.keep(is_kept)

    def add(more: NDArray[np.int64], *, caution: float = 1.0) -> tuple[NDArray[np.int64], Overlaps]:
        is_likely, overlaps = sift(more, caution)
        more, is_kept = more[is_likely], is_found(overlaps)
        return merge_pairs(found, numbers, more[is_kept], overlaps.keep(is_kept), n)

    if len(crowds.rows):
        found, numbers = add(probe_crowds(crowds, n), caution=_CAUTION)
        more, crowds = open_crowds(crowds, found, components(n, found))
        found, numbers = add(more)
    while len(crowds.rows):
        more, crowds = link_crowds(crowds, components(n, found))
        found, numbers = add(more)
    if len(candidates.crowds.rows):
        found, numbers = add(link_stragglers(candidates.crowds, components(n, found)))
    return Verified(found, numbers, candidates.crowded)


def leave_out(pairs: NDArray[np.int64], known: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """Give the pairs that are not among others."""
    return pairs[~np.isin(pairs[:, 0] * n + pairs[:, 1], known[:, 0] * n + known[:, 1])]


def merge_pairs(
    pairs: NDArray[np.int64], overlaps: Overlaps, more: NDArray[np.int64], of_more: Overlaps, n: int
) -> tuple[NDArray[np.int64], Overlaps]:
    """Put two lists of verified pairs into one, sorted, each pair once."""
    joined = np.concatenate([pairs, more])
    _, first = np.unique(joined[:, 0] * n + joined[:, 1], return_index=True)
    return joined[first], join_overlaps([overlaps, of_more]).keep(first)


def order_by_block(pairs: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Order pairs so that texts that belong together are read together.

    Blocks grow from texts that have few partners for their length: copies of one article have as many as there are
    copies, a text that is compared with half the corpus would glue strangers together. Of two texts in two blocks, the
    one with more partners for its length is read again, in the block of the other: it serves most and costs least.

    Parameters
    ----------
    pairs : int64[n_pairs, 2]
        Rows.
    lengths : int64[n]
        Of the texts, in characters or bytes.
    """
    n_partners = np.bincount(pairs.reshape(-1), minlength=len(lengths))
    eagerness = np.minimum((n_partners << 16) // np.maximum(lengths, 1), 2**16 - 1).astype(np.uint16)
    of_pair = eagerness[pairs]
    blocks = find_blocks(len(lengths), pairs[np.argsort(of_pair.max(axis=1), kind="stable")], _BLOCK_TEXTS)
    is_turned = of_pair[:, 0] > of_pair[:, 1]
    a, b = blocks[pairs].T
    order: NDArray[np.int64] = np.lexsort((np.where(is_turned, a, b), np.where(is_turned, b, a)))
    return order


def _measure_texts(
    pairs: NDArray[np.int64], texts: TextBuffer, sketches: Sketches, *, shingle_words: int, n_threads: int
) -> Overlaps:
    """Measure pairs of texts by their shingles, where both texts' are kept; those of others are made again."""
    is_kept = (np.diff(sketches.offsets) > 0)[pairs].all(axis=1)
    kept, others = np.flatnonzero(is_kept), np.flatnonzero(~is_kept)
    parts = [
        measure_pairs(pairs[kept], sketches.shingles, sketches.offsets, n_threads=n_threads),
        _measure_again(pairs[others], texts, shingle_words=shingle_words, n_threads=n_threads),
    ]
    return _put_back(parts, [kept, others])


def _measure_again(pairs: NDArray[np.int64], texts: TextBuffer, *, shingle_words: int, n_threads: int) -> Overlaps:
    """Measure pairs of texts whose shingles are not kept: they are made again, for some texts at a time."""
    order = order_by_block(pairs, texts.lengths)
    n_texts = int(np.count_nonzero(np.bincount(pairs.reshape(-1))))
    most_texts = max(_FEW_TEXTS, min(_TEXTS_AT_ONCE, n_texts // (_BATCHES * n_threads)))
    bounds = cut_batches(len(texts), pairs[order], most_texts)
    rooms = threading.local()  # one for each thread, used again and again: fresh memory is slow

    def of_batch(batch: NDArray[np.int64]) -> Overlaps:
        places, rows = number_values(pairs[batch].reshape(-1).view(np.uint64))  # rows in the order of the pairs
        if not hasattr(rooms, "shingles"):
            rooms.shingles = Room()
        sets = shingle_sets(texts, rows.view(np.int64), shingle_words=shingle_words, room=rooms.shingles)
        return measure_pairs(places.reshape(-1, 2), *sets)

    batches = np.split(order, bounds[1:-1])
    with ThreadPoolExecutor(n_threads) as pool:
        return _put_back(list(pool.map(of_batch, batches)), batches)


def _put_back(parts: Sequence[Overlaps], places: Sequence[NDArray[np.int64]]) -> Overlaps:
    """Put the numbers of parts of some pairs where the pairs stand."""
    order = np.concatenate(places)
    back = np.empty(len(order), dtype=np.int64)
    back[order] = np.arange(len(order))
    return join_overlaps(parts).keep(back)
